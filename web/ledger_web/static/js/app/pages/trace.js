/** Where a batch came from and went: its way, who had it when, every step as a table, and the proof of each. */
import { partOfPath } from '../address.js';
import { load } from '../age.js';
import { $, $$, h, pairs, show } from '../dom.js';
import { saveFrom } from '../files.js';
import { micro, plain, showError } from '../forms.js';
import { actionOf, paint } from '../graph.js';
import { _, code, moment, quantity } from '../words.js';

const MANY = 20; // steps that are not all shown at once
const NAMED = 6; // holders
const result = $('#result');
const batch = partOfPath(-1);
const proofOf = (index) => `/proof?entry=${index}`;

async function begin() {
  const found = await load(`/api/batches/${encodeURIComponent(batch)}`);
  if (found === null) return;
  const { line, supplier } = found.origin;
  show($('#head'),
    h('h2', {}, `${line.name} · ${found.batch}`),
    found.taken_back ? h('p', { class: 'notice bad' }, _('The record of this batch was taken back: the label no longer counts.')) : null,
    found.partial ? h('p', { class: 'notice wait' }, _('You see where it came from and your own side; not what others did with the rest.')) : null,
    pairs([
      [_('Kind'), code('goods_class', line.goods_class)],
      [_('Supplier'), supplier ? [supplier.name, supplier.country].filter(Boolean).join(' · ') : _('not stated')],
      [_('Papers'), found.origin.documents.map((one) => [code('document_type', one.type), one.number].filter(Boolean).join(' ')).join('；') || _('none')],
      [_('Held now'), heldBy(found)],
      ...(found.on_the_way && found.on_the_way.value !== '0' ? [[_('On the way'), quantity(found.on_the_way)]] : []),
      [_('Proof'), h('a', { href: proofOf(found.origin.index) }, _('Entry {index}: check it here', { index: found.origin.index }))],
    ]));
  $('#picture').hidden = $('#table').hidden = found.steps.length === 0;
  paint($('#graph'), found, proofOf);
  show($('#holders'), holders(found));
  $('#all').open = found.steps.length <= MANY;
  show($('#steps'), table(found));
  $('#labels').hidden = found.taken_back;
  for (const button of $$('[data-label]')) button.onclick = () => label(button);
}

/** Who has it now; of many only how much in all, since the table below names each. */
function heldBy({ holders: held, names }) {
  const some = Object.entries(held);
  if (some.length <= NAMED) return some.map(([who, amount]) => `${names[who] ?? who} ${quantity(amount)}`).join('；') || _('by nobody');
  const whole = { value: plain(some.reduce((sum, [, amount]) => sum + micro(amount), 0n)), unit: some[0][1].unit };
  return _('{count} merchants, {held} in all', { count: some.length, held: quantity(whole) });
}

/** Each merchant's first and last step with the batch, and what it has now. */
function holders({ steps, holders: held, names }) {
  const own = new Map();
  for (const step of steps) own.set(step.merchant, [...(own.get(step.merchant) ?? []), step]);
  return h('table', { class: 'plain' },
    h('caption', { class: 'away' }, _('Who had it when')),
    h('thead', {}, h('tr', {}, [_('Who'), _('From'), _('Until')].map((one) => h('th', { scope: 'col' }, one)))),
    h('tbody', {}, [...own].map(([merchant, some]) => h('tr', { 'data-holder': merchant },
      h('th', { scope: 'row' }, names[merchant] ?? merchant),
      h('td', {}, at(some[0])),
      h('td', {}, Object.hasOwn(held, merchant) ? _('still has {held}', { held: quantity(held[merchant]) }) : at(some.at(-1)))))));
}

const at = (step) => [moment(step.occurred_at), h('br'), h('a', { href: proofOf(step.index) }, _('Entry {index}', { index: step.index }))];

function table(found) {
  const who = (merchant) => found.names[merchant] ?? merchant;
  return h('table', { class: 'plain' },
    h('caption', { class: 'away' }, _('All steps, in their order')),
    h('thead', {}, h('tr', {}, [_('When'), _('Who'), _('What')].map((one) => h('th', { scope: 'col' }, one)))),
    h('tbody', {}, found.steps.map((step) => h('tr', { 'data-step': step.index },
      h('td', {}, moment(step.occurred_at), h('br'), h('a', { href: proofOf(step.index) }, _('Entry {index}', { index: step.index }))),
      h('td', {}, who(step.merchant), found.names[step.other] ? h('span', { class: 'quiet' }, ` ${step.action === 'handed_over' ? '→' : '←'} ${who(step.other)}`) : null),
      h('td', {}, `${actionOf(step)} ${quantity(step.amount)}`,
        step.held ? h('span', { class: 'quiet' }, ' ', _('then {held} left', { held: quantity(step.held) })) : null)))));
}

async function label(button) {
  show(result);
  button.disabled = true;
  try {
    const { label: kind } = button.dataset;
    await saveFrom(`/api/labels/${encodeURIComponent(batch)}?kind=${kind}${kind === 'pdf' ? '&copies=10' : ''}`, `${batch}.${kind}`);
  } catch (error) {
    showError(result, error);
  } finally {
    button.disabled = false;
  }
}

begin().catch((error) => showError(result, error));
