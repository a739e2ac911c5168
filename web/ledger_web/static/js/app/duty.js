/**
 * The facts for a check, as of the checkpoint that this phone has verified, kept for when there is no signal.
 *
 *     const { facts, seen, fetchedAt, offline } = await factsFor('92410104MACU00014Y')
 *     const { ready, error } = await prepare(merchants)          // one after the other, in the background
 *
 * The server says what was there as of an entry; which history that is, says the phone: it asks as of its own verified
 * checkpoint, and puts that into the statement. A server that answers out of another history is caught by the root.
 */
import { atHand, send } from './api.js';
import { contact, newest } from './checkpoint.js';
import { identity } from './holders.js';
import { table } from './store.js';
import { Problem, Trouble, Unreachable } from './trouble.js';
import { _, isoDay } from './words.js';

const kept = table('facts');
const FRESH_MS = 900_000;
const nameOf = (merchant, me) => `${me?.keyid ?? 'nobody'} check ${merchant}`;

/** What the ledger says of a merchant, now or as kept. Throws when there is neither. */
export async function factsFor(merchant) {
  try {
    return { ...(await fetchFacts(merchant)), offline: false };
  } catch (error) {
    if (!(error instanceof Unreachable || (error instanceof Problem && error.passing))) throw error;
    const before = await keptFacts(merchant);
    if (before === null) throw error instanceof Unreachable ? new Trouble(_('This shop was not loaded on this phone: open “My checks” once with a connection before you go.')) : error;
    return { ...before, offline: true };
  }
}

/** What is kept of a merchant for whoever uses this phone now, `null` if nothing. */
export async function keptFacts(merchant) {
  return (await kept.get(nameOf(merchant, await identity()))) ?? null;
}

async function fetchFacts(merchant) {
  await contact();
  const { size, root } = await newest();
  const facts = await send('GET', `/api/checks/${encodeURIComponent(merchant)}?as_of=${size}`);
  if (facts.seen.root !== root || facts.as_of !== size) throw new Trouble(_('The server answers out of another history than the one this phone has verified. Tell an auditor.'));
  const me = await identity();
  const found = { facts, seen: { root, size }, fetchedAt: Date.now(), keyid: me.keyid };
  await kept.put(nameOf(merchant, me), found);
  return found;
}

/** The merchants to check today: due, or missed. */
export function dueToday({ checks }, today = isoDay(Date.now())) {
  return [...new Set(checks.filter((one) => (one.state === 'due' && one.day <= today) || one.state === 'missed').map((one) => one.merchant))];
}

/** Fetch the facts for today's checks, unless that was done lately: also where only the first page was opened. */
export async function prepareToday() {
  const duty = await atHand('/api/duty');
  if (duty === null) return;
  const fresh = async (merchant) => Date.now() - ((await keptFacts(merchant))?.fetchedAt ?? 0) < FRESH_MS;
  const old = [];
  for (const merchant of dueToday(duty)) if (!(await fresh(merchant))) old.push(merchant);
  const { error } = await prepare(old);
  if (error !== null) throw error;
}

/** Fetch the facts of several merchants. Returns those that are ready, and why it ended early if it did. */
export async function prepare(merchants, step = () => {}) {
  const ready = [];
  for (const merchant of merchants) {
    try {
      await fetchFacts(merchant);
      ready.push(merchant);
      step(ready.length);
    } catch (error) {
      return { ready, error };
    }
  }
  return { ready, error: null };
}

/** The latest moment that a rule set allows for putting something right, from now on. */
export function latestDeadline({ same_day: sameDay, hours }, now = Date.now()) {
  const evening = Date.parse(`${new Date(now + 8 * 3_600_000).toISOString().slice(0, 10)}T23:59:59+08:00`);
  const allowed = hours === null ? evening : now + hours * 3_600_000;
  return sameDay ? Math.min(evening, allowed) : allowed;
}
