/**
 * A check of one shop. Where nothing is wrong it takes four taps: all as in the ledger, show the findings, sign, sign.
 *
 * Findings are computed and shown before anything is signed: by the server when there is one, else from what it computed
 * ahead (`observed.js`). They can be waived with a reason and added to, never left out: the ledger computes them again.
 * The check is pinned to the checkpoint that the facts on this page are as of.
 */
import { partOfPath } from '../address.js';
import { instant } from '../../times.js';
import { send } from '../api.js';
import { $, $$, copy, h, show } from '../dom.js';
import { keepDraft } from '../drafts.js';
import { factsFor } from '../duty.js';
import { textOf } from '../findings.js';
import { check, complain, fillUnits, filled, micro, quantityOf, showError } from '../forms.js';
import { findingsOf } from '../observed.js';
import { aboutOf, detailOf, titleOf } from '../officers.js';
import { photosOf, watchPhotos } from '../photos.js';
import { state } from '../statements.js';
import { Problem, Unreachable } from '../trouble.js';
import { _, ago, choices, code, day, moment, quantity } from '../words.js';
import { checkOfToday, follow } from './check_after.js';

const merchant = partOfPath(1);
const form = $('#form');
const review = $('#review');
const result = $('#result');
const DRAFT_HOURS = 8;
const HOUR = 3_600_000;

let known = null; // { facts, seen, fetchedAt, offline }
let titles = {};
let draft = null;

async function begin() {
  watchPhotos();
  known = await factsFor(merchant);
  const { facts, fetchedAt, offline } = known;
  titles = Object.fromEntries(facts.checklist.map((one) => [one.code, one.title]));
  show($('#who'), h('strong', {}, facts.name), h('br'), h('span', { class: 'quiet' }, [facts.address, facts.merchant].join(' · ')));
  const age = $('#age');
  age.hidden = false;
  age.classList.toggle('old', offline);
  show(age, (offline ? _('No connection: as of entry {size}, {when}', { size: facts.as_of, when: ago(fetchedAt) }) : _('As of entry {size}, {when}', { size: facts.as_of, when: ago(fetchedAt) })));
  const made = await checkOfToday(merchant);
  if (made) return follow($('#place'), made, facts, () => location.reload());
  return open(facts);
}

async function open(facts) {
  show($('#before'), before(facts));
  show($('#goods'), facts.holdings.length ? facts.holdings.map(goods) : h('p', { class: 'quiet' }, _('The ledger has nothing here.')));
  show($('#checklist'), facts.checklist.map(question));
  $('#checklist-set').hidden = facts.checklist.length === 0;
  const cooled = facts.zones.filter((zone) => zone.storage !== 'ambient');
  $('#temperature-set').hidden = cooled.length === 0;
  show($('#temperatures'), cooled.map(reading));
  form.hidden = false;
  draft = await keepDraft(form, `check ${merchant}`, { grow });
  for (const one of $$('[data-item]', form)) one.dispatchEvent(new Event('change'));
  const began = Number(form.elements.began.value);
  const first = facts.foreseen[0].from;
  form.elements.began.value = String(Math.max(Date.now() - began < DRAFT_HOURS * HOUR ? began : Date.now(), first));
}

// ---------------------------------------------------------------------- what the ledger says

function before(facts) {
  const base = facts.foreseen.findLast((one) => one.from <= Date.now()) ?? facts.foreseen[0];
  const last = facts.last_check;
  return h('details', { open: base.findings.length > 0 || facts.cards.length > 0 },
    h('summary', {}, base.findings.length ? _('{count} findings in the ledger already', { count: base.findings.length }) : _('The ledger has nothing against this shop')),
    h('ul', { class: 'plain' },
      base.findings.map((one) => h('li', {}, textOf(one))),
      facts.cards.map((one) => h('li', {}, _('{card} stands', { card: code('card', one.card) }))),
      facts.orders.map((one) => h('li', {}, _('To put right by {time}: {what}', { time: moment(one.deadline), what: textOf(one) }))),
      h('li', { class: 'quiet' }, last ? _('Last check {day}, {count} findings', { day: day(last.day), count: last.findings }) : _('Never checked before'))));
}

function goods(one) {
  const id = `count-${one.index}-${one.batch}`.replace(/[^\w-]/g, '_');
  return h('div', { class: 'between line', 'data-batch': one.batch, 'data-unit': one.quantity.unit, 'data-ledger': one.quantity.value },
    h('div', {}, one.name, h('br'), h('span', { class: 'quiet' }, `${one.batch} · ${quantity(one.quantity)}`, one.sealed === null ? '' : [' · ', _('sealed')].join(''))),
    h('div', { class: 'field amount' },
      h('input', { id, name: `count ${one.batch}`, inputmode: 'decimal', autocomplete: 'off', 'aria-label': _('Counted: {name}, {batch}', { name: one.name, batch: one.batch }) }),
      h('span', {}, code('unit', one.quantity.unit))));
}

