/**
 * The ledger's verifier key that this page trusts, where it came from, and what this device remembers under it.
 *
 *     const box = await keyBox($('#key'))       // shows the key and its source; typed or scanned ones can be put in
 *     const { verifier, vkey, from } = box.key  // `box.key` is null while there is none
 *     await meet(verifier)                      // the server's checkpoint, held against what this device remembers
 *
 * In the order of trust: taken at enrolment; typed or scanned by a person, who may have it from elsewhere; taken from this
 * server when it was first asked. The last proves nothing against a server that lied from the beginning, and is said to be
 * so. One that was taken once stays: a server that names another one later is found out. An enrolled device keeps to the
 * key of its enrolment: another key of the same ledger, typed, scanned or taken before, is an alarm.
 */
import { Memory } from '../memory.js';
import { Verifier } from '../note.js';
import { request } from './api.js';
import { disputed, holdAgainst, takeIn } from './checkpoint.js';
import { h, show } from './dom.js';
import { saveEvidence } from './evidence.js';
import { complain, showError } from './forms.js';
import { scanInto } from './scan.js';
import { identity } from './session.js';
import { table } from './store.js';
import { Problem, say, Trouble } from './trouble.js';
import { _, language, moment } from './words.js';

const store = table('memory');
const KEPT = 'log key';

/** `{ vkey, verifier, from, at }`; throws when there is none and the server cannot be reached. */
export async function logKey() {
  const kept = (await store.get(KEPT)) ?? null;
  const enrolled = (await identity())?.vkey ?? null;
  if (enrolled !== null) {
    if (kept !== null && kept.vkey !== enrolled) await refuse(enrolled, kept.vkey);
    const confirmed = kept?.vkey === enrolled && kept.from !== 'server';
    return opened({ vkey: enrolled, from: confirmed ? 'confirmed' : 'enrolment', at: confirmed ? kept.at : null });
  }
  if (kept !== null) return opened(kept);
  const answer = await request('/vkey');
  if (!answer.ok) throw await Problem.of(answer);
  return keepKey((await answer.text()).trim(), 'server');
}

/** Trust this key from now on. Throws a `LedgerError` for what is none, `Trouble` for one that is not the enrolment's. */
export async function keepKey(vkey, from) {
  const found = await opened({ vkey, from, at: Date.now() });
  const enrolled = (await identity())?.vkey ?? null;
  if (enrolled !== null && enrolled !== vkey) {
    const { name } = await Verifier.fromVkey(enrolled);
    if (name !== found.verifier.name) throw new Trouble(_('This is the key of another ledger, {other}. This device belongs to {ledger}.', { other: found.verifier.name, ledger: name }));
    await refuse(enrolled, vkey);
    throw new Trouble(_('This is not the key this device was enrolled with, which stays the one in use.'));
  }
  await store.put(KEPT, { vkey, from, at: found.at });
  return found;
}

/** A key that is not the enrolment's: it is not kept, and where it goes by the same name, that is an alarm. */
async function refuse(enrolled, other) {
  await store.remove(KEPT);
  const [mine, given] = await Promise.all([enrolled, other].map((one) => Verifier.fromVkey(one)));
  if (mine.name === given.name) await disputed(enrolled, other);
}

const opened = async (kept) => ({ ...kept, verifier: await Verifier.fromVkey(kept.vkey) });

/** What this device remembers of the ledger of this key. */
export const remembering = (verifier) => new Memory(store, verifier);

/** The newest checkpoint of the server, in memory from now on. Throws `HistoryChanged`, `NoteError`, `Unreachable`. */
export async function meet(verifier) {
  const answer = await request('/checkpoint');
  if (!answer.ok) throw await Problem.of(answer);
  return compare(verifier, new Uint8Array(await answer.arrayBuffer()));
}

/** A checkpoint of the server held against what this device remembers. What is wrong with it is an alarm for all pages. */
async function compare(verifier, note) {
  if ((await identity())?.vkey === verifier.vkey) return takeIn(note);
  return holdAgainst(remembering(verifier), note);
}

function sourceOf({ from, at }) {
  return {
    typed: _('Typed in here on {time}.', { time: moment(at) }),
    scanned: _('Scanned here on {time}.', { time: moment(at) }),
    enrolment: _('Remembered from when this device was enrolled.'),
    confirmed: _('Remembered from when this device was enrolled, and the same as was typed or scanned here on {time}.', { time: moment(at) }),
    server: _('Taken from this very server on {time}: nobody else vouches for it. Compare it with the one you know, or put that in below.', { time: at === null ? '' : moment(at) }),
  }[from];
}

/** Show the key in a place, with a way to change it. `changed` hears of it. Returns `{ key }`, kept up to date. */
export async function keyBox(place, changed = () => {}) {
  const box = { key: null };
  const refresh = async () => {
    box.key = await logKey();
    const { vkey, from } = box.key;
    show(shown,
      h('code', { id: 'vkey' }, vkey),
      h('p', { id: 'vkey-source', class: from === 'server' ? 'notice wait' : 'quiet', 'data-from': from }, sourceOf(box.key)));
    changed(box.key);
  };
  const shown = h('div', {});
  const result = h('div', { 'aria-live': 'polite' });
  show(place, h('h2', {}, _('The ledger’s key')), shown, changing(refresh, result), result);
  try {
    await refresh();
  } catch (error) {
    showError(result, error);
  }
  return box;
}

function changing(refresh, result) {
  const input = h('input', { id: 'vkey-text', name: 'vkey', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  const take = async (text, from) => {
    complain(input, null);
    show(result);
    try {
      await keepKey(text.trim(), from);
    } catch (error) {
      return complain(input, say(error).detail);
    }
    form.closest('details').open = false;
    input.value = '';
    return refresh();
  };
  const scan = h('button', { type: 'button', class: 'plain' }, _('Scan it'));
  const form = h('form', { novalidate: true },
    h('div', { class: 'field' }, h('label', { for: 'vkey-text' }, _('The key as you have it from elsewhere, such as from paper')), input),
    h('div', { class: 'actions' }, h('button', {}, _('Use this key')), scan));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    take(input.value, 'typed');
  });
  queueMicrotask(() => scanInto(scan, (text) => take(text, 'scanned'), (error) => showError(result, error)));
  return h('details', {}, h('summary', {}, _('Use another key')), form);
}

/** What a contradiction between two histories looks like, with the evidence to keep; `null` for other errors. */
export function historyNotice(error) {
  if (error?.code !== 'HistoryChanged') return null;
  const { remembered, shown } = error.values.evidence;
  return h('div', { class: 'notice bad', role: 'alert', 'data-history': error.key },
    h('strong', {}, _('Two histories')),
    h('p', {}, error.words(language)),
    h('p', {}, _('Both states below are signed by the ledger’s own key: together they prove it. Keep this device as it is and tell an auditor.')),
    h('details', {}, h('summary', {}, _('Evidence')), h('pre', { tabindex: '0' }, `${remembered}\n\n${shown}`)),
    h('button', { type: 'button', class: 'plain', onclick: () => saveEvidence({ reason: 'history', remembered, shown }) }, _('Save the evidence')));
}
