/**
 * All entries of one merchant in one file, as `custody coverage --prove` writes it: none of them can be left out.
 *
 *     const { merchant, entries, holders, checkpoint } = await checkChain(bytes, await Verifier.fromVkey(vkey))
 *     checksOf({ entries, holders })        // [{ index, seq, day, findings, officers, takenBack }]
 *
 * From the file and the log's key alone: every entry listed is in the tree of the checkpoint, they are linked from the
 * merchant's first on, so none before the last was dropped or slipped in, and each is signed by keys that the entries
 * shown gave out before. That the last is the last is the log's signed claim; only all entries of the ledger prove it:
 *
 *     await checkAll(proved, httpSource(base))      // throws where the merchant has an entry that is not listed
 *
 * Bodies are not held against their schemas here, and whether a key was revoked stands in other entries (`verify.js`).
 */
import { gaveBefore, givenKey } from './authors.js';
import { decodeBase64, encodeBase64, equal, fromUtf8, requireBytes, toHex, utf8 } from './bytes.js';
import { pae } from './dsse.js';
import { entryEnvelope, parseEntry, readEntry } from './entry.js';
import { fail } from './errors.js';
import { GrowingTree } from './growing.js';
import { HASH_BYTES } from './hash.js';
import { openCheckpoint, openNote } from './note.js';
import { readTile } from './source.js';
import { decodeBundle, tileOf, WIDTH } from './tiles.js';
import { leafHash, verifyInclusion } from './tree.js';

export const MAX_CHAIN_BYTES = 64 * 2 ** 20;

const CODE = 'ProofError';
const MAGIC = 'custody-ledger/merchant-chain@v1';
const CLAIM = 'custody-ledger/merchant-head@v1';
const MAX_PATH = 63;

/** The parts of a file, nothing verified: `{ merchant, keys, entries, claim, checkpoint }`. */
export function parseChain(bytes) {
  const data = requireBytes(bytes, CODE);
  if (data.length > MAX_CHAIN_BYTES) fail(CODE, 'too_long', { length: data.length, limit: MAX_CHAIN_BYTES });
  const text = fromUtf8(data) ?? fail(CODE, 'not_utf8');
  const [above, ...below] = text.split('\n\n');
  const lines = above.split('\n');
  if (lines[0] !== MAGIC) fail(CODE, 'chain_file.magic', { magic: MAGIC });
  if (below.length !== 4) fail(CODE, 'chain_file.notes');
  if (!lines[1]?.startsWith('merchant ')) fail(CODE, 'chain_file.merchant');
  const found = { key: [], entry: [] };
  for (let at = 2; at < lines.length; ) {
    const [word, base64, ...more] = lines[at].split(' ');
    if (!Object.hasOwn(found, word) || base64 === undefined || more.length || (word === 'key' && found.entry.length)) {
      fail(CODE, 'chain_file.line', { line: at + 1 });
    }
    const placed = { data: bytesOf(base64, at), path: [] };
    for (at += 1; at < lines.length && !lines[at].includes(' '); at += 1) {
      const node = bytesOf(lines[at], at);
      if (node.length !== HASH_BYTES || placed.path.length === MAX_PATH) fail(CODE, 'chain_file.hash', { line: at + 1 });
      placed.path.push(node);
    }
    found[word].push(placed);
  }
  const notes = [`${below[0]}\n\n${below[1]}\n`, `${below[2]}\n\n${below[3]}`];
  return { merchant: lines[1].slice('merchant '.length), keys: found.key, entries: found.entry, claim: utf8(notes[0]), checkpoint: utf8(notes[1]) };
}

/** What a file proves; throws a `LedgerError` with what is wrong. `onProgress({ done, total })` now and then. */
export async function checkChain(bytes, verifier, onProgress = () => {}) {
  const file = parseChain(bytes);
  const checkpoint = await openCheckpoint(file.checkpoint, verifier);
  if (file.entries.length === 0) fail(CODE, 'chain_file.empty');
  const holders = await keysOf(await included(file.keys, checkpoint));
  const entries = await included(file.entries, checkpoint);
  checkLinks(file.merchant, entries);
  const used = new Set();
  for (const [at, entry] of entries.entries()) {
    await checkSignatures(entry, holders, used);
    if (at % 64 === 0) onProgress({ done: at, total: entries.length });
  }
  if (used.size !== holders.size) fail(CODE, 'chain_file.idle_keys');
  const { text } = await openNote(file.claim, [verifier]);
  if (text !== claimOf(file.merchant, entries.at(-1), checkpoint)) fail(CODE, 'chain_file.claim');
  return { merchant: file.merchant, entries, holders, checkpoint };
}

/**
 * That the merchant has no entry in the tree but those listed, from all entries below the checkpoint. Throws `ProofError`
 * where these are not the entries of the checkpoint, or the list is not all: the log's claim is false then, and the file
 * and the entry named prove it. `onProgress` as above, `signal` an `AbortSignal`.
 */
