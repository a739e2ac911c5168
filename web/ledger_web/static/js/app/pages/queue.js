/** What was signed here: what waits and for what, what was accepted with which receipt, what was refused and why. */
import { $, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { pending, stuck } from '../order.js';
import { inOrder, looked } from '../outbox.js';
import { outcomeOf } from '../outcome.js';
import { send } from '../sending.js';
import { _, code, moment } from '../words.js';

async function refresh() {
  const items = await inOrder();
  const waiting = items.filter(pending).length;
  const failing = items.filter(stuck).length;
  show($('#summary'), items.length === 0
    ? _('Nothing was signed on this phone yet.')
    : waiting ? _('{waiting} of {all} wait to be sent.', { waiting, all: items.length }) : _('Nothing waits: the server has answered everything.'),
  failing ? [' ', _('On {count} of them the server fails.', { count: failing })].join('') : null);
  $('#send').hidden = waiting === 0;
  show($('#items'), [...items].reverse().map((item) => one(item, items)));
}

function one(item, items) {
  const [[, title], ...rest] = item.about;
  return h('li', { class: 'card', 'data-id': item.id },
    h('h2', {}, title ?? code('kind', item.kind)),
    h('p', { class: 'quiet' }, _('Signed {time}', { time: moment(item.signedAt) })),
    outcomeOf(item, items),
    h('details', {}, h('summary', {}, _('What was signed')), pairs(rest)));
}

$('#send').addEventListener('click', async () => {
  $('#send').disabled = true;
  show($('#result'));
  try {
    const { error } = await send();
    if (error) showError($('#result'), error);
  } catch (error) {
    showError($('#result'), error);
  } finally {
    $('#send').disabled = false;
  }
});

const failed = (error) => showError($('#result'), error);
addEventListener('custody:outbox', () => refresh().catch(failed));
try {
  await refresh();
  for (const item of await inOrder()) if (item.state === 'refused' && !item.looked) await looked(item.id);
} catch (error) {
  failed(error);
}
