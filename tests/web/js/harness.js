/**
 * What the tests call: one function a name, many inputs a call.
 *
 *     (await import('/tests/js/harness.js')).each('json', ['eyJhIjoxfQ=='])      // [{ ok: '7b22…' }]
 *
 * Bytes come in as base64 and go out as hex. An answer is `{ ok }`, `{ code, key, en, zh }` of a `LedgerError`, or
 * `{ crash }`: any other error, which is a fault of the modules.
 */
import * as authority from '/static/js/authority.js';
import * as authors from '/static/js/authors.js';
import * as bytes from '/static/js/bytes.js';
import * as canonical from '/static/js/canonical.js';
import * as database from '/static/js/database.js';
import * as dsse from '/static/js/dsse.js';
import * as ed25519 from '/static/js/ed25519.js';
import * as entry from '/static/js/entry.js';
import * as errors from '/static/js/errors.js';
import * as growing from '/static/js/growing.js';
import * as hash from '/static/js/hash.js';
import * as keys from '/static/js/keys.js';
import * as merchantChain from '/static/js/merchant-chain.js';
import * as memory from '/static/js/memory.js';
import * as messages from '/static/js/messages.js';
import * as note from '/static/js/note.js';
import * as proof from '/static/js/proof.js';
import * as sealed from '/static/js/sealed.js';
import * as source from '/static/js/source.js';
import * as statement from '/static/js/statement.js';
import * as tiles from '/static/js/tiles.js';
import * as times from '/static/js/times.js';
import * as tree from '/static/js/tree.js';
import * as verdict from '/static/js/verdict.js';
import * as verify from '/static/js/verify.js';

export const modules = {
  authority, authors, bytes, canonical, database, dsse, ed25519, entry, errors, growing, hash, keys, memory, merchantChain, messages, note,
  proof, sealed, source, statement, tiles, times, tree, verdict, verify,
};

const { fromHex, fromUtf8, toHex } = bytes;
export const raw = (base64) => bytes.decodeBase64(base64);
const text = (input) => fromUtf8(raw(input)) ?? String.fromCharCode(...raw(input)); // what is no UTF-8 is some other text
const hashes = (path) => path.map(fromHex);

