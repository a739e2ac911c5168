/**
 * Which of the statements that wait goes next.
 *
 *     nextToSend(items, { failed })        // the oldest that may go, undefined when none may
 *     heldBackBy(item, items)              // the one that it waits for, null if none
 *
 * Statements go in the order of signing. One that the server cannot take in (`TRIES` times over) keeps back only what
 * rests on it: what names it, what names a batch that it names, and everything after a change of keys or merchants.
 */
import { decodeBase64 } from '../bytes.js';

/** So often one statement fails before those that do not rest on it overtake it. */
export const TRIES = 3;

const GROUND = /^(key|merchant)\./; // who may say what for whom: everything later may rest on it
const known = new Map(); // what statements name, by their id

/** Still on its way. */
export const pending = (item) => item.state === 'waiting' || item.state === 'cosign';

/** Kept back by its own failures, not by a lost signal. */
export const stuck = (item) => pending(item) && (item.tries ?? 0) >= TRIES;

/** The statement inside an item. */
export const statementOf = (item) => JSON.parse(new TextDecoder().decode(decodeBase64(JSON.parse(item.envelope).payload)));

/**
 * See above. `items` oldest first; `failed`: ids that were tried in vain just now; `handedIn`: ids of those that were
 * brought to the server for the second officer's signature just now.
 */
export function nextToSend(items, { failed = new Set(), handedIn = new Set() } = {}) {
  const open = new Set(items.filter(pending).map((item) => item.id));
  const back = [];
  for (const item of items) {
    if (!pending(item) || handedIn.has(item.id)) continue;
    if (!failed.has(item.id) && !open.has(item.after) && !back.some((one) => restsOn(item, one))) return item;
    back.push(item);
  }
  return undefined;
}

/** The first that an item has to wait for. */
export function heldBackBy(item, items) {
  if (!pending(item)) return null;
  return items.find((one) => one.seq < item.seq && pending(one) && (one.id === item.after || (stuck(one) && restsOn(item, one)))) ?? null;
}

/** Whether a statement would be judged otherwise without an earlier one. */
export function restsOn(later, earlier) {
  if (later.after === earlier.id || GROUND.test(earlier.kind)) return true;
  const [one, other] = [namedIn(later), namedIn(earlier)];
  return one.texts.has(earlier.id) || [...one.batches].some((batch) => other.batches.has(batch));
}

function namedIn(item) {
  if (!known.has(item.id)) {
    const found = { texts: new Set(), batches: new Set() };
    collect(statementOf(item).body, found);
    known.set(item.id, found);
  }
  return known.get(item.id);
}

function collect(value, found, name = '') {
  if (typeof value === 'string') {
    found.texts.add(value);
    if (name === 'batch' || name === 'batches') found.batches.add(value);
  } else if (Array.isArray(value)) value.forEach((one) => collect(one, found, name));
  else if (value !== null && typeof value === 'object') for (const [key, one] of Object.entries(value)) collect(one, found, key);
}
