/**
 * Canonical JSON: RFC 8785 inside the profile of the format, section 1.
 *
 *     encode({ unit: 'kg', amount: '12.5' })     // bytes of {"amount":"12.5","unit":"kg"}
 *     decode(utf8('{"amount": 12.5}'))           // LedgerError: amount: a fraction is not allowed …
 *
 * The profile: objects, arrays, strings, `true`, `false`, `null` and integers within ±(2^53−1). Keys match
 * `[a-z][a-z0-9_]*`. Strings are Unicode without U+0000 and lone surrogates. At most 64 objects and arrays inside each
 * other. Bytes that do not encode back to themselves are refused, which also refuses white space, another order of
 * keys, needless escapes, other spellings of numbers, and a key that stands twice.
 *
 * `decodeAnyLayout` is for envelopes and disclosures, which are not themselves hashed or signed as they stand: any
 * layout, yet no key twice and no number that is not an integer.
 */
import { fromUtf8, requireBytes, utf8 } from './bytes.js';
import { fail, LedgerError } from './errors.js';

export const MAX_BYTES = 65_535; // what an entry may weigh
export const MAX_DEPTH = 64;

const KEY = /^[a-z][a-z0-9_]*$/;
const LONE_SURROGATE = /\p{Cs}/u; // with the flag u, a pair is one character and only halves match
const CODE = 'EncodingError';

const isWellFormed = (text) => text.isWellFormed?.() ?? !LONE_SURROGATE.test(text); // older browsers lack the first

/** Whether this may be the key of an object. */
export const isKey = (value) => typeof value === 'string' && KEY.test(value);

/** The canonical text of a value; `LedgerError`, naming the field, for anything outside the profile. */
export function encodeText(value, depth = MAX_DEPTH) {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (Number.isSafeInteger(value)) return String(value);
      return fail(CODE, Number.isInteger(value) ? 'json.range' : 'json.fraction');
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : inside(value, depth);
    default:
      return fail(CODE, 'json.type', { type: typeof value });
  }
}

/** The canonical bytes of a value. */
export const encode = (value) => utf8(encodeText(value));

/** The value of canonical JSON bytes, at most `limit` of them. Refuses all that `encode` would not write. */
export function decode(bytes, limit = MAX_BYTES) {
  const [text, value] = parsed(bytes, limit);
  // Without escapes in it, what the browser writes is what we write, if keys and numbers are as they must be.
  const plain = !text.includes('\\') && isInOrder(value, MAX_DEPTH) && JSON.stringify(value) === text;
  if (!plain && encodeText(value) !== text) fail(CODE, 'json.not_canonical'); // UTF-8 spells each text in one way only
  return value;
}

/** Whether keys, numbers and depth are inside the profile, and keys sorted: most of `encodeText` without its text. */
function isInOrder(value, depth) {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isInOrder(item, depth - 1));
  let last = '';
  for (const key in value) {
    if (key <= last || !KEY.test(key) || !isInOrder(value[key], depth - 1)) return false;
    last = key;
  }
  return true;
}

/** The value of JSON bytes in any layout and order of keys, each key once; every number in them an integer. */
export function decodeAnyLayout(bytes, limit) {
  const [text, value] = parsed(bytes, limit);
  scan(text);
  return value;
}

function quoted(text) {
  if (text.includes('\0')) fail(CODE, 'json.nul');
  if (!isWellFormed(text)) fail(CODE, 'json.surrogate');
  return JSON.stringify(text); // RFC 8785 section 3.2.2.2 takes its escapes from ECMAScript
}

function inside(node, depth) {
  if (depth === 0) fail(CODE, 'json.depth');
  if (Array.isArray(node)) {
    return `[${Array.from(node, (item, at) => part(`[${at}]`, item, depth)).join(',')}]`;
  }
  const kind = Object.getPrototypeOf(node);
  if (kind !== null && Object.getPrototypeOf(kind) !== null) fail(CODE, 'json.type', { type: 'object' });
  const members = Object.keys(node).sort().map((key) => {
    if (!KEY.test(key)) fail(CODE, 'json.key', { key: key.slice(0, 80) });
    return `"${key}":${part(key, node[key], depth)}`;
  });
  return `{${members.join(',')}}`;
}

function part(step, value, depth) {
  try {
    return encodeText(value, depth - 1);
  } catch (error) {
    throw error instanceof LedgerError ? error.within(step) : error;
  }
}

/** The text of the bytes and its value. */
function parsed(bytes, limit) {
  const data = requireBytes(bytes, CODE);
  if (data.length > limit) fail(CODE, 'too_long', { length: data.length, limit });
  const text = fromUtf8(data) ?? fail(CODE, 'not_utf8');
  try {
    return [text, JSON.parse(text)];
  } catch (cause) {
    return fail(CODE, 'json.syntax', { cause });
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Look through valid JSON for what `JSON.parse` does not tell: keys that stand twice, numbers written otherwise. */
function scan(text) {
  const open = []; // for each object the keys seen in it, for each array null
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last);
      const keys = open[open.length - 1];
      if (keys.has(key)) fail(CODE, 'json.twice', { field: key.slice(0, 80) });
      keys.add(key);
    } else if (/^-?[0-9]/.test(token) && !/^-?[0-9]+$/.test(token)) fail(CODE, 'json.fraction');
    last = token;
  }
}
