/**
 * What became of a signed statement: waits, accepted with its receipt, or refused with the reason.
 *
 *     watch(place, id)               // changes as it happens
 *     show(place, outcomeOf(item))
 */
import { h, show } from './dom.js';
import { find } from './outbox.js';
import { _, moment } from './words.js';

/** Keep a place in step with one statement. */
export function watch(place, id) {
  let last = '';
  const refresh = async () => {
    const item = await find(id);
    if (item === null || !place.isConnected) return;
    const now = JSON.stringify([item.state, item.answeredAt, item.handedInAt, item.provedIn]);
    if (now !== last) show(place, outcomeOf(item));
    last = now;
  };
  addEventListener('custody:outbox', refresh);
  addEventListener('custody:trouble', refresh);
  refresh();
}

/** One statement's fate in words. Nothing is called accepted without its receipt. */
export function outcomeOf(item) {
  const photosLost = item.photosLost ? h('p', {}, _('{count} photos are missing: they were gone from this phone, or the server did not take them.', { count: item.photosLost })) : null;
  if (item.state === 'accepted') {
    return h('div', { class: 'notice good', 'data-state': 'accepted' },
      h('strong', {}, _('Accepted: entry {index} of the ledger', { index: item.receipt.index })),
      h('p', {}, _('Recorded {time}', { time: moment(item.receipt.recorded_at) })),
      item.provedIn ? h('p', { 'data-proved': item.provedIn }, _('Checked on this phone: it stands in the ledger of {size} entries.', { size: item.provedIn }))
        : item.provedIn === undefined ? h('p', { class: 'quiet' }, _('By the server’s word: this phone has not seen the proof yet.')) : null,
      photosLost);
  }
  if (item.state === 'refused') {
    const { title, detail, problems = [] } = item.problem;
    return h('div', { class: 'notice bad', 'data-state': 'refused' },
      h('strong', {}, _('Refused: it is not in the ledger')),
      h('p', {}, [title, detail].filter(Boolean).join('：')),
      problems.length ? h('ul', {}, problems.map((one) => h('li', {}, one.detail))) : null,
      h('p', {}, _('Correct what is said above and sign again.')));
  }
  if (item.state === 'cosign') {
    return h('div', { class: 'notice wait', 'data-state': 'cosign' },
      h('strong', {}, _('Signed, waiting for the second officer')),
      h('p', {}, item.handedInAt ? _('The other officer opens “Sign together” on another phone.')
        : _('It is handed in when there is a connection; then the other officer signs it on another phone.')),
      h('p', {}, h('a', { href: `/cosign#${item.id}` }, _('Another officer signs on this phone'))));
  }
  return h('div', { class: 'notice wait', 'data-state': 'waiting' },
    h('strong', {}, _('Signed, waiting to be sent')),
    h('p', {}, _('It is kept on this phone and goes out by itself when there is a connection. Do not clear the browser’s data before.')));
}
