/**
 * Instants as text (RFC 3339), each with exactly one spelling.
 *
 *     2026-11-23T08:15:00+08:00      an author's: its own offset, up to nine digits of a second
 *     2026-11-23T00:15:02.123Z       the ledger's: UTC, always three digits
 *
 * No lower-case `t` and `z`, no leap second, no `-00:00`; years 0001 to 9999. The clock is read by the caller:
 * `instant(Date.now(), -new Date().getTimezoneOffset())`.
 */
import { fail } from './errors.js';

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?(?:Z|(?!-00:00)[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const UTC_MILLIS = /^.{19}\.\d{3}Z$/;

export function isInstant(value) {
  const parts = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

export const isUtcMillis = (value) => isInstant(value) && UTC_MILLIS.test(value);

/** The text of a moment: milliseconds since 1970 UTC, and the author's offset in minutes east of UTC. */
export function instant(ms, offset) {
  const sound = Number.isSafeInteger(ms) && Number.isInteger(offset) && Math.abs(offset) < 24 * 60;
  const local = sound ? new Date(ms + offset * 60_000) : null;
  if (local === null || Number.isNaN(local.getTime())) fail('EncodingError', 'time.moment');
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  const east = Math.abs(offset);
  const text = `${local.toISOString().slice(0, -5)}${offset < 0 ? '-' : '+'}${two(east / 60)}:${two(east % 60)}`;
  return isInstant(text) ? text : fail('EncodingError', 'time.moment');
}

function daysIn(year, month) {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
