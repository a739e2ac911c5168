/**
 * What an author says (format, section 2): seven members, checked by form.
 *
 *     const payload = makeStatement(
 *       { body: {}, kind: 'disinfection.logged', ledger: 'custody.example/erligang', merchant: '92410104MACU00014Y',
 *         seen: await memory.seen() },
 *       { now: Date.now(), offset: -new Date().getTimezoneOffset(), random: (n) => crypto.getRandomValues(new Uint8Array(n)) },
 *     )
 *     parseStatement(payload).occurred_at     // '2026-11-23T08:15:00+08:00'
 *
 * What a kind means and its body carries is the schemas' affair. Signing is `dsse.js`.
 */
import { isCount, isHex64 } from './bytes.js';
import { decode, encode, MAX_BYTES, MAX_DEPTH } from './canonical.js';
import { fail } from './errors.js';
import { instant, isInstant } from './times.js';

export const MAX_MERCHANT = 64;

const CODE = 'EnvelopeError';
const FIELDS = ['body', 'id', 'kind', 'ledger', 'merchant', 'occurred_at', 'seen'];
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KIND = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;
const ORIGIN = /^[^\p{White_Space}+\0-\x1f\p{Cs}]+$/u; // C2SP signed-note: what may name a key, and so a ledger
const CONTROL = /\p{Cc}/u;

/** Whether this may be the origin of a ledger, which is also the name of its key. */
export const isOrigin = (value) => typeof value === 'string' && ORIGIN.test(value);

/** Whether the object has exactly these members. */
export const hasExactly = (value, fields) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) &&
  Object.keys(value).length === fields.length && fields.every((field) => Object.hasOwn(value, field));

/** The canonical bytes of a statement, ready to sign: a new id, and the moment it is said at unless given. */
export function makeStatement({ body, kind, ledger, merchant, seen, occurred_at = null }, { now, offset, random }) {
  const value = {
    body, id: newId(now, random), kind, ledger, merchant, occurred_at: occurred_at ?? instant(now, offset), seen,
  };
  checkStatement(value);
  const payload = encode(value);
  if (payload.length > MAX_BYTES) fail(CODE, 'too_long', { length: payload.length, limit: MAX_BYTES });
  return payload;
}

/** The seven members of canonical statement bytes. */
export function parseStatement(payload) {
  return checkStatement(decode(payload));
}

/** The value, if it has the form of a statement; `at` leads the names of fields. */
export function checkStatement(value, at = '') {
  const refuse = (field, key) => fail(CODE, key, { field: at + field });
  if (!hasExactly(value, FIELDS)) fail(CODE, 'statement.fields', { field: at.slice(0, -1), fields: FIELDS.join(', ') });
  const { body, id, kind, ledger, merchant, occurred_at, seen } = value;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuse('body', 'not_object');
  if (typeof id !== 'string' || !UUID7.test(id)) refuse('id', 'statement.id');
  if (typeof kind !== 'string' || !KIND.test(kind)) refuse('kind', 'statement.kind');
  if (!isOrigin(ledger)) refuse('ledger', 'statement.ledger');
  if (merchant !== null && !isMerchant(merchant)) refuse('merchant', 'statement.merchant');
  if (!isInstant(occurred_at)) refuse('occurred_at', 'statement.occurred_at');
  if (seen !== null) {
    if (!hasExactly(seen, ['root', 'size'])) refuse('seen', 'statement.seen');
    if (!isHex64(seen.root)) refuse('seen.root', 'not_hash');
    if (!isCount(seen.size, 1)) refuse('seen.size', 'statement.seen_size');
  }
  requireBodyDepth(body, at);
  return value;
}

/** A new UUID of version 7 (RFC 9562 section 5.7); `random(n)` gives n random bytes. */
export function newId(now, random) {
  if (!isCount(now) || now >= 2 ** 48) fail(CODE, 'time.moment');
  const bytes = random(10);
  const time = now.toString(16).padStart(12, '0');
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[parseInt(hex[4], 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(1, 4)}-${variant}${hex.slice(5, 8)}-${hex.slice(8)}`;
}

const isMerchant = (value) =>
  typeof value === 'string' && value !== '' && [...value].length <= MAX_MERCHANT && !CONTROL.test(value);

/** In an entry the body stands below two objects, and must fit there: so it may nest two levels less than JSON may. */
function requireBodyDepth(body, at) {
  let level = [body];
  for (let depth = MAX_DEPTH - 2; level.length; depth -= 1) {
    if (depth === 0) fail('EncodingError', 'json.depth', { field: `${at}body` });
    level = level.flatMap((node) => Object.values(node).filter((item) => typeof item === 'object' && item !== null));
  }
}