export async function checkAll({ merchant, entries, checkpoint }, source, { onProgress = () => {}, signal = null } = {}) {
  const { size, root } = checkpoint;
  const listed = new Set(entries.map(({ index }) => index));
  const tree = new GrowingTree();
  let beyond = null;
  for (let number = 0; number * WIDTH < size; number += 1) {
    signal?.throwIfAborted();
    const tile = tileOf('entries', number, size);
    const bundle = decodeBundle((await readTile(source, tile)) ?? fail('SourceError', 'source.no_entries')).slice(0, tile.width);
    await tree.extend(await Promise.all(bundle.map(leafHash)));
    for (const [at, bytes] of bundle.entries()) {
      const index = number * WIDTH + at;
      if (!listed.has(index) && merchantOf(bytes, index) === merchant) beyond ??= index;
    }
    onProgress({ done: tree.size, total: size });
  }
  if (tree.size !== size || !equal(await tree.rootAt(tree.size), root)) fail(CODE, 'chain_file.other_entries', { size: tree.size, proved: size });
  if (beyond !== null) fail(CODE, 'chain_file.not_all', { index: beyond, merchant });
}

/** Whose an entry is; one that cannot be read may be anybody's. */
function merchantOf(bytes, index) {
  try {
    return readEntry(bytes).statement.merchant;
  } catch (cause) {
    return fail(CODE, 'chain_file.unreadable', { index, cause });
  }
}

/** All checks in the chain, in its order; `takenBack` is the entry that takes one back, `null` if none does. */
export function checksOf({ entries, holders }) {
  const takenBack = new Map();
  for (const { index, statement: { kind, body } } of entries) if (kind === 'statement.corrected') takenBack.set(body.statement, index);
  return entries.filter(({ statement }) => statement.kind === 'inspection.recorded').map(({ index, merchant_seq, statement, signatures }) => ({
    index,
    seq: merchant_seq,
    day: String(statement.body.started_at ?? statement.occurred_at).slice(0, 10),
    findings: (statement.body.findings?.length ?? 0) - (statement.body.waivers?.length ?? 0),
    officers: signatures.map(({ keyid }) => holders.get(keyid)),
    takenBack: takenBack.get(statement.id) ?? null,
  }));
}

const claimOf = (merchant, last, { origin, size, root }) =>
  `${CLAIM}\n${origin}\n${merchant}\n${last.merchant_seq} ${last.index} ${encodeBase64(last.leafHash)}\n${size} ${encodeBase64(root)}\n`;

async function included(placed, checkpoint) {
  const found = [];
  for (const { data, path } of placed) {
    const entry = await parseEntry(data);
    const { index, leafHash, statement: { ledger } } = entry;
    if (ledger !== checkpoint.origin) fail(CODE, 'proof.other_ledger', { index, field: 'statement.ledger', ledger });
    await verifyInclusion(index, checkpoint.size, leafHash, path, checkpoint.root);
    found.push(entry);
  }
  return found;
}

/** From the merchant's first entry on, each is linked to the one before it. */
function checkLinks(merchant, entries) {
  let before = null;
  for (const [seq, entry] of entries.entries()) {
    const { index, merchant_seq, merchant_prev, recorded_at, statement } = entry;
    if (statement.merchant !== merchant) fail(CODE, 'chain_file.other_merchant', { index, merchant });
    if (merchant_seq !== seq || merchant_prev !== (before && toHex(before.leafHash))) fail(CODE, 'chain_file.link', { index, stated: merchant_seq, seq });
    if (before !== null && (index <= before.index || recorded_at < before.recorded_at)) fail(CODE, 'chain_file.order', { index });
    before = entry;
  }
}

/** The keys that these entries give out: keyid to `{ key, entry, role, scope, holder }`. */
async function keysOf(granting) {
  const holders = new Map();
  let last = -1;
  for (const entry of granting) {
    const { index } = entry;
    if (index <= last) fail(CODE, 'chain_file.key_order', { index });
    last = index;
    const given = await givenKey(entry);
    if (given === null || holders.has(given.key.keyid)) fail(CODE, 'chain_file.no_key', { index });
    holders.set(given.key.keyid, given);
  }
  return holders;
}

async function checkSignatures(entry, holders, used) {
  const { index } = entry;
  const envelope = entryEnvelope(entry);
  const message = pae(envelope.payload);
  for (const { keyid, sig } of envelope.signatures) {
    const given = holders.get(keyid);
    if (given === undefined || !gaveBefore(given, index)) fail(CODE, 'chain_file.unknown_key', { index, keyid });
    if (!(await given.key.verify(sig, message))) fail(CODE, 'signatures.wrong', { index, keyid });
    used.add(keyid);
  }
}

const bytesOf = (text, at) => {
  const bytes = decodeBase64(text);
  return bytes?.length ? bytes : fail(CODE, 'chain_file.base64', { line: at + 1 });
};
