/**
 * The weekly attestation of the three clears. What the ledger would hold against an item stands beside it before it is
 * signed, and the item begins as not clear: a false attestation is found by the next check.
 */
import { load } from '../age.js';
import { $, $$, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { textOf } from '../findings.js';
import { complain, filled, showError } from '../forms.js';
import { showOutcome, state } from '../statements.js';
import { _, code, day, isoDay, laterDay } from '../words.js';

const result = $('#result');

async function begin() {
  const mine = await load('/api/mine');
  if (mine === null) return;
  const asking = mine.rulesets.filter((one) => items(one).length > 0);
  show($('#place'), asking.length ? asking.map((one) => form(mine, one))
    : h('p', { class: 'notice good' }, _('No rule set in force asks for an attestation.')));
}

const items = (ruleset) => ruleset.items.filter((item) => ['clear', 'no'].includes(item.type));

function form(mine, ruleset) {
  const start = isoDay(Date.now());
  const end = laterDay(start, (ruleset.attestation_days ?? 1) - 1);
  const before = mine.attested.find((one) => one.goods_class === ruleset.goods_class);
  const against = mine.clears[ruleset.code] ?? {};
  const made = h('form', { novalidate: true, 'data-ruleset': ruleset.code },
    h('h2', {}, code('goods_class', ruleset.goods_class)),
    h('p', { class: 'quiet' }, ruleset.title),
    h('p', {}, _('For {start} to {end}.', { start: day(start), end: day(end) }), ' ', before ? _('Last attested to {end}.', { end: day(before.period_end) }) : _('Never attested before.')),
    items(ruleset).map((item) => card(item, against[item.code] ?? [])),
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Check and sign'))));
  const draft = keepDraft(made, `clears ${ruleset.code}`);
  made.addEventListener('submit', async (event) => {
    event.preventDefault();
    await attest(made, { ruleset, start, end, against, draft: await draft });
  });
  return made;
}

function card(item, against) {
  const name = `item-${item.code}`;
  const clear = against.length === 0;
  return h('fieldset', { class: 'card', 'data-item': item.code },
    h('legend', {}, item.title),
    h('p', { class: 'quiet' }, item.text),
    clear ? null : h('div', { class: 'notice bad', 'data-against': item.code },
      h('strong', {}, _('The ledger contradicts this:')),
      h('ul', {}, against.map((one) => h('li', {}, textOf(one))))),
    h('div', { class: 'switch' },
      h('label', {}, h('input', { type: 'radio', name, value: 'yes', checked: clear }), h('span', {}, _('Clear'))),
      h('label', {}, h('input', { type: 'radio', name, value: 'no', checked: !clear }), h('span', {}, _('Not clear')))),
    h('div', { class: 'field' }, h('label', {}, _('Note'), ' ', h('input', { name: `note-${item.code}`, maxlength: '500' }))));
}

async function attest(root, { ruleset, start, end, against, draft }) {
  const stated = $$('[data-item]', root).map((one) => filled({
    code: one.dataset.item, clear: $('input[value=yes]', one).checked, note: $('.field input', one).value.trim(),
  }));
  const unexplained = stated.find((one) => !one.clear && !one.note);
  if (unexplained) {
    const field = $(`[data-item="${unexplained.code}"] .field input`, root);
    complain(field, _('Say why it is not clear.'));
    field.focus();
    return;
  }
  const risky = stated.filter((one) => one.clear && against[one.code]?.length);
  try {
    const titles = Object.fromEntries(ruleset.items.map((item) => [item.code, item.title]));
    const id = await state({
      kind: 'clearance.attested', title: _('Three clears'), draft,
      body: { ruleset: ruleset.code, period_start: start, period_end: end, goods_class: ruleset.goods_class, items: stated },
      about: [
        [_('Period'), `${day(start)} – ${day(end)}`],
        ...stated.map((one) => [titles[one.code], one.clear ? _('Clear') : _('Not clear: {note}', { note: one.note ?? '' })]),
        ...risky.map((one) => [_('Warning'), _('The ledger contradicts “{item}”: the next check will find it.', { item: titles[one.code] })]),
      ],
    });
    if (id) await showOutcome($('#place'), id, { again: { href: '/clears', text: _('Further classes') } });
  } catch (error) {
    showError(result, error);
  }
}

begin().catch((error) => showError(result, error));
