/** Goods in: supplier, transport and unloading, lines, papers with photos. What was typed survives a restart. */
import { atHand } from '../api.js';
import { $, $$, copy, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { check, complain, fillChoices, fillUnits, filled, lastUsed, quantityOf, remember, showError, valuesOf } from '../forms.js';
import { photosOf, watchPhotos } from '../photos.js';
import { gs1, scanInto } from '../scan.js';
import { sealText, sealedRow } from '../sealing.js';
import { showOutcome, state } from '../statements.js';
import { _, code, isoDay, quantity } from '../words.js';

const form = $('#form');
const result = $('#result');
const HEAD = ['supplier', 'country', 'number', 'mode', 'plate', 'unloading_place', 'unloading_method'];
let mine = null;
let draft = null;

async function begin() {
  mine = await atHand('/api/mine');
  addLine();
  for (const kind of required()) addDocument(kind);
  if (!$('.paper')) addDocument('customs_declaration');
  await offerSuppliers();
  draft = await keepDraft(form, 'goods-in', { grow });
}

/** As many lines and papers as were filled in. */
function grow(names) {
  const most = (pattern) => Math.max(1, ...names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)));
  while ($$('.line').length < most(/^line(\d+)_/)) addLine();
  while ($$('.paper').length < most(/^paper(\d+)_/)) addDocument();
}

/** Papers that the rule sets in force ask for. */
function required() {
  return [...new Set((mine?.rulesets ?? []).flatMap((one) => one.documents.filter((paper) => paper.required).map((paper) => paper.type)))];
}

async function offerSuppliers() {
  const known = await lastUsed('supplier');
  const place = $('#suppliers');
  place.hidden = known.length === 0;
  show(place, known.map((one) => h('button', { type: 'button', class: 'chip', onclick: () => {
    fill(one);
    form.dispatchEvent(new Event('input')); // for the draft
  } }, one.supplier)));
  if (known.length) fill(known[0]);
}

function fill(values) {
  for (const name of HEAD) if (values[name] !== undefined) form.elements.namedItem(name).value = values[name];
}

// ---------------------------------------------------------------------- lines and papers

function addLine() {
  const line = copy('line');
  fillUnits($('[name=unit]', line));
  fillChoices($('[name=goods_class]', line), 'goods_class', mine?.goods_classes[0] ?? 'non_cold_chain');
  const zones = mine?.zones ?? [];
  show($('[name=zone]', line), h('option', { value: '' }, '–'), zones.map((zone) => h('option', { value: zone.code }, `${zone.name} (${zone.code})`)));
  const choose = () => {
    const fitting = zones.find((zone) => zone.goods_class === $('[name=goods_class]', line).value && zone.dedicated);
    if (fitting) $('[name=zone]', line).value = fitting.code;
  };
  choose();
  $('[name=goods_class]', line).addEventListener('change', choose);
  $('[name=batch]', line).value = newBatch();
  $('[data-remove]', line).addEventListener('click', () => {
    line.remove();
    renumber();
  });
  scanInto($('[data-scan]', line), (text) => scanned(line, text), (error) => showError(result, error));
  $('#lines').append(line);
  renumber();
  return line;
}

/** Names differ from line to line, so that a draft knows them apart; `data-name` says what they mean. */
function renumber() {
  const lines = $$('.line');
  lines.forEach((line, at) => {
    $('[data-number]', line).textContent = lines.length > 1 ? String(at + 1) : '';
    $('[data-remove]', line).hidden = lines.length === 1;
    for (const field of $$('input[name], select[name]', line)) {
      field.dataset.name ??= field.name;
      field.name = at === 0 ? `line_${field.dataset.name}` : `line${at + 1}_${field.dataset.name}`;
    }
  });
}

function newBatch() {
  const random = crypto.getRandomValues(new Uint8Array(3));
  return `B${isoDay(Date.now()).replaceAll('-', '').slice(2)}-${[...random].map((byte) => byte.toString(36).padStart(2, '0')).join('').slice(0, 5).toUpperCase()}`;
}

function scanned(line, text) {
  const found = gs1(text);
  const set = (name, value) => {
    if (value !== undefined) $(`[data-name=${name}]`, line).value = value;
  };
  for (const name of ['gtin', 'lot', 'production_date', 'best_before']) set(name, found[name]);
  set('trace_code', text.slice(0, 200));
  $('details', line).open = true;
  form.dispatchEvent(new Event('input'));
}

