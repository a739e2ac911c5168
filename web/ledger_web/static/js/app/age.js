/**
 * How old what a page shows is, and from which entry of the ledger.
 *
 *     const data = await load('/api/mine')       // asked, kept, and said in #age; errors in #result
 */
import { ask } from './api.js';
import { $, h, show } from './dom.js';
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
      const values = { size: data.as_of, when: ago(fetchedAt) };
      show(place, wordsFor(offline, values));
    }
    return data;
  } catch (error) {
    showError(result, error);
    return null;
  }
}

/** The same of a list that comes a page at a time: the page that the address names. */
export async function loadPage(path) {
  const before = new URL(location.href).searchParams.get('before');
  return load(`${path}${before ? `?before=${encodeURIComponent(before)}` : ''}`);
}

/** The way to the next page of such a list, `null` after the last. */
export const older = ({ next }) => (next === null ? null : h('li', {}, h('a', { class: 'button plain', href: `?before=${next}` }, _('Older ones'))));

/** Some answers are lists that do not say as of which entry they are. */
function wordsFor(offline, values) {
  if (values.size === undefined) return offline ? _('No connection: asked {when}', values) : _('Asked {when}', values);
  return offline ? _('No connection: as of entry {size}, {when}', values) : _('As of entry {size}, {when}', values);
}
