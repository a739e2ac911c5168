/**
 * Keys of authors and of the log: Ed25519, and ECDSA on P-256 with SHA-256 (format, section 2).
 *
 *     const key = await DeviceKey.make()                 // its private half never leaves the browser
 *     await key.public.verify(await key.sign(message), message)
 *     const other = await PublicKey.fromText('MCowBQYDK2VwAyEA…')
 *
 * A public key is written as base64 of its DER SubjectPublicKeyInfo, in one of two shapes; `keyid` is the hex SHA-256
 * of that DER. Signatures are 64 bytes by either algorithm: P-256 as r‖s, which is what WebCrypto makes. Keeping the
 * device's key is the work of a store that is handed in (`database.js`).
 */
import { concat, decodeBase64, encodeBase64, equal, fromHex, requireBytes, toHex } from './bytes.js';
import * as arithmetic from './ed25519.js';
import { fail, LedgerError } from './errors.js';
import { sha256, subtle } from './hash.js';

export const SIGNATURE_BYTES = 64;

const CODE = 'KeyInvalid';
const ED25519 = { name: 'Ed25519' };
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const ED25519_PREFIX = fromHex('302a300506032b6570032100'); // RFC 8410
const P256_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'); // RFC 5480, uncompressed
const SOME_KEY = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'); // RFC 8032 section 7.1

let ed25519InBrowser = null;

/** Whether WebCrypto here verifies Ed25519. Asked once. */
export function hasEd25519() {
  ed25519InBrowser ??= subtle()
    .importKey('raw', SOME_KEY, ED25519, false, ['verify'])
    .then(() => true, () => false);
  return ed25519InBrowser;
}

const HANDLES = new WeakMap(); // PublicKey to WebCrypto's promise of its handle

export class PublicKey {
  /** Made by `fromText`, `fromDer` and `fromEd25519` only. */
  constructor(der, algorithm, keyid) {
    this.der = der;
    this.algorithm = algorithm; // 'ed25519' or 'p256'
    this.keyid = keyid;
    Object.freeze(this);
  }

  /** The key of its text in bodies. */
  static async fromText(text, field = null) {
    const der = decodeBase64(text) ?? fail(CODE, 'key.base64', { field });
    return PublicKey.fromDer(der, field);
  }

  /** The key of a DER SubjectPublicKeyInfo in one of the two shapes. */
  static async fromDer(der, field = null) {
    requireBytes(der, CODE, field);
    const is = (prefix, bytes) => der.length === prefix.length + bytes && equal(der.subarray(0, prefix.length), prefix);
    const algorithm = is(ED25519_PREFIX, 32) ? 'ed25519' : is(P256_PREFIX, 64) ? 'p256' : fail(CODE, 'key.shape', { field });
    const key = new PublicKey(der.slice(), algorithm, toHex(await sha256(der)));
    if (algorithm === 'p256' && (await key.#imported()) === null) fail(CODE, 'key.point', { field });
    return key;
  }

  /** The key of the 32 bytes of RFC 8032, as verifier keys of notes carry it. */
  static fromEd25519(raw) {
    return PublicKey.fromDer(concat(ED25519_PREFIX, requireBytes(raw, CODE)));
  }

  get text() {
    return encodeBase64(this.der);
  }

  /** Ed25519: the 32 bytes of RFC 8032. */
  get raw() {
    return this.der.subarray(ED25519_PREFIX.length);
  }

  /** Refuse an Ed25519 key in whose name anyone could sign, or that is not the encoding of a point (section 2). */
  requireGrantable(field = null) {
    if (this.algorithm === 'ed25519' && !arithmetic.hasFullOrder(this.raw)) fail(CODE, 'key.low_order', { field });
    return this;
  }

  /** Whether these bytes are this key's signature of the message. */
  async verify(signature, message) {
    requireBytes(signature, CODE);
    requireBytes(message, CODE);
    if (signature.length !== SIGNATURE_BYTES) return false;
    if (this.algorithm === 'ed25519' && !(await hasEd25519())) return arithmetic.verify(this.raw, signature, message);
    const handle = await this.#imported();
    return handle !== null && subtle().verify(this.algorithm === 'p256' ? P256 : ED25519, handle, signature, message);
  }

  /** WebCrypto's handle of this key, `null` if it takes the bytes for no key. */
  #imported() {
    const [algorithm, format, bytes] =
      this.algorithm === 'p256' ? [P256, 'spki', this.der] : [ED25519, 'raw', this.raw];
    if (!HANDLES.has(this)) {
      HANDLES.set(this, subtle().importKey(format, bytes, algorithm, false, ['verify']).catch(() => null));
    }
    return HANDLES.get(this);
  }
}

/** The key pair of this device. */
export class DeviceKey {
  constructor(publicKey, privateKey) {
    this.public = publicKey;
    this.privateKey = privateKey; // a CryptoKey that cannot be exported
    Object.freeze(this);
  }

  /** A new pair: Ed25519 where the browser makes and keeps such keys, P-256 otherwise, or as asked for. */
  static async make(algorithm = null) {
    if (algorithm !== 'p256') {
      const pair = await ed25519Pair();
      if (pair !== null) return DeviceKey.#of(pair);
      if (algorithm === 'ed25519') fail(CODE, 'key.unsupported', { algorithm });
    }
    return DeviceKey.#of(await subtle().generateKey(P256, false, ['sign', 'verify']));
  }

  /** The pair that a store keeps under a name, `null` if there is none. */
  static async load(store, name = 'device-key') {
    const kept = await store.get(name);
    if (kept === undefined || kept === null) return null;
    const sound = kept.privateKey instanceof CryptoKey && kept.privateKey.type === 'private';
    if (!sound) fail(CODE, 'key.kept');
    return new DeviceKey(await PublicKey.fromText(kept.public, 'public'), kept.privateKey);
  }

  /** Keep the pair in a store. A pair that is there already is not written over: it may have been granted. */
  async keep(store, name = 'device-key') {
    const mine = { public: this.public.text, privateKey: this.privateKey };
    const kept = await store.update(name, (before) => before ?? mine);
    if (kept.public !== mine.public) fail(CODE, 'key.there_already');
  }

  /** 64 bytes. */
  async sign(message) {
    requireBytes(message, CODE);
    const algorithm = this.public.algorithm === 'p256' ? P256 : ED25519;
    return new Uint8Array(await subtle().sign(algorithm, this.privateKey, message));
  }

  static async #of({ publicKey, privateKey }) {
    return new DeviceKey(await PublicKey.fromDer(new Uint8Array(await subtle().exportKey('spki', publicKey))), privateKey);
  }
}

async function ed25519Pair() {
  try {
    const pair = await subtle().generateKey(ED25519, false, ['sign', 'verify']);
    structuredClone(pair.privateKey); // some browsers make such keys, and cannot put them into a database
    return pair;
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    return null;
  }
}
