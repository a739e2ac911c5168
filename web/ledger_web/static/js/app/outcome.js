/**
 * What became of a signed statement: waits, accepted with its receipt, or refused with the reason.
 *
 *     watch(place, id)                          // changes as it happens
 *     show(place, outcomeOf(item, items))       // `items`: all that wait, to say what it waits for
 */
import { h, show } from './dom.js';
import { heldBackBy, stuck } from './order.js';
import { inOrder } from './outbox.js';
import { canSignAgain, signAgain } from './statements.js';
import { _, moment } from './words.js';

/** Keep a place in step with one statement. */
export function watch(place, id) {
  let last = '';
  const refresh = async () => {
    const items = await inOrder();
    const item = items.find((one) => one.id === id);
    if (item === undefined || !place.isConnected) return;
    const now = JSON.stringify([item.state, item.answeredAt, item.handedInAt, item.provedIn, item.tries, item.replacedBy, heldBackBy(item, items)?.id]);
    if (now !== last) show(place, outcomeOf(item, items));
    last = now;
  };
  addEventListener('custody:outbox', refresh);
  addEventListener('custody:trouble', refresh);
  refresh();
}

/** One statement's fate in words. Nothing is called accepted without its receipt. */
export function outcomeOf(item, items = []) {
  if (item.state === 'accepted') return accepted(item);
  if (item.state === 'refused') return refused(item);
  if (stuck(item)) return stuckNotice(item);
  const before = heldBackBy(item, items);
  const why = before ? h('p', { 'data-behind': before.id }, _('It rests on “{title}” of {time} and is sent after that.', { title: before.about[0][1], time: moment(before.signedAt) }))
    : item.tries ? h('p', {}, _('Last try: {reason}', { reason: reasonOf(item) })) : null;
  if (item.state === 'cosign') {
    return h('div', { class: 'notice wait', 'data-state': 'cosign' },
      h('strong', {}, _('Signed, waiting for the second officer')),
      h('p', {}, item.handedInAt ? _('The other officer opens “Sign together” on another phone.')
        : _('It is handed in when there is a connection; then the other officer signs it on another phone.')),
      h('p', {}, h('a', { href: `/cosign#${item.id}` }, _('Another officer signs on this phone'))), why);
  }
  return h('div', { class: 'notice wait', 'data-state': 'waiting' },
    h('strong', {}, _('Signed, waiting to be sent')), why,
    h('p', {}, _('It is kept on this phone and goes out by itself when there is a connection. Do not clear the browser’s data before.')));
}

function accepted(item) {
  return h('div', { class: 'notice good', 'data-state': 'accepted' },
    h('strong', {}, _('Accepted: entry {index} of the ledger', { index: item.receipt.index })),
    h('p', {}, _('Recorded {time}', { time: moment(item.receipt.recorded_at) })),
    item.provedIn ? h('p', { 'data-proved': item.provedIn }, _('Checked on this phone: it stands in the ledger of {size} entries.', { size: item.provedIn }))
      : item.provedIn === undefined ? h('p', { class: 'quiet' }, _('By the server’s word: this phone has not seen the proof yet.')) : null,
    item.photosLost ? h('p', {}, _('{count} photos are missing: they were gone from this phone, or the server did not take them.', { count: item.photosLost })) : null);
}

function refused(item) {
  const { problems = [] } = item.problem;
  return h('div', { class: 'notice bad', 'data-state': 'refused' },
    h('strong', {}, _('Refused: it is not in the ledger')),
    h('p', {}, reasonOf(item)),
    problems.length ? h('ul', {}, problems.map((one) => h('li', {}, one.detail))) : null,
    item.ahead > 0 ? h('p', {}, _('This phone’s clock was {minutes} minutes ahead of the server’s. Let the phone set its time by itself.', { minutes: Math.round(item.ahead / 60_000) })) : null,
    item.replacedBy ? h('p', {}, _('It was signed again.'))
      : canSignAgain(item) ? h('button', { type: 'button', class: 'primary', 'data-again': item.id, onclick: () => again(item) }, _('Sign again with the time put right'))
        : h('p', {}, _('Correct what is said above and sign again.')));
}

const again = (item) => signAgain(item).catch((error) => dispatchEvent(new CustomEvent('custody:trouble', { detail: error })));

/** The server fails on this one, and nobody has judged it. */
function stuckNotice(item) {
  return h('div', { class: 'notice bad', 'data-state': item.state, 'data-stuck': item.tries },
    h('strong', {}, _('Signed, but the server could not take it in: {tries} tries', { tries: item.tries })),
    h('p', {}, reasonOf(item)),
    h('p', {}, _('It stays on this phone and is tried again and again. What does not rest on it is sent before it. Show this to whoever runs the server.')),
    h('button', { type: 'button', class: 'plain', onclick: () => saveSigned(item) }, _('Save the signed record')));
}

const reasonOf = ({ problem: { title, detail } }) => [title, detail].filter(Boolean).join('：');

/** As `custody submit` takes it in, should this phone never get through. */
async function saveSigned({ id, envelope }) {
  const { saveAs } = await import('./files.js');
  saveAs(new Blob([envelope], { type: 'application/json' }), `${id}.dsse`);
}
