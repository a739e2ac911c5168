/**
 * How old what a page shows is, and from which entry of the ledger.
 *
 *     const data = await load('/api/mine')       // asked, kept, and said in #age; errors in #result
 */
import { ask } from './api.js';
import { $, show } from './dom.js';
import { showError } from './forms.js';
import { _, ago } from './words.js';

/** What the server says or said last, with its age shown; `null` when there is nothing, which is said too. */
export async function load(path, { result = $('#result') } = {}) {
  try {
    const { data, fetchedAt, offline } = await ask(path);
    const place = $('#age');
    if (place) {
      place.hidden = false;
      place.classList.toggle('old', offline);
      const values = { size: data.as_of ?? '', when: ago(fetchedAt) };
      show(place, offline ? _('No connection: as of entry {size}, {when}', values) : _('As of entry {size}, {when}', values));
    }
    return data;
  } catch (error) {
    showError(result, error);
    return null;
  }
}
