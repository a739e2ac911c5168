/** Where a batch came from and went: a picture, the same as a table, and the proof of every step. */
import { load } from '../age.js';
import { $, $$, h, pairs, show } from '../dom.js';
import { saveFrom } from '../files.js';
import { showError } from '../forms.js';
import { actionOf, draw } from '../graph.js';
import { _, code, moment, quantity } from '../words.js';

const result = $('#result');
const batch = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1));
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
      [_('Held now'), Object.entries(found.holders).map(([who, held]) => `${found.names[who] ?? who} ${quantity(held)}`).join('；') || _('by nobody')],
      ...(found.on_the_way && found.on_the_way.value !== '0' ? [[_('On the way'), quantity(found.on_the_way)]] : []),
      [_('Proof'), h('a', { href: proofOf(found.origin.index) }, _('Entry {index}: check it here', { index: found.origin.index }))],
    ]));
  $('#picture').hidden = $('#table').hidden = found.steps.length === 0;
  const redraw = () => show($('#graph'), draw(found, { width: $('#graph').clientWidth, href: (step) => proofOf(step.index) }));
  redraw();
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) redraw();
    width = innerWidth;
  });
  show($('#steps'), table(found));
  $('#labels').hidden = found.taken_back;
  for (const button of $$('[data-label]')) button.onclick = () => label(button);
}

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