/** Plain data that Python can compare: bytes as hex. */
export function shown(value) {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value === undefined ? null : value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

const verifiers = new Map();
async function verifier(vkey) {
  if (!verifiers.has(vkey)) verifiers.set(vkey, await note.Verifier.fromVkey(vkey));
  return verifiers.get(vkey);
}

async function knownKeys(spkis) {
  const known = await Promise.all(spkis.map((one) => keys.PublicKey.fromText(one)));
  return new Map(known.map((key) => [key.keyid, key]));
}

/** By name: (input, context) to a value. `context` is the same for all inputs of a call. */
const WORK = {
  json: (input) => canonical.encode(canonical.decode(raw(input))),
  encode: (value) => canonical.encode(value),
  'any-layout': (input) => canonical.encode(canonical.decodeAnyLayout(raw(input), 65_535)),
  statement: (input) => canonical.encode(statement.parseStatement(raw(input))),
  envelope: (input) => dsse.encodeEnvelope(dsse.parseEnvelope(raw(input))),
  entry: async (input) => (await entry.parseEntry(raw(input))).leafHash,
  key: async (input) => (await keys.PublicKey.fromText(text(input))).requireGrantable().keyid,
  signature: async (input, { spkis }) => {
    const known = await knownKeys(spkis);
    await dsse.verifyEnvelope(dsse.parseEnvelope(raw(input)), (keyid) => known.get(keyid));
  },
  vkey: async (input) => (await note.Verifier.fromVkey(text(input))).vkey,
  note: async (input, { vkey }) => (await note.openNote(raw(input), [await verifier(vkey)])).text,
  checkpoint: async (input, { vkey }) => {
    const { origin, size, root } = await note.openCheckpoint(raw(input), await verifier(vkey));
    return { origin, size, root };
  },
  inclusion: (given) =>
    tree.verifyInclusion(given.index, given.size, fromHex(given.leaf), hashes(given.path), fromHex(given.root)),
  consistency: (given) =>
    tree.verifyConsistency(given.old, given.new, hashes(given.path), fromHex(given.old_root), fromHex(given.new_root)),
  'tlog-proof': async (input, { vkey }) => {
    const checked = await proof.checkProof(raw(input), await verifier(vkey));
    return { index: checked.entry.index, bytes: checked.entry.bytes, size: checked.checkpoint.size };
  },
  'tile-path': (input) => tiles.tilePath(tiles.parseTilePath(text(input))),
  bundle: (input) => tiles.decodeBundle(raw(input)),
  disclosure: (input) => {
    const { salt, name, value } = sealed.openDisclosure(text(input));
    return canonical.encode([salt, name, value]);
  },
  authors: async (input, { vkey, grants }) => {
    const log = await note.Verifier.fromVkey(vkey);
    const given = new Map();
    for (const one of grants) {
      const found = await authors.givenKey((await proof.checkProof(raw(one), log)).entry);
      if (found !== null) given.set(found.key.keyid, found);
    }
    const found = await authors.checkAuthors((await proof.checkProof(raw(input), log)).entry, given);
    return found.map(({ given: known, fault }) => [known?.entry ?? null, known?.role ?? null, fault?.key ?? null]);
  },
  'merchant-chain-all': async (input, { vkey, files }) => {
    const proved = await merchantChain.checkChain(raw(input), await note.Verifier.fromVkey(vkey));
    await merchantChain.checkAll(proved, { read: async (path) => (Object.hasOwn(files, path) ? raw(files[path]) : null) });
    return proved.entries.length;
  },
  'merchant-chain': async (input, { vkey }) => {
    const proved = await merchantChain.checkChain(raw(input), await note.Verifier.fromVkey(vkey));
    const { merchant, entries, checkpoint } = proved;
    const checks = merchantChain.checksOf(proved).map((one) => [one.index, one.day, one.findings, one.takenBack, one.officers.map(({ holder }) => holder)]);
    return { merchant, entries: entries.map((one) => one.index), size: checkpoint.size, checks };
  },
  leaf: async ({ proof: file, leaf }, { vkey }) => {
    const { index, checkpoint } = await proof.checkLeaf(raw(file), bytes.fromHex(leaf), await note.Verifier.fromVkey(vkey));
    return [index, checkpoint.size];
  },
  digest: (input) => sealed.digest(text(input)),
  instant: (input) => times.isInstant(text(input)),
  base64: (input) => bytes.decodeBase64(text(input)),
  base64url: (input) => bytes.decodeBase64url(text(input)),
  decimal: (input) => bytes.decimal(text(input)),
  root: (leaves) => tree.rootOf(hashes(leaves)),
  proofs: async ({ leaves, tiles: stored, size, index, old }) => {
    const read = ({ level, number }) => raw(stored[`${level}/${number}`]);
    const made = new tiles.TileTree(read, size);
    const grown = new growing.GrowingTree();
    await grown.extend(hashes(leaves.slice(0, old)));
    const before = await grown.rootAt(old);
    await grown.extend(hashes(leaves.slice(old)));
    return {
      root: await made.rootAt(), old: await made.rootAt(old), inclusion: await made.inclusion(index),
      consistency: await made.consistency(old), grown: [before, await grown.rootAt(old), await grown.rootAt(size)],
    };
  },
  'ed25519': async ({ key, signature, message }) => [
    await ed25519.verify(raw(key), raw(signature), raw(message)),
    await (await keys.PublicKey.fromEd25519(raw(key))).verify(raw(signature), raw(message)),
  ],
  'full-order': (key) => ed25519.hasFullOrder(raw(key)),
};

/** The answer of a piece of work: see the top. */
export async function answer(work) {
  try {
    return { ok: shown(await work()) };
  } catch (error) {
    if (!(error instanceof errors.LedgerError)) return { crash: `${error}\n${error?.stack}` };
    const { code, key, field, message } = error;
    return { code, key, field, en: message, zh: error.words('zh') };
  }
}

/** The answers of one piece of work for each input. */
export const each = (name, inputs, context = {}) => Promise.all(inputs.map((input) => answer(() => WORK[name](input, context))));