function question(item) {
  const name = `check ${item.code}`;
  const note = h('div', { class: 'field', hidden: true }, h('label', {}, _('What is wrong'), ' ', h('input', { name: `note ${item.code}`, maxlength: '500' })));
  const made = h('div', { role: 'radiogroup', 'aria-label': item.title, 'data-item': item.code, class: 'line' },
    h('p', {}, item.title),
    h('div', { class: 'switch' },
      h('label', {}, h('input', { type: 'radio', name, value: 'yes', required: true, 'data-missing': _('Choose one.') }), h('span', {}, _('All right'))),
      h('label', {}, h('input', { type: 'radio', name, value: 'no' }), h('span', {}, _('Not all right')))),
    note);
  made.addEventListener('change', () => {
    note.hidden = !$('input[value=no]', made).checked;
  });
  return made;
}

function reading(zone) {
  const [low, high] = zone.bounds[0] ?? [null, null];
  const limit = [low === null ? null : _('at least {value} °C', { value: low / 100 }), high === null ? null : _('at most {value} °C', { value: high / 100 })].filter(Boolean).join('，');
  return h('div', { class: 'field' }, h('label', {}, `${zone.name}（°C）`, limit ? h('span', { class: 'quiet' }, ` ${limit}`) : null,
    h('input', { name: `zone ${zone.code}`, 'data-zone': zone.code, inputmode: 'text', autocomplete: 'off', pattern: '[-−－]?[0-9]{1,3}([.．][0-9]{1,2})?', 'data-wrong': _('A temperature such as -19.5.') })));
}

// ---------------------------------------------------------------------- taps

function countAll() {
  for (const row of $$('[data-batch]', form)) $('input', row).value = row.dataset.ledger;
}

