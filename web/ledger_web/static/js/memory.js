/**
 * The newest checkpoint that this device has verified, and the refusal of any history that does not extend it.
 *
 *     const memory = new Memory(store, verifier)
 *     const { state } = await memory.advance(await fetchCheckpoint(), async (old, size) => pathFromTheServer)
 *     statement.seen = await memory.seen()            // { root, size }: vouches for the history before
 *
 * `advance` says `first`, `same`, `extended`, or `older` (an earlier state of the same history: nothing is forgotten).
 * It throws a `LedgerError` with code `HistoryChanged` when two histories are shown: two roots of one size, or a
 * checkpoint that is not proved to extend the one before. Both checkpoints, each signed by the log, are then kept as
 * evidence, which stays whatever is shown later. A checkpoint that the log has not signed is a `NoteError` and proves
 * nothing against it. What `fetchConsistency` throws itself comes through: a server out of reach is not a liar.
 */
import { equal, fromUtf8, toHex, utf8 } from './bytes.js';
import { fail, LedgerError } from './errors.js';
import { openCheckpoint } from './note.js';
import { verifyConsistency } from './tree.js';

export const MAX_EVIDENCE = 50; // pairs; the first ones say all that is to be said

export class Memory {
  #store;
  #verifier;
  #name;

  /** `store` as in `database.js`; `verifier` is the log's key, the only trust. */
  constructor(store, verifier) {
    this.#store = store;
    this.#verifier = verifier;
    this.#name = `checkpoint ${verifier.vkey}`;
  }

  /** The log's key, by which this is remembered. */
  get vkey() {
    return this.#verifier.vkey;
  }

  /** The newest checkpoint verified here, `null` if there is none. What is stored is verified again. */
  async latest() {
    return this.#opened(await this.#store.get(this.#name));
  }

  /** What goes into a statement's `seen`. */
  async seen() {
    const latest = await this.latest();
    return latest === null || latest.size === 0 ? null : { root: toHex(latest.root), size: latest.size };
  }

  /** Pairs of checkpoints that contradict each other: `[{ reason, remembered, shown }]`, notes as text. */
  async evidence() {
    return (await this.#store.get(`${this.#name} evidence`)) ?? [];
  }

  /** Take in a newer checkpoint; see above. `fetchConsistency(old, size)` gives the path as an array of hashes. */
  async advance(note, fetchConsistency) {
    const shown = await openCheckpoint(note, this.#verifier);
    for (;;) {
      const before = await this.#store.get(this.#name);
      const known = await this.#opened(before);
      const state = await this.#compare(known, shown, fetchConsistency);
      if (state === 'same' || state === 'older') return { state, checkpoint: known, shown };
      const text = fromUtf8(shown.note);
      const kept = await this.#store.update(this.#name, (now) => (now === before ? text : now));
      if (kept === text) return { state, checkpoint: shown, shown };
      // another tab has got further meanwhile: compare with what it has remembered
    }
  }

  async #opened(text) {
    return text === undefined ? null : openCheckpoint(utf8(text), this.#verifier);
  }

  async #compare(known, shown, fetchConsistency) {
    if (known === null) return 'first';
    if (known.size === shown.size) {
      if (equal(known.root, shown.root)) return 'same';
      await this.#refuse(known, shown, 'memory.two_histories');
    }
    const [older, newer] = known.size < shown.size ? [known, shown] : [shown, known];
    if (older.size > 0) {
      const path = await fetchConsistency(older.size, newer.size);
      try {
        await verifyConsistency(older.size, newer.size, path, older.root, newer.root);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        await this.#refuse(known, shown, 'memory.not_extended', error);
      }
    }
    return older === known ? 'extended' : 'older';
  }

  async #refuse(known, shown, key, cause) {
    const pair = { reason: key, remembered: fromUtf8(known.note), shown: fromUtf8(shown.note) };
    await this.#store.update(`${this.#name} evidence`, (pairs = []) =>
      pairs.some(({ remembered, shown: other }) => remembered === pair.remembered && other === pair.shown)
        ? pairs
        : [...pairs, pair].slice(0, MAX_EVIDENCE),
    );
    fail('HistoryChanged', key, { cause, known: known.size, size: shown.size, evidence: pair });
  }
}
