/** What an office has to do today: unanswered notices, merchants nobody checked, orders that are overdue. */
import { load } from '../age.js';
import { ask } from '../api.js';
import { $, h, show } from '../dom.js';
import { identity } from '../session.js';
import { _ } from '../words.js';

const root = $('section[data-role=office]');
const me = await identity();
show($('[data-who]', root), me.scope);
const told = await load('/api/notices?unanswered=true');
if (told !== null) {
  const [{ data: coverage }, { data: orders }, { data: recalls }] = await Promise.all(['/api/coverage?missed=true', '/api/orders?overdue=true', '/api/measures/recalls'].map(ask));
  const silent = recalls.recalls.reduce((sum, one) => sum + one.unanswered, 0);
  const mine = told.notices.filter((one) => one.office === me.scope).length;
  const due = [
    [mine, _('{count} notices wait for your answer', { count: mine }), '/notices'],
    [coverage.missed, _('{count} merchants were not checked often enough this week yet', { count: coverage.missed }), '/coverage'],
    [orders.orders.length, _('{count} orders are overdue', { count: orders.orders.length }), '/coverage'],
    [silent, _('{count} answers to recalls are missing', { count: silent }), '/recalls'],
  ].filter(([count]) => count > 0);
  show($('[data-todo]', root), due.length
    ? due.map(([, text, href]) => h('li', { class: 'card wait' }, h('a', { href }, text)))
    : h('li', { class: 'notice good' }, _('Nothing waits for you.')));
}
