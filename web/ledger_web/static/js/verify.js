/**
 * Verify a whole published ledger in the browser, from its entries on (format, section 10).
 *
 *     const verdict = await verifyLedger(httpSource(base), { vkey, since: remembered?.note, onProgress })
 *     verdict.verdict            // 'intact', 'tampered', 'incomplete'
 *     verdict.faults[0]          // { check: 'chain', index: 1041, zh: '…', en: '…' }
 *
 * What it does: the checks `encoding`, `index`, `chain`, `merchant_chain`, `tree`, `checkpoint_signature`,
 * `statement_signature`, `authority` and `seen`. What it leaves to `custody verify`: bodies against their schemas, the
 * rules of custody, findings of inspections, attachments; the verdict says so. The verdict is plain data, and nothing
 * here touches the page, so that it runs in a worker as well (`verify-worker.js`).
 */
import { Authority } from './authority.js';
import { equal, fromUtf8, toHex } from './bytes.js';
import { Chains } from './chains.js';
import { entryEnvelope, readEntry } from './entry.js';
import { pae } from './dsse.js';
import { fail, LedgerError } from './errors.js';
import { GrowingTree } from './growing.js';
import { openCheckpoint, parseCheckpoint, Verifier } from './note.js';
import { readTile } from './source.js';
import { decodeBundle, tileOf, WIDTH } from './tiles.js';
import { leafHash } from './tree.js';
import { Outcome } from './verdict.js';

/**
 * `vkey`: the log's key as it is known from elsewhere; without it the source's own claim is taken, and remarked on.
 * `since`: the note of a checkpoint that somebody remembers. `onProgress({ done, total })` after every 256 entries.
 * `signal`: an `AbortSignal`. Throws a `LedgerError` for a source without a checkpoint that can be read, for a `vkey`
 * that is none, and for a `since` that the log has not signed; all that is wrong with the ledger is in the verdict.
 */
export async function verifyLedger(source, { vkey = null, since = null, onProgress = () => {}, signal = null } = {}) {
  const outcome = new Outcome();
  const log = await logVerifier(source, vkey, outcome);
  const remembered = since === null ? null : await openCheckpoint(since, log ?? fail('NoteError', 'verify.no_vkey'));
  const note = (await source.read('checkpoint')) ?? fail('SourceError', 'source.no_checkpoint');
  const head = await parseCheckpoint(note);
  await checkHead(head, log, outcome);
  const reading = new Reading(source, head, log, outcome);
  try {
    await reading.all(onProgress, signal);
    await reading.finish(remembered);
  } catch (error) {
    if (error.code !== 'SourceError') throw error;
    outcome.gap('tree', error.key, error.values);
  }
  return outcome.result({ origin: head.origin, size: head.size, root: toHex(head.root), read: reading.size, vkey: log?.vkey ?? null });
}

async function logVerifier(source, given, outcome) {
  const bytes = await source.read('vkey');
  const claimed = bytes === null ? null : (fromUtf8(bytes) ?? '').replace(/\r?\n$/, '');
  const text = given ?? claimed;
  if (text === null) {
    outcome.gap('checkpoint_signature', 'verify.no_vkey');
    return null;
  }
  if (given === null) outcome.remark('verify.own_vkey', { vkey: text });
  else if (claimed !== null && claimed !== given) outcome.fault('checkpoint_signature', null, { key: 'verify.other_vkey', values: { vkey: claimed } });
  try {
    return await Verifier.fromVkey(text);
  } catch (error) {
    if (given !== null || !(error instanceof LedgerError)) throw error;
    outcome.fault('checkpoint_signature', null, error);
    return null;
  }
}

async function checkHead(head, log, outcome) {
  if (log === null) return;
  outcome.looked('checkpoint_signature');
  try {
    await openCheckpoint(head.note, log);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    outcome.fault('checkpoint_signature', head.size ? head.size - 1 : null, error);
  }
}

class Reading {
  #tree = new GrowingTree();
  #chains = new Chains();
  #unknown = new Map(); // kinds that this program does not know, and how many
  #whole = true;

  constructor(source, head, log, outcome) {
    Object.assign(this, { source, head, outcome });
    this.authority = new Authority(head.origin, log?.key ?? null);
  }

  get size() {
    return this.#tree.size;
  }

