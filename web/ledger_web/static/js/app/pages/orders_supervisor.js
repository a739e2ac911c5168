/** Orders that are open in this officer's place: what the merchant reported, confirmed or sent back after a second look. */
import { instant } from '../../times.js';
import { load } from '../age.js';
import { $, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { keptFacts, latestDeadline } from '../duty.js';
import { evidence } from '../thumbs.js';
import { textOf } from '../findings.js';
import { check, filled, showError } from '../forms.js';
import { aboutOf, titleOf } from '../officers.js';
import { list, statementOf } from '../outbox.js';
import { outcomeOf } from '../outcome.js';
import { showOutcome, state } from '../statements.js';
import { _, moment } from '../words.js';

const ANY_DAY = { same_day: true, hours: null };

export async function begin() {
  const found = await load('/api/duty/orders');
  if (found === null) return;
  const said = new Map((await list()).filter((item) => item.kind.startsWith('rectification.') && item.state !== 'refused' && item.state !== 'accepted')
    .map((item) => [statementOf(item).body.order, item]));
  const overdue = found.orders.filter((one) => one.overdue).length;
  show($('#items'),
    found.orders.length ? h('li', { class: 'quiet' }, _('{open} open, {overdue} overdue', { open: found.orders.length, overdue })) : h('li', { class: 'notice good' }, _('No order is open.')),
    found.orders.map((one) => order(one, said.get(one.id))));
}

const STATES = { ordered: () => _('Not reported yet'), reported: () => _('Reported by the merchant'), rejected: () => _('Sent back') };

function order(one, item) {
  return h('li', { class: `card ${one.overdue ? 'bad' : 'wait'}`, 'data-order': one.id },
    h('h2', {}, one.name),
    h('p', { class: 'quiet' }, one.address),
    h('p', {}, h('strong', {}, textOf(one)), '：', one.what),
    h('p', { class: 'quiet' }, one.overdue ? _('Overdue since {time}', { time: moment(one.deadline) }) : _('Until {time}', { time: moment(one.deadline) }), ' · ', STATES[one.state]()),
    one.reports.map((report) => h('div', { class: 'notice', 'data-report': report.index }, h('p', {}, report.what), evidence(report.evidence, report.index))),
    item ? outcomeOf(item) : [confirm(one), one.state === 'reported' ? reject(one) : null]);
}

function confirm(one) {
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', {}, _('What you saw'), ' ', h('input', { name: 'note', maxlength: '500' }))),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Confirm'))));
  return step(form, `confirm ${one.id}`, _('It is put right'), (draft) =>
    sign(one, 'rectification.confirmed', filled({ order: one.id, note: form.elements.note.value.trim(), inspection: one.checked_again }), draft));
}

function reject(one) {
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', {}, _('What is still wrong'), ' ', h('input', { name: 'reason', required: true, maxlength: '500', 'data-missing': _('Say what is still wrong.') }))),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Send back'))));
  return step(form, `reject ${one.id}`, _('It is not put right'), async (draft) => {
    const rules = (await keptFacts(one.merchant))?.facts.rectification ?? ANY_DAY;
    await sign(one, 'rectification.rejected', filled({
      order: one.id, reason: form.elements.reason.value.trim(), inspection: one.checked_again, deadline: instant(Math.floor(latestDeadline(rules) / 1000) * 1000, 480),
    }), draft);
  });
}

function step(form, name, title, done) {
  const draft = keepDraft(form, name);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (check(form)) draft.then(done).catch((error) => showError($('#result'), error));
  });
  return h('details', {}, h('summary', {}, title), form);
}

async function sign(one, kind, body, draft) {
  const id = await state({ kind, body, draft, title: titleOf(kind), merchant: one.merchant, about: [[_('Order'), textOf(one)], ...aboutOf(kind, body, { name: one.name })] });
  if (id) await showOutcome($('#place'), id, { again: { href: '/orders', text: _('Orders') } });
}
