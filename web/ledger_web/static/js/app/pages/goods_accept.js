/** Goods that another merchant handed over: all as stated with one tap, or what was refused or missing. */
import { load } from '../age.js';
import { $, $$, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { complain, filled, micro, plain, quantityOf, showError } from '../forms.js';
import { showOutcome, state } from '../statements.js';
import { _, moment, quantity } from '../words.js';

const result = $('#result');
let mine = null;

async function begin() {
  mine = await load('/api/mine');
  if (mine === null) return;
  show($('#handovers'), mine.handovers.length ? mine.handovers.map(form)
    : h('p', { class: 'notice good' }, _('Nothing waits to be accepted.')));
}

function form(handover) {
  const zones = mine.zones;
  const made = h('form', { class: 'card', novalidate: true, 'data-handover': handover.id },
    h('h2', {}, handover.sender_name ?? handover.sender),
    h('p', { class: 'quiet' }, `${handover.sender} · ${moment(handover.occurred_at)}`),
    handover.lines.map((line, at) => h('fieldset', { class: 'line', 'data-line': at },
      h('legend', {}, `${line.name} · ${quantity(line.quantity)}`),
      h('p', { class: 'quiet' }, line.batch),
      h('div', { class: 'row three' },
        amount('accepted', _('Accepted'), line.quantity.value),
        amount('refused', _('Refused'), '0'),
        amount('missing', _('Missing'), '0')))),
    zones.length ? h('div', { class: 'field' }, h('label', {}, _('Kept in'), ' ',
      h('select', { name: 'zone' }, zones.map((zone) => h('option', { value: zone.code }, `${zone.name} (${zone.code})`))))) : null,
    h('div', { class: 'actions' }, h('button', { class: 'primary' }, _('Check and sign'))));
  const draft = keepDraft(made, `accept ${handover.id}`);
  made.addEventListener('submit', async (event) => {
    event.preventDefault();
    await accept(made, handover, await draft);
  });
  return made;
}

function amount(name, label, value) {
  return h('div', { class: 'field' }, h('label', {}, label, ' ', h('input', { name, value, inputmode: 'decimal', autocomplete: 'off' })));
}

/** The line as it is stated, `null` when the three do not add up, which is said. */
function lineOf(root, line) {
  const { unit } = line.quantity;
  const [accepted, refused, missing] = ['accepted', 'refused', 'missing'].map((name) => quantityOf($(`[name=${name}]`, root).value || '0', unit));
  const field = $('[name=accepted]', root);
  complain(field, null);
  const parts = [accepted, refused, missing].map(micro);
  if (parts.some((part) => part === null || part < 0n)) {
    complain(field, _('Numbers such as 12.5.'));
  } else if (parts[0] + parts[1] + parts[2] !== micro(line.quantity)) {
    complain(field, _('Together they must be {amount}; now they are {sum}.', { amount: quantity(line.quantity), sum: quantity({ value: plain(parts[0] + parts[1] + parts[2]), unit }) }));
  } else {
    return filled({ batch: line.batch, accepted, refused: parts[1] ? refused : null, missing: parts[2] ? missing : null });
  }
  field.focus();
  return null;
}

async function accept(root, handover, draft) {
  const lines = $$('[data-line]', root).map((one, at) => lineOf(one, handover.lines[at]));
  if (lines.includes(null)) return;
  try {
    const zone = $('[name=zone]', root)?.value;
    const id = await state({
      kind: 'goods.accepted', title: _('Accept goods'), draft,
      body: filled({ handover: handover.id, lines, zone }),
      about: [
        [_('From'), handover.sender_name ?? handover.sender],
        ...lines.map((line, at) => [handover.lines[at].name, [
          _('accepted {amount}', { amount: quantity(line.accepted) }),
          line.refused ? _('refused {amount}', { amount: quantity(line.refused) }) : null,
          line.missing ? _('missing {amount}', { amount: quantity(line.missing) }) : null,
        ].filter(Boolean).join('，')]),
        ...(zone ? [[_('Kept in'), zone]] : []),
      ],
    });
    if (id) await showOutcome($('#place'), id, { again: { href: '/goods/accept', text: _('Further goods') } });
  } catch (error) {
    showError(result, error);
  }
}

begin().catch((error) => showError(result, error));
