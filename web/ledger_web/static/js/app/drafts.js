/**
 * What is half filled in survives a call, a crash, a restart: all fields, all lines, all photos.
 *
 *     const draft = await keepDraft(form, 'goods-in', { grow })
 *     await state({ …, draft })                         // signing and the end of the draft are one step
 *
 * A draft belongs to whom the device speaks for. What was restored is said, with when it was typed and a way to begin
 * anew. `grow(names)` makes a form as long as it was: it is given the names of all fields before they are filled.
 */
import { $$, h } from './dom.js';
import { small } from './photos.js';
import { identity } from './holders.js';
import { table } from './store.js';
import { _, moment } from './words.js';

const PAUSE_MS = 400;
const facts = table('facts');

/** Keep what is typed into a form, and put back what was typed before. Returns `{ key, pause(), drop() }`. */
export async function keepDraft(form, name, { grow = () => {} } = {}) {
  const key = `draft ${(await identity())?.keyid ?? ''} ${name}`;
  let waiting = null;
  const save = async () => {
    clearTimeout(waiting);
    waiting = null;
    try {
      await facts.put(key, { at: Date.now(), values: valuesOf(form), photos: await photosIn(form) });
    } catch (error) {
      dispatchEvent(new CustomEvent('custody:trouble', { detail: error }));
    }
  };
  const pause = () => {
    clearTimeout(waiting);
    waiting = null;
  };
  const draft = { key, pause, drop: () => {
    pause();
    return facts.remove(key);
  } };
  const before = await facts.get(key).catch(() => undefined);
  if (before !== undefined) restore(form, before, grow, draft);
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE_MS);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  for (const leaving of ['pagehide', 'visibilitychange']) {
    addEventListener(leaving, () => waiting !== null && form.isConnected && save());
  }
  return draft;
}

function restore(form, { at, values, photos }, grow, draft) {
  grow(Object.keys(values));
  for (const [name, field] of fieldsOf(form)) {
    if (values[name] === undefined || field.dataset.fresh) continue;
    if (field.type === 'radio') field.checked = field.value === values[name];
    else field.value = values[name];
  }
  inputsOf(form).forEach((input, place) => putBack(input, photos[place] ?? []));
  form.prepend(h('div', { class: 'notice wait', role: 'status', 'data-draft': at },
    h('p', {}, _('What you had filled in at {time} was put back.', { time: moment(at) })),
    h('button', { type: 'button', class: 'plain', onclick: async () => {
      await draft.drop();
      location.reload();
    } }, _('Start anew'))));
  form.dispatchEvent(new Event('change')); // what depends on what was put back
}

/** Fields with a name for each; one that several lines have is numbered. */
function* fieldsOf(form) {
  const seen = new Map();
  for (const field of $$('input[name], select[name], textarea[name]', form)) {
    if (field.type === 'file') continue;
    const times = field.type === 'radio' ? 0 : (seen.get(field.name) ?? 0);
    seen.set(field.name, times + 1);
    yield [times === 0 ? field.name : `${field.name} #${times}`, field];
  }
}

/** What stands in the fields, also what was emptied. */
function valuesOf(form) {
  return Object.fromEntries([...fieldsOf(form)].filter(([, field]) => field.type !== 'radio' || field.checked).map(([name, field]) => [name, field.value]));
}

const inputsOf = (form) => $$('input[type=file][data-photos]', form);

async function photosIn(form) {
  return Promise.all(inputsOf(form).map((input) => Promise.all([...input.files].map(async (file) => {
    const blob = await small(file).catch(() => null);
    return blob && { bytes: await blob.arrayBuffer(), type: blob.type, name: file.name };
  })))).then((all) => all.map((ones) => ones.filter(Boolean)));
}

function putBack(input, photos) {
  if (photos.length === 0) return;
  const files = new DataTransfer();
  for (const { bytes, type, name } of photos) files.items.add(small.done(new File([bytes], name, { type })));
  input.files = files.files;
  input.dispatchEvent(new Event('change')); // counted beside it; does not bubble to the form
}
