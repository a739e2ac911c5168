/** What was signed here: what waits, what was accepted with which receipt, what was refused and why. */
import { $, h, pairs, show } from '../dom.js';
import { showError } from '../forms.js';
import { list, looked, send } from '../outbox.js';
import { outcomeOf } from '../outcome.js';
import { _, code, moment } from '../words.js';

async function refresh() {
  const items = await list();
  const waiting = items.filter((item) => ['waiting', 'cosign'].includes(item.state)).length;
  show($('#summary'), items.length === 0
    ? _('Nothing was signed on this phone yet.')
    : waiting ? _('{waiting} of {all} wait to be sent.', { waiting, all: items.length }) : _('Nothing waits: the server has answered everything.'));
  $('#send').hidden = waiting === 0;
  show($('#items'), items.map(one));
}

function one(item) {
  const [[, title], ...rest] = item.about;
  return h('li', { class: 'card', 'data-id': item.id },
    h('h2', {}, title ?? code('kind', item.kind)),
    h('p', { class: 'quiet' }, _('Signed {time}', { time: moment(item.signedAt) })),
    outcomeOf(item),
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

addEventListener('custody:outbox', refresh);
await refresh().catch((error) => showError($('#result'), error));
for (const item of await list()) if (item.state === 'refused' && !item.looked) await looked(item.id);