  /** Every entry, 256 at a time: the next ones are fetched, and signatures verified, while others are looked at. */
  async all(onProgress, signal) {
    let verifying = Promise.resolve();
    let coming = this.#fetch(0);
    for (let number = 0; number * WIDTH < this.head.size; number += 1) {
      if (signal?.aborted) fail('UsageError', 'verify.stopped');
      const [bundle, tile] = await coming;
      coming = this.#fetch(number + 1);
      coming.catch(() => {}); // awaited in the next round, or not at all after a fault
      const jobs = await this.#chunk(number, bundle, tile);
      await verifying;
      verifying = Promise.all(jobs);
      if (!this.#whole) break;
      onProgress({ done: this.size, total: this.head.size });
    }
    await verifying;
  }

  /** What can only be said at the end: roots, and the tiles above the leaves. */
  async finish(remembered) {
    const { head, outcome } = this;
    for (const [kind, count] of this.#unknown) outcome.gap('authority', 'verify.unknown_kind', { kind, count });
    const disputed = this.authority.disputed();
    if (disputed) outcome.remark('verify.disputed', { count: disputed });
    if (remembered === null) outcome.remark('verify.no_since');
    else await this.#compare(remembered, 'tree.since');
    if (this.size > 0 || head.size === 0) await this.#compare(head, 'tree.root');
    if (!this.#whole) return;
    for (let level = 1; head.size >= 256 ** level; level += 1) {
      for (let number = 0; number * WIDTH < Math.floor(head.size / 256 ** level); number += 1) {
        const tile = tileOf(level, number, head.size);
        this.#compareTile(tile, await readTile(this.source, tile));
      }
    }
  }

  async #fetch(number) {
    if (number * WIDTH >= this.head.size) return [null, null];
    const reading = ['entries', 0].map((level) => readTile(this.source, tileOf(level, number, this.head.size)));
    return Promise.all(reading);
  }

  /** The entries of one bundle. Returns the pins and signatures that are still being verified. */
  async #chunk(number, bundle, tileBytes) {
    const { outcome } = this;
    const start = number * WIDTH;
    const tile = tileOf(0, number, this.head.size);
    const entries = this.#entriesOf(bundle, start, tile.width);
    const leaves = await Promise.all(entries.map(leafHash));
    await this.#tree.extend(leaves);
    this.#whole = entries.length === tile.width;
    if (entries.length) this.#compareTile({ ...tile, width: entries.length }, tileBytes);
    const jobs = [];
    for (const [at, bytes] of entries.entries()) {
      const leaf = toHex(leaves[at]);
      outcome.looked('encoding');
      let entry;
      try {
        entry = readEntry(bytes);
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        outcome.fault('encoding', start + at, error);
        this.#chains.skip(leaf);
        continue;
      }
      await this.#entry(entry, start + at, leaf, jobs);
    }
    return jobs;
  }

  #entriesOf(bundle, start, width) {
    if (bundle === null) {
      if (start === 0) this.outcome.gap('encoding', 'source.no_entries');
      else this.outcome.fault('index', start, { key: 'index.missing' });
      return [];
    }
    try {
      const entries = decodeBundle(bundle).slice(0, width);
      if (entries.length < width) this.outcome.fault('index', start + entries.length, { key: 'index.missing' });
      return entries;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.outcome.fault('index', start, error);
      return [];
    }
  }

  async #entry(entry, place, leaf, jobs) {
    const { outcome, authority } = this;
    const { kind, merchant, seen } = entry.statement;
    for (const { check, ...fault } of this.#chains.follow(entry, place, leaf)) outcome.fault(check, place, fault);
    outcome.looked('index');
    outcome.looked('chain');
    if (merchant !== null) outcome.looked('merchant_chain');
    if (Authority.knows(kind)) outcome.looked('authority');
    else this.#unknown.set(kind, (this.#unknown.get(kind) ?? 0) + 1);
    for (const fault of authority.judge(entry, place)) outcome.fault('authority', place, fault);
    for (const fault of await authority.take(entry, place)) outcome.fault('authority', place, fault);
    if (seen !== null) jobs.push(this.#seen(seen, place));
    const envelope = entryEnvelope(entry);
    const message = pae(envelope.payload);
    for (const signature of envelope.signatures) jobs.push(this.#signature(signature, message, place));
  }

  async #seen({ root, size }, place) {
    this.outcome.looked('seen');
    if (size > place) this.outcome.fault('seen', place, { key: 'seen.later', values: { size } });
    else if (toHex(await this.#tree.rootAt(size)) !== root) this.outcome.fault('seen', place, { key: 'seen.other', values: { size } });
  }

  async #signature({ keyid, sig }, message, place) {
    const key = this.authority.keyOf(keyid);
    this.outcome.looked('statement_signature');
    if (key === undefined) this.outcome.fault('statement_signature', place, { key: 'authority.unknown', values: { keyid } });
    else if (!(await key.verify(sig, message))) this.outcome.fault('statement_signature', place, { key: 'signatures.wrong', values: { keyid } });
  }

  async #compare(checkpoint, key) {
    const { size, root } = checkpoint;
    this.outcome.looked('tree');
    if (size > this.size) this.outcome.fault('tree', this.size, { key: 'tree.cut', values: { size } });
    else if (!equal(await this.#tree.rootAt(size), root)) this.outcome.fault('tree', 0, { key, values: { size } });
  }

  #compareTile({ level, number, width }, stored) {
    this.outcome.looked('tree');
    const computed = this.#tree.tile(level, number, width);
    const first = number * WIDTH * 256 ** level;
    const values = { level, number };
    if (stored === null) this.outcome.fault('tree', first, { key: 'tree.tile_missing', values });
    else if (!equal(stored.subarray(0, computed.length), computed)) {
      const differing = computed.findIndex((byte, at) => byte !== stored[at]);
      this.outcome.fault('tree', first + Math.floor(differing / 32) * 256 ** level, { key: 'tree.tile', values });
    }
  }
}