function passAll() {
  for (const one of $$('[data-item] input[value=yes]', form)) {
    one.checked = true;
    one.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

function touched() {
  review.hidden = true;
  form.dispatchEvent(new Event('input'));
}

$('#all').addEventListener('click', () => {
  countAll();
  passAll();
  touched();
  $('.actions.stick button', form).focus();
});
$('#counted').addEventListener('click', () => {
  countAll();
  touched();
});
$('#passed').addEventListener('click', () => {
  passAll();
  touched();
});
$('#add').addEventListener('click', () => $('[data-name]', addUnlisted()).focus());

/** A row for goods that the ledger does not have; names differ from row to row, so that a draft knows them apart. */
function addUnlisted() {
  const one = copy('goods-unlisted');
  fillUnits($('[data-unit]', one));
  const at = $$('[data-unlisted]', form).length;
  for (const what of ['name', 'amount', 'unit', 'note']) $(`[data-${what}]`, one).name = `unlisted${at} ${what}`;
  $('#unlisted').append(one);
  return one;
}

/** As many of these rows as were filled in. */
function grow(names) {
  for (const _name of names.filter((one) => /^unlisted\d+ name$/.test(one))) addUnlisted();
}

form.addEventListener('input', () => {
  review.hidden = true;
});

// ---------------------------------------------------------------------- what was seen

/** `observed` as it is stated, without photos; `null` when a number is wrong, which is said. */
function observedNow() {
  let sound = true;
  const number = (field, unit, empty) => {
    complain(field, null);
    const amount = quantityOf(field.value, unit);
    const value = micro(amount);
    if (value !== null && (empty ? value > 0n : value >= 0n)) return amount;
    complain(field, _('A number such as 12.5.'));
    if (sound) field.focus();
    sound = false;
    return null;
  };
  const stock = $$('[data-batch]', form).filter((row) => $('input', row).value.trim() !== '')
    .map((row) => ({ batch: row.dataset.batch, quantity: number($('input', row), row.dataset.unit, false) }));
  const unlisted = $$('[data-unlisted]', form).map((row) => filled({
    name: $('[data-name]', row).value.trim(), note: $('[data-note]', row).value.trim(),
    quantity: $('[data-amount]', row).value.trim() ? number($('[data-amount]', row), $('[data-unit]', row).value, true) : null,
  }));
  const temperatures = $$('[data-zone]', form).filter((field) => field.value.trim() !== '')
    .map((field) => ({ zone: field.dataset.zone, value: quantityOf(field.value.replace('−', '-'), '').value.replace(/^-0$/, '0') }));
  const checklist = $$('[data-item]', form).map((one) => {
    const passed = $('input[value=yes]', one).checked;
    return filled({ code: one.dataset.item, passed, note: passed ? null : $('.field input', one).value.trim() });
  });
  return sound ? filled({ stock, unlisted, temperatures, checklist }) : null;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  show(result);
  if (!check(form)) return;
  const observed = observedNow();
  if (observed === null) return;
  const button = $('.actions.stick button', form);
  button.disabled = true;
  try {
    const began = Number(form.elements.began.value);
    showReview(observed, await computed(observed, began), began);
  } catch (error) {
    showError(result, error);
  } finally {
    button.disabled = false;
  }
});

/** The findings: by the ledger's own code where the server answers, else from what it foresaw. */
async function computed(observed, began) {
  const asked = { as_of: known.seen.size, started_at: instant(Math.floor(began / 1000) * 1000, 480), observed };
  try {
    return { ...(await send('POST', `/api/checks/${encodeURIComponent(merchant)}/findings`, asked)), online: true };
  } catch (error) {
    if (!(error instanceof Unreachable || (error instanceof Problem && error.passing))) throw error;
    const found = findingsOf(known.facts, observed, began);
    if (found === null) throw new Problem({ title: _('The facts on this phone are too old'), detail: _('They were fetched {when}. Open this page with a connection, then check.', { when: ago(known.fetchedAt) }) }, 400);
    return { ...found, online: false };
  }
}

// ---------------------------------------------------------------------- findings before signing

function showReview(observed, { rulesets, findings, online }, began) {
  const uncounted = known.facts.holdings.length - (observed.stock?.length ?? 0);
  const items = findings.map((one, at) => h('li', { class: 'card bad', 'data-finding': one.code, 'data-at': at },
    h('strong', {}, textOf(one)),
    detailOf(one) ? h('p', { class: 'quiet' }, detailOf(one)) : null,
    h('details', {}, h('summary', {}, _('Waive with a reason')),
      h('div', { class: 'field' }, h('label', {}, _('Why it does not stand'), ' ', h('input', { 'data-waive': at, maxlength: '500' }))))));
  const added = h('div', {});
  const sign = h('button', { type: 'button', class: 'primary' }, _('Sign the check'));
  show(review,
    h('h2', {}, findings.length ? _('{count} findings', { count: findings.length }) : _('No findings')),
    findings.length ? null : h('p', { class: 'notice good' }, _('Everything is as the rules ask.')),
    uncounted > 0 ? h('p', { class: 'notice wait' }, _('{count} batches were not counted: nothing is said about them.', { count: uncounted })) : null,
    h('ul', { class: 'cards' }, items),
    h('p', { class: 'quiet' }, online ? _('Computed by the server as of entry {size}; the ledger computes them again.', { size: known.seen.size })
      : _('Computed on this phone as of entry {size}; the ledger computes them again.', { size: known.seen.size })),
    added,
    h('div', { class: 'actions' }, h('button', { type: 'button', class: 'plain', onclick: () => added.append(addition()) }, _('Add a finding')), sign));
  sign.addEventListener('click', () => signCheck(sign, { observed, rulesets, findings, began }).catch((error) => showError(result, error)));
  review.hidden = false;
  review.focus();
  review.scrollIntoView({ block: 'start' });
}

function addition() {
  return h('fieldset', { 'data-added': '1' }, h('legend', {}, _('Added by you')),
    h('div', { class: 'field' }, h('label', {}, _('Kind'), ' ', h('select', {}, choices('finding_code').reverse().map(([value, name]) => h('option', { value }, name))))),
    h('div', { class: 'field' }, h('label', {}, _('What it is about'), ' ', h('input', { 'data-subject': '1', maxlength: '200' }))),
    h('div', { class: 'field' }, h('label', {}, _('What is wrong'), ' ', h('input', { 'data-detail': '1', maxlength: '500', required: true, 'data-missing': _('Say what is wrong.') }))));
}

async function signCheck(button, { observed, rulesets, findings, began }) {
  if (!check(review)) return;
  const added = $$('[data-added]', review).map((one) => filled({
    code: $('select', one).value, source: 'added', subject: $('[data-subject]', one).value.trim(), detail: $('[data-detail]', one).value.trim(),
  }));
  const waivers = $$('[data-waive]', review).filter((field) => field.value.trim() !== '')
    .map((field) => ({ ...findings[field.dataset.waive], reason: field.value.trim() }))
    .map(({ code: finding, subject, reason }) => filled({ code: finding, subject, reason }));
  button.disabled = true;
  try {
    const photos = await photosOf($('#photos'));
    const startedMs = Math.floor(began / 1000) * 1000;
    const endedAt = instant(Math.max(startedMs, Math.floor(Date.now() / 1000) * 1000), 480);
    const body = {
      rulesets, started_at: instant(startedMs, 480), ended_at: endedAt, place: known.facts.address,
      observed: filled({ ...observed, photos: photos.map((one) => one.body) }), findings: [...findings, ...added], waivers,
    };
    const id = await state({
      kind: 'inspection.recorded', title: titleOf('inspection.recorded'), body, photos, merchant, draft, occurredAt: endedAt, pinned: known.seen,
      second: known.facts.two_officers.includes('inspection.recorded'), about: aboutOf('inspection.recorded', body, { name: known.facts.name, titles }),
    });
    if (!id) return;
    await follow($('#place'), { id, body }, known.facts, () => location.reload());
  } finally {
    button.disabled = false;
  }
}

begin().catch((error) => showError(result, error));
