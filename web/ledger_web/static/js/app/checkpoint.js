/**
 * The newest checkpoint this device has verified, and the alarm when a server shows another history.
 *
 *     await contact()                 // after each contact with the server: it must extend what is remembered
 *     const standing = await alarm()  // null, or what is wrong: then nothing is signed
 *     await acknowledge()             // a person has read it
 *
 * These raise the alarm: two histories or one that does not extend the other (`memory.js` keeps both signed checkpoints
 * as evidence), a server that has fewer entries and cannot prove that they are the same, one that shows checkpoints and
 * never proves them, checkpoints signed by another log, a receipt that the ledger does not bear out (`receipts.js`), a
 * proof from elsewhere whose state the server cannot connect with this history (`holdAgainst`), another key under the
 * ledger's name than the one this device was enrolled with (`logkey.js`), and a statement of another officer that pins a
 * history which is not this one (`seconding.js`).
 * What is remembered stays as it was, whatever is acknowledged.
 */
import { fromHex, fromUtf8, toHex } from '../bytes.js';
import { LedgerError } from '../errors.js';
import { Memory } from '../memory.js';
import { Verifier } from '../note.js';
import { verifyConsistency } from '../tree.js';
import { request } from './api.js';
import { log } from './holders.js';
import { table } from './store.js';
import { Problem, Unreachable } from './trouble.js';

const store = table('memory');
const ALARM = 'alarm';
const DOUBT = 'doubt';
const MOST_EVIDENCE = 200_000; // characters: a statement with its signatures fits, and no server fills the phone
export const MOST_DOUBTS = 10; // contacts without a proof since the last one that had it

export async function memory() {
  const mine = await log();
  return mine === null ? null : new Memory(store, await Verifier.fromVkey(mine.vkey));
}

/** What goes into a statement's `seen`: `{ root, size }`, `null` before anything was verified. */
export const seen = async () => (await (await memory())?.seen()) ?? null;

/** The newest checkpoint verified: `{ size, root (hex), note }`, `null` if none. */
export async function newest() {
  const found = await (await memory())?.latest();
  return found ? { size: found.size, root: toHex(found.root), note: fromUtf8(found.note) } : null;
}

/** Take in the server's checkpoint. Returns it, or `null` without enrolment; what is wrong with it becomes the alarm. */
export async function contact() {
  if ((await log()) === null) return null;
  const answer = await request('/checkpoint');
  if (!answer.ok) throw await Problem.of(answer);
  return (await takeIn(new Uint8Array(await answer.arrayBuffer()))).checkpoint;
}

/** The same with a checkpoint that came another way; returns what `Memory.advance` says. */
export async function takeIn(note) {
  const remembering = await memory();
  const known = await newest();
  try {
    const found = await holdAgainst(remembering, note, 'fewer');
    if (found.state === 'extended') await store.remove(DOUBT);
    return found;
  } catch (error) {
    if (error instanceof Unreachable || error.passing) await doubt(remembering.vkey, known?.note, note);
    else if (error instanceof LedgerError && error.code !== 'HistoryChanged') await raise('log', known?.note, fromUtf8(note), remembering.vkey);
    throw error;
  }
}

/** A signed checkpoint held against what is remembered of its log. That both are not one history is an alarm on all pages. */
export async function holdAgainst(remembering, note, unproved = 'unlinked') {
  const known = await remembering.latest();
  try {
    return await remembering.advance(note, consistency);
  } catch (error) {
    if (error instanceof Problem && !error.passing) await raise(unproved, fromUtf8(known.note), fromUtf8(note), remembering.vkey);
    else if (error.code === 'HistoryChanged') {
      const { remembered, shown } = error.values.evidence;
      await raise('history', remembered, shown, remembering.vkey);
    }
    throw error;
  }
}

/** The path of hashes by which a history goes on from an earlier one. */
export async function consistency(from, to) {
  const answer = await request(`/consistency?from=${from}&to=${to}`);
  if (!answer.ok) throw await Problem.of(answer);
  return (await answer.json()).proof.map((hash) => fromHex(hash));
}

/**
 * Whether a state of the ledger that another phone has pinned, `{ size, root }`, belongs to the history verified here.
 * `null` where that cannot be known now; `false` is an alarm, with the statement that pins it as evidence.
 */
export async function continues(pinned, evidence) {
  let known = await newest();
  if (known === null || pinned.size > known.size) {
    try {
      await contact();
    } catch (error) {
      if (error instanceof Unreachable || error.passing) return null;
      throw error; // the alarm is raised
    }
    known = await newest();
    if (known === null) return null;
  }
  const refuse = () => raise('pinned', known.note, evidence).then(() => false);
  if (pinned.size > known.size) return refuse(); // another phone has verified more than this server shows
  if (pinned.size === known.size) return pinned.root === known.root || refuse();
  try {
    const path = await consistency(pinned.size, known.size);
    await verifyConsistency(pinned.size, known.size, path, fromHex(pinned.root), fromHex(known.root));
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return refuse();
    if (error instanceof Unreachable || error instanceof Problem) return null;
    throw error;
  }
}

/** A server that shows a checkpoint and does not get round to proving it: a bad line once, not time after time. */
async function doubt(vkey, remembered, note) {
  const times = await store.update(DOUBT, (before = 0) => before + 1);
  if (times >= MOST_DOUBTS) await raise('unproved', remembered, fromUtf8(note), vkey);
}

/** A statement that the server has called accepted is not where its receipt says. */
export const denied = async (receipt, note) => raise('denied', JSON.stringify(receipt, null, 1), fromUtf8(note));

/** Another key than the one of the enrolment goes by the ledger's name. */
export const disputed = async (enrolled, given) => raise('key', enrolled, given, enrolled);

/** … or gives no proof of it, time after time. */
export const withheld = async (receipt) => raise('withheld', JSON.stringify(receipt, null, 1), '');

/** The alarm that stands: `{ reason, remembered, shown, at }`, `null` if none. */
export async function alarm() {
  const found = await store.get(ALARM);
  return found === undefined || found.acknowledged ? null : found;
}

/** The last alarm, acknowledged or not: evidence is kept. */
export const lastAlarm = async () => (await store.get(ALARM)) ?? null;

export async function acknowledge() {
  await store.update(ALARM, (before) => before && { ...before, acknowledged: true });
}

async function raise(reason, remembered, text, vkey = null) {
  const shown = text?.slice(0, MOST_EVIDENCE) ?? '';
  await store.update(ALARM, (before) =>
    before?.shown === shown && before.reason === reason ? before : { reason, vkey, remembered: remembered ?? '', shown, at: Date.now(), acknowledged: false },
  );
  dispatchEvent(new CustomEvent('custody:alarm'));
}
