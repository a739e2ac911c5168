/**
 * Forms for one thumb: values, quantities, errors beside their fields, last values. Photos: `photos.js`; drafts: `drafts.js`.
 *
 *     const values = valuesOf(form)                     // { place: '…', lines: … } of named fields that are filled in
 *     if (!check(form)) return                          // said in our words, the first wrong field gets the focus
 *     showError(place, error)
 */
import { $, $$, h, show } from './dom.js';
import { table } from './store.js';
import { say } from './trouble.js';
import { _, choices } from './words.js';

const facts = table('facts');

/** What is filled in, by name; empty fields are left out. */
export function valuesOf(root) {
  const found = {};
  for (const field of $$('input[name], select[name], textarea[name]', root)) {
    if (field.type === 'radio' ? !field.checked : field.type === 'checkbox' || field.type === 'file') continue;
    const value = field.value.trim();
    if (value !== '') found[field.name] = value;
  }
  return found;
}

/** An object without members that are missing or empty. */
export function filled(value) {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== null && one !== '' && !(Array.isArray(one) && one.length === 0)));
}

/** A quantity as it is stated; people also type a comma, full-width digits and spaces. */
export function quantityOf(text, unit) {
  const value = (text ?? '').normalize('NFKC').replace(',', '.').replace(/\s/g, '').replace(/^(-?)0+(?=\d)/, '$1');
  const short = value.includes('.') ? value.replace(/0+$/, '').replace(/\.$/, '') : value;
  return { value: short, unit };
}

/** In millionths, to compare and add without rounding; `null` for what is no quantity. */
export function micro({ value }) {
  const parts = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/.exec(value);
  return parts && BigInt(`${parts[1]}${parts[2]}${(parts[3] ?? '').padEnd(6, '0')}`);
}

/** The shortest decimal of millionths. */
export function plain(amount) {
  const text = String(amount < 0n ? -amount : amount).padStart(7, '0');
  const fraction = text.slice(-6).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${text.slice(0, -6)}${fraction && `.${fraction}`}`;
}

export function fillUnits(select, chosen = 'kg') {
  fillChoices(select, 'unit', chosen);
}

export function fillChoices(select, choice, chosen = null) {
  show(select, choices(choice).map(([value, name]) => h('option', { value, selected: value === chosen }, name)));
}

// ---------------------------------------------------------------------- errors

/** Say under a field what is wrong with it; `null` takes it away. */
export function complain(field, message) {
  const place = field.closest('.field') ?? field.parentElement;
  $('.complaint', place)?.remove();
  field.removeAttribute('aria-invalid');
  field.removeAttribute('aria-describedby');
  if (message === null) return;
  const id = `wrong-${field.id || field.name}-${Math.random().toString(36).slice(2, 7)}`;
  place.append(h('p', { class: 'complaint', id }, message));
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', id);
}

/** Check a form by what its fields ask for, in our own words. The first wrong one gets the focus. */
export function check(form) {
  const fields = $$('input, select, textarea', form).filter((field) => !field.closest('[hidden]'));
  const wrong = fields.filter((field) => {
    complain(field, null);
    if (field.validity.valid) return false;
    complain(field, wordsFor(field));
    return true;
  });
  const folded = wrong[0]?.closest('details');
  if (folded) folded.open = true;
  wrong[0]?.focus();
  return wrong.length === 0;
}

function wordsFor(field) {
  const { validity } = field;
  if (validity.valueMissing) return field.dataset.missing ?? _('Please fill this in.');
  if (validity.customError) return field.validationMessage;
  return field.dataset.wrong ?? field.title ?? _('This is not as asked for: please correct it.');
}

/** Where results are said: title, sentence, and one line a field. Screen readers hear it. */
export function showError(place, error) {
  const { title, detail, problems } = say(error);
  show(place, h('div', { class: 'notice bad', role: 'alert' },
    h('strong', {}, title),
    detail ? h('p', {}, detail) : null,
    problems.length ? h('ul', {}, problems.map((one) => h('li', {}, one.detail))) : null));
  place.scrollIntoView({ block: 'nearest' });
}

// ---------------------------------------------------------------------- last values

/** What was used last under a name, newest first and each once. */
export async function lastUsed(name) {
  return (await facts.get(`last ${name}`)) ?? [];
}

/** What was signed stands, whether or not this can be kept: an error here is not one of signing. */
export async function remember(name, value, most = 8) {
  const same = JSON.stringify(value);
  await facts.update(`last ${name}`, (before = []) => [value, ...before.filter((one) => JSON.stringify(one) !== same)].slice(0, most))
    .catch((error) => dispatchEvent(new CustomEvent('custody:trouble', { detail: error })));
}