function addDocument(kind = 'other') {
  const paper = copy('document');
  fillChoices($('[name=type]', paper), 'document_type', kind);
  const at = $$('.paper').length + 1;
  for (const field of $$('input[name], select[name]', paper)) {
    field.dataset.name = field.name;
    field.name = `paper${at}_${field.dataset.name}`;
  }
  $('#documents').append(paper);
  watchPhotos(paper);
  return paper;
}

$('#add-line').addEventListener('click', () => $('[data-name=name]', addLine()).focus());
$('#add-document').addEventListener('click', () => addDocument());

// ---------------------------------------------------------------------- what is stated

function valuesIn(root) {
  return Object.fromEntries(Object.entries(valuesOf(root)).map(([name, value]) => [name.replace(/^(line|paper)\d*_/, ''), value]));
}

function lineOf(root) {
  const { value, unit, arrival_temperature: arrival, origin_country: origin, ...rest } = valuesIn(root);
  const stated = { ...rest, quantity: quantityOf(value, unit), arrival_temperature: arrival?.replace('−', '-'), origin_country: origin?.toUpperCase() };
  return filled(stated);
}

async function papers() {
  const found = [];
  const photos = [];
  for (const paper of $$('.paper')) {
    const { type, number } = valuesIn(paper);
    const [photo] = await photosOf($('input[type=file]', paper));
    if (number === undefined && photo === undefined) continue;
    if (photo) photos.push(photo);
    found.push(filled({ type, number, attachment: photo?.body }));
  }
  return { found, photos };
}

/** What the form's own rules cannot say. */
function good() {
  for (const field of $$('[data-name=value]')) {
    const { value } = quantityOf(field.value, 'kg');
    field.setCustomValidity(field.value === '' || (/^\d{1,12}(\.\d{1,6})?$/.test(value) && Number(value) > 0) ? '' : field.dataset.wrong);
  }
  const batches = $$('[data-name=batch]');
  batches.forEach((field, at) => field.setCustomValidity(batches.some((other, before) => before < at && other.value.trim() === field.value.trim()) ? _('This batch stands above already.') : ''));
  let fine = check(form);
  for (const paper of $$('.paper')) {
    const [type, number] = [$('[data-name=type]', paper), $('[data-name=number]', paper)];
    const wrong = type.value === 'customs_declaration' && number.value.trim() !== '' && !/^\d{4}20\d{2}1\d{9}$/.test(number.value.trim());
    if (wrong) complain(number, _('A customs declaration number has 18 digits: office, year, 1, serial.'));
    if (wrong && fine) number.focus();
    fine &&= !wrong;
  }
  return fine;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!good()) return;
  try {
    const head = valuesOf(form);
    const lines = $$('.line').map(lineOf);
    const { found, photos } = await papers();
    const sealed = [];
    const body = filled({
      number: head.number,
      supplier: filled({ name: head.supplier, country: head.country.toUpperCase(), contact: await sealText('contact', head.contact, sealed) }),
      transport: filled({ mode: head.mode, plate: head.plate }),
      unloading: { place: head.unloading_place, method: head.unloading_method },
      documents: found,
      lines,
    });
    const id = await state({
      kind: 'goods.received', title: _('Goods in'), body, photos, draft, sealed,
      about: [
        [_('Supplier'), `${body.supplier.name} (${body.supplier.country})`],
        ...sealedRow(_('Contact'), head.contact),
        [_('Transport'), [code('transport_mode', head.mode), head.plate].filter(Boolean).join(' ')],
        [_('Unloading'), `${head.unloading_place}，${head.unloading_method}`],
        ...lines.map((line) => [line.name, `${quantity(line.quantity)} · ${line.batch}`]),
        [_('Papers'), found.length ? found.map((one) => code('document_type', one.type)).join('、') : _('none')],
      ],
    });
    if (!id) return;
    await remember('supplier', Object.fromEntries(HEAD.filter((name) => name !== 'number' && head[name] !== undefined).map((name) => [name, head[name]])));
    await showOutcome($('#place'), id, { again: { href: '/goods/in', text: _('More goods in') } });
  } catch (error) {
    showError(result, error);
  }
});

begin().catch((error) => showError(result, error));
