/** Goods out: sold, handed over to another merchant, or disposed of. Amounts are taken from what is held. */
import { load } from '../age.js';
import { $, $$, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { check, complain, filled, lastUsed, micro, plain, quantityOf, remember, showError, valuesOf } from '../forms.js';
import { photosOf, watchPhotos } from '../photos.js';
import { sealText, sealedRow } from '../sealing.js';
import { showOutcome, state } from '../statements.js';
import { _, code, quantity } from '../words.js';

const form = $('#form');
const result = $('#result');
let mine = null;
let draft = null;

async function begin() {
  watchPhotos();
  form.addEventListener('change', arrange);
  mine = await load('/api/mine');
  if (mine === null) return;
  show($('#stock'), mine.holdings.length ? mine.holdings.map(row) : h('li', { class: 'card' }, _('The ledger has no goods of yours. Record what comes in under “Goods in”.')));
  const known = await lastUsed('receiver');
  $('#receivers').hidden = known.length === 0;
  show($('#receivers'), known.map((one) => h('button', { type: 'button', class: 'chip', onclick: () => {
    $('#to').value = one;
  } }, one)));
  draft = await keepDraft(form, 'goods-out');
  arrange();
}

function what() {
  return form.elements.namedItem('what').value;
}

function arrange() {
  for (const part of $$('[data-when]')) part.hidden = part.dataset.when !== what();
  for (const part of $$('[data-when-buyer]')) part.hidden = part.dataset.whenBuyer !== $('#buyer').value;
  for (const one of $$('#stock li[data-batch]')) {
    const blocked = (one.dataset.sealed && !(what() === 'disposed' && $('#manner').value === 'destroyed')) || (one.dataset.recalled && what() === 'sold');
    $('input', one).disabled = Boolean(blocked);
  }
}

function row(one, at) {
  const id = `amount-${at}`;
  return h('li', { class: 'card', 'data-batch': one.batch, 'data-sealed': one.sealed !== null, 'data-recalled': one.recall !== null },
    h('div', { class: 'between' },
      h('label', { for: id }, h('strong', {}, one.name), h('br'), h('span', { class: 'quiet' }, `${one.batch}`), h('br'), h('span', { class: 'quiet' }, _('held: {amount}', { amount: quantity(one.quantity) }))),
      h('div', { class: 'field amount' },
        h('input', { id, name: `amount ${one.batch}`, inputmode: 'decimal', autocomplete: 'off', placeholder: '0', 'data-unit': one.quantity.unit, 'data-held': one.quantity.value }),
        h('span', {}, code('unit', one.quantity.unit)))),
    one.sealed === null ? null : h('p', { class: 'notice bad' }, _('Sealed by entry {index}: it may not move until a supervisor releases it.', { index: one.sealed })),
    one.recall === null ? null : h('p', { class: 'notice bad' }, _('Recalled by entry {index}: it may not be sold.', { index: one.recall.index })));
}

/** Lines with an amount; `null` when something is wrong, which is said beside it. */
function lines() {
  const found = [];
  let wrong = null;
  for (const field of $$('#stock input')) {
    complain(field, null);
    if (field.value.trim() === '' || field.disabled) continue;
    const amount = quantityOf(field.value, field.dataset.unit);
    const [asked, held] = [micro(amount), micro({ value: field.dataset.held })];
    const message = asked === null || asked <= 0n ? _('A number such as 12.5.')
      : asked > held ? _('You hold {amount} of it.', { amount: quantity({ value: plain(held), unit: field.dataset.unit }) }) : null;
    complain(field, message);
    if (message) wrong ??= field;
    found.push({ batch: field.closest('li').dataset.batch, quantity: amount });
  }
  wrong?.focus();
  return wrong ? null : found;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  show(result);
  const fine = check(form);
  const out = lines();
  if (!fine || out === null) return;
  if (out.length === 0) {
    showError(result, new (await import('../trouble.js')).Trouble(_('Say of which goods how much: fill in at least one amount.')));
    return;
  }
  try {
    const id = await state({ ...(await statement(valuesOf(form), out)), draft });
    if (!id) return;
    if (what() === 'handed') await remember('receiver', valuesOf(form).to.toUpperCase());
    await showOutcome($('#place'), id, { again: { href: '/goods/out', text: _('More goods out') } });
  } catch (error) {
    showError(result, error);
  }
});

async function statement(values, out) {
  const names = Object.fromEntries(mine.holdings.map((one) => [one.batch, one.name]));
  const goods = out.map((line) => [names[line.batch], `${quantity(line.quantity)} · ${line.batch}`]);
  if (what() === 'sold') {
    const business = values.buyer === 'business';
    const name = values.buyer === 'person' ? values.buyer_name : null;
    const sealed = [];
    const buyer = filled({
      type: values.buyer, credit_code: business ? values.buyer_code.toUpperCase() : null, destination: business ? values.destination : null,
      name: await sealText('name', name, sealed),
    });
    const whom = [[_('To whom'), business ? buyer.credit_code : code('buyer_type', values.buyer)], ...sealedRow(_('Name'), name)];
    return { kind: 'goods.sold', title: _('Sold'), body: { buyer, lines: out }, sealed, about: [...whom, ...goods] };
  }
  if (what() === 'handed') {
    const to = values.to.toUpperCase();
    return { kind: 'goods.handed_over', title: _('Handed over'), body: filled({ to, document_number: values.document_number, lines: out }), about: [[_('To whom'), to], ...goods] };
  }
  const photos = await photosOf($('#evidence'));
  return {
    kind: 'goods.disposed', title: _('Disposed of'), photos,
    body: filled({ manner: values.manner, reason: values.reason, lines: out, evidence: photos.map((one) => one.body) }),
    about: [[_('How'), code('disposal_manner', values.manner)], [_('Why'), values.reason], ...goods],
  };
}

begin().catch((error) => showError(result, error));
