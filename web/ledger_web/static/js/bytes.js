/**
 * Bytes and their spellings: UTF-8, hex, base64, base64url. Each has exactly one spelling here.
 *
 *     decodeBase64('AAE=')   // Uint8Array [0, 1]
 *     decodeBase64('AAF=')   // null: left-over bits
 *
 * Two texts for the same bytes would let two programs disagree on whether two files are the same, and a browser's
 * own decoders are lenient, so each decoder here encodes again and compares. What a wrong text means is left to the
 * caller: decoders return `null`.
 */
import { fail } from './errors.js';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // ignoreBOM keeps it in the text
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const HEX64 = /^[0-9a-f]{64}$/;
const HEX_PAIRS = /^(?:[0-9a-f]{2})*$/;

export const utf8 = (text) => ENCODER.encode(text);

/** The text of UTF-8 bytes, `null` if they are not that. */
export function fromUtf8(bytes) {
  try {
    return DECODER.decode(bytes);
  } catch {
    return null;
  }
}

/** The bytes of a `Uint8Array` or `ArrayBuffer`; anything else is refused with this code. */
export function requireBytes(value, code, field = null) {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return fail(code, 'not_bytes', { field });
}

/** The value if it is a text. */
export function requireText(value, code, field = null) {
  return typeof value === 'string' ? value : fail(code, 'not_text', { field });
}

/** Whether this is a SHA-256 hash as the format writes it. */
export const isHex64 = (value) => typeof value === 'string' && HEX64.test(value);

export function toHex(bytes) {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** The bytes of lower-case hex digits, or `null`. */
export function fromHex(text) {
  if (typeof text !== 'string' || !HEX_PAIRS.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** RFC 4648 section 4: standard alphabet, padded. */
export function encodeBase64(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 4096) binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(binary);
}

/** The bytes, or `null` unless `text` is exactly what `encodeBase64` makes of them. */
export function decodeBase64(text) {
  if (typeof text !== 'string') return null;
  let binary;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  if (btoa(binary) !== text) return null;
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** RFC 4648 section 5 without padding, as in SD-JWT. */
export const encodeBase64url = (bytes) =>
  encodeBase64(bytes).replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');

/** The bytes, or `null` unless `text` is exactly what `encodeBase64url` makes of them. */
export function decodeBase64url(text) {
  if (typeof text !== 'string' || /[^A-Za-z0-9_-]/.test(text)) return null;
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equal(a, b) {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** The number in ASCII digits without leading zeros, or `null` if it is not that or greater than `limit`. */
export function decimal(text, limit = Number.MAX_SAFE_INTEGER) {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const number = Number(text);
  return number <= limit ? number : null;
}

/** Whether this is an integer from `least` that every JSON reader keeps exactly. */
export const isCount = (value, least = 0) => Number.isSafeInteger(value) && value >= least;
