/**
 * The keys of an entry's authors, each with the proof of the entry that gave it out.
 *
 *     const grants = new Grants(verifier, compared)
 *     await grants.learn(bytes, entry)               // a proof that somebody has given: does its entry give out a key?
 *     const { given, doubts } = await grants.of(entry)       // Map of keyid to { key, entry, role, scope, holder, proof, revoked }
 *
 * Where they come from: the entry itself (the first one), proofs given here, proofs that this device has verified before and
 * keeps, and the server, which is asked which entry it was and believed nothing: the proof is checked, its state held against
 * the history remembered here, and the key by its hash. What the server says of revocations can be proved where it says one.
 */
import { fromUtf8, utf8 } from '../bytes.js';
import { givenKey, refuseRevoked, requireGiven } from '../authors.js';
import { checkProof } from '../proof.js';
import { send } from './api.js';
import { bytesFrom } from './files.js';
import { identity } from './session.js';
import { table } from './store.js';
import { Problem, Trouble, Unreachable } from './trouble.js';

const store = table('memory');

export class Grants {
  #verifier;
  #compared;
  #known = new Map();

  constructor(verifier, compared) {
    this.#verifier = verifier;
    this.#compared = compared;
  }

  /** Take in the key that a proved entry gives out; whether it gives one. */
  async learn(bytes, entry) {
    const given = await givenKey(entry);
    if (given === null) return false;
    const { keyid } = given.key;
    this.#known.set(keyid, { revoked: undefined, ...this.#known.get(keyid), ...given, proof: bytes });
    await store.put(this.#name(keyid), fromUtf8(bytes));
    return true;
  }

  /** The keys of an entry's authors that are known here or can be asked for. */
  async of(entry) {
    const given = new Map();
    for (const { keyid } of entry.signatures) {
      const own = await givenKey(entry);
      const found = own?.key.keyid === keyid && own.entry === 0 ? { ...own, proof: null, revoked: undefined } : ((await this.#asked(keyid, entry)) ?? (await this.#kept(keyid)));
      if (found !== null) given.set(keyid, found);
    }
    return given;
  }

  /** As the server has it. `null` without a connection, and for who may not see it. */
  async #asked(keyid, entry) {
    if ((await identity()) === null) return null;
    try {
      const told = await send('GET', `/api/keys/${keyid}`);
      if (!this.#known.has(keyid)) {
        const granting = await this.#proved(told.granted);
        await requireGiven(granting.entry, keyid);
        await this.learn(granting.bytes, granting.entry);
      }
      if (told.revoked !== null && told.revoked < entry.index) refuseRevoked((await this.#proved(told.revoked)).entry, keyid, entry.index);
      this.#known.get(keyid).revoked = told.revoked;
      return this.#known.get(keyid);
    } catch (error) {
      if (error instanceof Unreachable || error instanceof Problem || error instanceof Trouble) return null;
      throw error;
    }
  }

  /** What was given here, or was verified here before. */
  async #kept(keyid) {
    const text = this.#known.has(keyid) ? undefined : await store.get(this.#name(keyid));
    if (text !== undefined) {
      const { entry } = await checkProof(utf8(text), this.#verifier);
      await this.learn(utf8(text), entry);
    }
    return this.#known.get(keyid) ?? null;
  }

  async #proved(index) {
    const bytes = new Uint8Array(await (await bytesFrom(`/proof/${index}`)).arrayBuffer());
    const { entry, checkpoint } = await checkProof(bytes, this.#verifier);
    await this.#compared(checkpoint);
    return { bytes, entry };
  }

  #name(keyid) {
    return `grant ${this.#verifier.vkey} ${keyid}`;
  }
}
