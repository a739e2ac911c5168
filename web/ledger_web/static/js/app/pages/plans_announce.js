/** The form that announces the checks of a week: who checks, on which days, and from how many entries the seed comes. */
import { contact } from '../checkpoint.js';
import { $, $$, h, show } from '../dom.js';
import { check, complain, showError } from '../forms.js';
import { forgetSecret, newSecret } from '../secrets.js';
import { keepForGood } from '../store.js';
import { act } from '../trial.js';
import { Trouble } from '../trouble.js';
import { _ } from '../words.js';

const USUAL = [1, 2, 3, 4, 5];
const SEED_AFTER = 20; // entries: hours on a street, and nobody can know the root of them
const DAYS = [_('Mon'), _('Tue'), _('Wed'), _('Thu'), _('Fri'), _('Sat'), _('Sun')];

/** Put the form into a place; `done` gets the id of what was signed. */
export function announcing(place, found, done) {
  const free = found.weeks.find((week) => !found.plans.some((one) => one.week === week && one.voided === null)) ?? found.weeks[1];
  const form = h('form', { novalidate: true, id: 'announce' },
    h('div', { class: 'row wide' },
      h('div', { class: 'field' }, h('label', {}, _('Week'), ' ', h('select', { name: 'week' }, found.weeks.map((week, at) =>
        h('option', { value: week, selected: week === free }, at === 0 ? _('{week}, this week', { week }) : _('{week}, next week', { week })))))),
      h('div', { class: 'field' }, h('label', {}, _('Grid'), ' ', h('select', { name: 'grid' }, found.grids.map((grid) =>
        h('option', { value: grid }, grid === '*' ? _('the whole ledger') : grid)))))),
    h('fieldset', { class: 'switch', 'data-set': 'officers' }, h('legend', {}, _('Who checks')), found.officers.map((one) =>
      choice('officer', one.holder, one.holder, true))),
    h('fieldset', { class: 'switch', 'data-set': 'days' }, h('legend', {}, _('On which days')), DAYS.map((name, at) => choice('day', String(at + 1), name, USUAL.includes(at + 1)))),
    h('div', { class: 'row' },
      number('extra', _('Checks beyond those due'), '0', 100_000), number('after', _('Entries until the seed'), String(SEED_AFTER), 100_000, 1)),
    h('details', {}, h('summary', {}, _('Odds of the checks beyond those due')),
      h('p', { class: 'quiet' }, _('A shop counts 1, and this much more:')),
      h('div', { class: 'row three' }, number('card', _('Card'), '3', 1000), number('finding', _('Findings'), '2', 1000), number('cold', _('Cold chain'), '1', 1000))),
    h('p', { class: 'quiet' }, _('A secret is made and kept on this phone; its digest is announced. Draw on this phone, and do not clear the browser’s data before.')),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Announce'))));
  form.elements.week.addEventListener('change', () => shut(form, found));
  shut(form, found);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (sound(form)) announce(form, done).catch((error) => showError($('#result'), error));
  });
  show(place, h('h2', {}, _('Announce the checks of a week')), form);
}

const choice = (name, value, text, checked) => h('label', {}, h('input', { type: 'checkbox', name, value, checked }), h('span', {}, text));

const number = (name, label, value, max, min = 0) => h('div', { class: 'field' }, h('label', {}, label, ' ',
  h('input', { name, value, required: true, inputmode: 'numeric', pattern: '[0-9]{1,6}', 'data-min': min, 'data-max': max, 'data-wrong': _('A whole number.') })));

const chosen = (form, name) => $$(`input[name=${name}]`, form).filter((one) => one.checked && !one.disabled).map((one) => one.value);

/** Days that are over are not to choose. */
function shut(form, { weeks, today }) {
  const past = form.elements.week.value === weeks[0] ? (new Date(`${today}T12:00:00Z`).getUTCDay() + 6) % 7 : 0;
  for (const one of $$('input[name=day]', form)) one.disabled = Number(one.value) <= past;
}

function sound(form) {
  let good = check(form);
  for (const one of $$('input[data-max]', form)) {
    if (one.validity.valid && (Number(one.value) < Number(one.dataset.min) || Number(one.value) > Number(one.dataset.max))) {
      complain(one, _('From {low} to {high}.', { low: one.dataset.min, high: one.dataset.max }));
      good = false;
    }
  }
  for (const [set, name, words] of [['officers', 'officer', _('Choose who checks.')], ['days', 'day', _('Choose a day that is not over.')]]) {
    const place = $(`[data-set=${set}]`, form);
    $('.complaint', place)?.remove();
    if (chosen(form, name).length === 0) {
      place.append(h('p', { class: 'complaint', role: 'alert' }, words));
      good = false;
    }
  }
  return good;
}

async function announce(form, done) {
  const value = (name) => Number(form.elements[name].value);
  keepForGood().catch(() => {}); // the secret is to outlive a full phone; nothing waits for the answer
  const checkpoint = await contact();
  if (checkpoint === null) throw new Trouble(_('This device is not enrolled yet: open the enrolment code first.'));
  const [week, grid, seedSize] = [form.elements.week.value, form.elements.grid.value, checkpoint.size + 1 + value('after')];
  const { commitment } = await newSecret({ week, grid, seedSize });
  let id = false;
  try {
    id = await act({
      kind: 'plan.announced',
      body: {
        week, grid, commitment, officers: chosen(form, 'officer'), days: chosen(form, 'day').map(Number), seed_size: seedSize,
        extra_checks: value('extra'), weight_card: value('card'), weight_finding: value('finding'), weight_cold_chain: value('cold'),
      },
    }, { online: true });
  } finally {
    if (!id) await forgetSecret(commitment);
  }
  if (id) await done(id);
}
