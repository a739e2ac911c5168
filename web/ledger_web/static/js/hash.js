/**
 * SHA-256 (FIPS 180-4), by WebCrypto.
 *
 *     toHex(await sha256(utf8('abc')))   // 'ba7816bf…'
 *
 * WebCrypto is there only over HTTPS and on loopback; elsewhere the error says so.
 */
import { fail } from './errors.js';

export const HASH_BYTES = 32;

/** The browser's own cryptography. */
export const subtle = () => globalThis.crypto?.subtle ?? fail('KeyInvalid', 'no_webcrypto');

export const sha256 = async (bytes) => new Uint8Array(await subtle().digest('SHA-256', bytes));
