/** An officer's first page: how many checks and orders wait today. */
import { load } from '../age.js';
import { ask } from '../api.js';
import { $, h, show } from '../dom.js';
import { showError } from '../forms.js';
import { _ } from '../words.js';

async function begin() {
  const duty = await load('/api/duty');
  if (duty === null) return;
  show($('#duty'), [duty.holder, duty.week].filter(Boolean).join(' · '));
  const orders = await ask('/api/duty/orders').then((found) => found.data.orders, () => []);
  const waiting = await ask('/api/cosign').then((found) => found.data.waiting.filter((one) => !one.mine), () => []);
  const today = duty.checks.filter((one) => one.day === duty.today);
  const left = today.filter((one) => one.state === 'due').length;
  const missed = duty.checks.filter((one) => one.state === 'missed').length;
  const overdue = orders.filter((one) => one.overdue).length;
  show($('#duties'),
    item(left ? 'wait' : '', duty.drawn ? _('{left} of {all} checks left today', { left, all: today.length }) : _('No plan is drawn for this week yet.'), '/plan'),
    missed ? item('bad', _('{count} checks missed this week', { count: missed }), '/plan') : null,
    orders.length ? item(overdue ? 'bad' : 'wait', _('{open} orders open, {overdue} overdue', { open: orders.length, overdue }), '/orders') : null,
    ...(await plans()),
    waiting.length ? item('wait', _('{count} records wait for your signature', { count: waiting.length }), '/cosign') : null);
}

/** What is to do with plans, for whom may announce them. */
async function plans() {
  const found = await ask('/api/plans').then((answer) => answer.data, () => null);
  if (!found?.may_announce) return [];
  const live = found.plans.filter((one) => one.voided === null);
  const ready = live.filter((one) => one.drawn === null && !one.over && one.missing === 0);
  const next = found.weeks[1];
  return [
    ...ready.map((one) => item('wait', _('The plan of week {week} can be drawn', { week: one.week }), '/plans')),
    live.some((one) => one.week === next) ? null : item('', _('Announce the checks of next week ({week})', { week: next }), '/plans'),
  ];
}

const item = (tone, text, href) => h('li', { class: `card ${tone}` }, h('a', { href }, text));

begin().catch((error) => showError($('#result'), error));
