/**
 * How far this phone's clock is from the server's, as of the last answer.
 *
 *     heard(answer)                   // every answer says what time it is there
 *     ahead()                         // milliseconds this phone is ahead, negative when behind; 0 when near enough
 *
 * The ledger refuses what is stated of the future, so a wrong clock is said before anything is signed. No time is put
 * right behind anybody's back: the time in a statement is its author's.
 */
import { mark, marked } from './beside.js';

const NOTE = 'clock';
const NEAR_MS = 120_000; // a minute of slow line, and what clocks differ by

/** Take the time from an answer. */
export function heard(answer) {
  const there = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(there)) return;
  const difference = Date.now() - there;
  const before = marked(NOTE)?.difference;
  if (before === undefined || Math.abs(before - difference) > NEAR_MS / 4) mark(NOTE, { difference, at: Date.now() });
}

/** See above. Nothing is known any more once the clock was turned back. */
export function ahead() {
  const known = marked(NOTE);
  if (known === null || Date.now() < known.at - NEAR_MS) return 0;
  return Math.abs(known.difference) > NEAR_MS ? known.difference : 0;
}
