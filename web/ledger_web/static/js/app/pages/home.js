/** The first page: for a merchant what is due today; other roles have a module `home_{role}.js` of their own. */
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { placeOf, textOf } from '../findings.js';
import { showError } from '../forms.js';
import { identity } from '../session.js';
import { _, moment } from '../words.js';

const FIRST = 4; // what one sees with the tiles still in sight
const OTHERS = ['supervisor', 'office', 'auditor', 'operator'];

async function begin() {
  const me = await identity();
  if (me?.role === 'merchant') await merchant();
  else if (OTHERS.includes(me?.role)) await import(`./home_${me.role}.js`).catch(() => {});
}

async function merchant() {
  const mine = await load('/api/mine');
  if (mine === null) return;
  show($('#who'), `${mine.name} · ${mine.merchant}`);
  const due = [
    ...mine.cards.map(() => item('bad', _('A card stands against you: see your orders'), '/orders')),
    ...mine.orders.filter((one) => one.state !== 'confirmed').map((one) =>
      item(one.overdue ? 'bad' : 'wait', _('To put right by {time}: {what}', { time: moment(one.deadline), what: one.what }), '/orders')),
    ...mine.recalls.map((one) => item('bad', _('Recall: {name}', { name: one.name }), '/orders')),
    ...mine.handovers.map((one) =>
      item('wait', _('Goods from {sender} wait for you to accept them', { sender: one.sender_name ?? one.sender }), '/goods/accept')),
    ...mine.findings.filter((one) => one.code !== 'handover_open').map((one) => item('wait', textOf(one), placeOf(one.code))),
  ];
  const rest = due.splice(FIRST);
  if (rest.length) due.push(h('li', {}, h('details', {}, h('summary', {}, _('{count} more', { count: rest.length })), h('ul', { class: 'cards' }, rest))));
  show($('#todo'), due.length ? due : h('li', { class: 'notice good' }, _('Nothing is due. A check now would find nothing in the ledger against you.')));
}

function item(tone, text, href) {
  return h('li', { class: `card ${tone}` }, href ? h('a', { href }, text) : h('span', {}, text));
}

begin().catch((error) => showError($('#result'), error));
