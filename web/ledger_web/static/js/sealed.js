/**
 * Sealed values: text that can be erased without touching a hash (format, section 8; RFC 9901 section 4.2.1).
 *
 *     const { disclosure, digest } = await seal('phone', '13800000000', random)
 *     body.phone = { sealed: digest }                       // the disclosure travels beside the statement
 *     (await openSealed(body.phone, disclosure)).value      // '13800000000'
 *
 * A disclosure is base64url of the JSON array `[salt, field name, value]`; the digest is base64url of the SHA-256 of the
 * disclosure's characters. Where disclosures are kept is up to the caller.
 */
import { decodeBase64url, encodeBase64url, requireText, utf8 } from './bytes.js';
import { decodeAnyLayout, encodeText, isKey } from './canonical.js';
import { fail } from './errors.js';
import { sha256 } from './hash.js';
import { hasExactly } from './statement.js';

export const MAX_DISCLOSURE = 65_535;

const CODE = 'EncodingError';
const SALT_BYTES = 16; // 128 bits: RFC 9901 section 9.3
const MIN_SALT = 22; // characters that these take in base64url

/** Seal the value of a field; `random(n)` gives n random bytes. */
export async function seal(name, value, random) {
  if (!isKey(name)) fail(CODE, 'sealed.name', { field: String(name).slice(0, 80) });
  const salt = encodeBase64url(random(SALT_BYTES));
  encodeText([salt, name, value]); // in the profile, with what stands around it
  const disclosure = encodeBase64url(utf8(`["${salt}", "${name}", ${encodeText(value)}]`)); // spaces as in RFC 9901
  if (disclosure.length > MAX_DISCLOSURE) fail(CODE, 'too_long', { field: name, length: disclosure.length, limit: MAX_DISCLOSURE });
  return { disclosure, digest: await digest(disclosure) };
}

/** Base64url of the SHA-256 of the disclosure's characters. */
export async function digest(disclosure) {
  return encodeBase64url(await sha256(utf8(requireText(disclosure, CODE))));
}

/** Salt, field name and value of a disclosure. */
export function openDisclosure(disclosure) {
  const text = requireText(disclosure, CODE);
  const raw = text.length <= MAX_DISCLOSURE ? decodeBase64url(text) : null;
  if (raw === null) fail(CODE, 'sealed.form');
  const content = decodeAnyLayout(raw, MAX_DISCLOSURE);
  if (!Array.isArray(content) || content.length !== 3) fail(CODE, 'sealed.form');
  encodeText(content);
  const [salt, name, value] = content;
  if (typeof salt !== 'string' || [...salt].length < MIN_SALT) fail(CODE, 'sealed.salt');
  if (!isKey(name)) fail(CODE, 'sealed.name', { field: String(name).slice(0, 80) });
  return { salt, name, value };
}

/** What a disclosure says, if it is the one that the sealed value stands for. */
export async function openSealed(sealed, disclosure) {
  if (!hasExactly(sealed, ['sealed'])) fail(CODE, 'sealed.form');
  const opened = openDisclosure(disclosure);
  if ((await digest(disclosure)) !== sealed.sealed) fail(CODE, 'sealed.other', { field: opened.name });
  return opened;
}
