/**
 * Portable proof of one entry (C2SP tlog-proof@v1), a `.tlog-proof` file (format, section 7).
 *
 *     const { entry, checkpoint } = await checkProof(bytes, await Verifier.fromVkey(vkey))
 *     await verifyEnvelope(entryEnvelope(entry), keyOf)       // that its authors said so: needs their public keys
 *     await checkLeaf(bytes, leafHash, verifier)              // the same of an entry of which only the hash is known
 *
 * The file carries the entry bytes on its `extra` line, the path and the signed checkpoint; the log's key is the only
 * trust. Whether the authors were entitled to say it stands in other entries and is not proved here.
 */
import { decimal, decodeBase64, fromUtf8, requireBytes } from './bytes.js';
import { parseEntry } from './entry.js';
import { fail } from './errors.js';
import { HASH_BYTES } from './hash.js';
import { MAX_NOTE_BYTES, openCheckpoint } from './note.js';
import { verifyInclusion } from './tree.js';

export const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 100_000;

const CODE = 'ProofError';
const MAGIC = 'c2sp.org/tlog-proof@v1';
const MAX_PATH = 63;

/** The parts of a proof file, nothing verified: `{ extra, index, path, checkpoint }`. */
export function parseProof(bytes) {
  const data = requireBytes(bytes, CODE);
  if (data.length > MAX_PROOF_BYTES) fail(CODE, 'too_long', { length: data.length, limit: MAX_PROOF_BYTES });
  const end = data.findIndex((byte, at) => byte === 0x0a && data[at + 1] === 0x0a);
  const above = end < 0 ? null : fromUtf8(data.subarray(0, end));
  if (above === null) fail(CODE, 'proof.form');
  const [magic, ...lines] = above.split('\n');
  if (magic !== MAGIC) fail(CODE, 'proof.magic', { magic: MAGIC });
  let extra = null;
  if (lines[0]?.startsWith('extra ')) {
    extra = decodeBase64(lines.shift().slice('extra '.length)) ?? fail(CODE, 'not_base64', { field: 'extra' });
  }
  const indexLine = lines.shift() ?? '';
  const index = indexLine.startsWith('index ') ? decimal(indexLine.slice('index '.length)) : null;
  if (index === null) fail(CODE, 'not_count', { field: 'index' });
  if (lines.length > MAX_PATH) fail(CODE, 'proof.length');
  const path = lines.map((line) => {
    const hash = decodeBase64(line);
    return hash?.length === HASH_BYTES ? hash : fail(CODE, 'proof.hash');
  });
  return { extra, index, path, checkpoint: data.subarray(end + 2) };
}

/** The entry of a proof file and the checkpoint whose tree holds it. */
export async function checkProof(bytes, verifier) {
  const proof = parseProof(bytes);
  const checkpoint = await openCheckpoint(proof.checkpoint, verifier);
  if (proof.extra === null) fail(CODE, 'proof.no_entry');
  const entry = await parseEntry(proof.extra);
  if (entry.index !== proof.index) fail(CODE, 'proof.other_index', { field: 'index', number: proof.index, stated: entry.index });
  if (entry.statement.ledger !== checkpoint.origin) {
    fail(CODE, 'proof.other_ledger', { field: 'statement.ledger', ledger: entry.statement.ledger });
  }
  await verifyInclusion(entry.index, checkpoint.size, entry.leafHash, proof.path, checkpoint.root);
  return { entry, checkpoint };
}

/** The place and checkpoint of a proof that an entry with this leaf hash is held; the entry itself need not be known. */
export async function checkLeaf(bytes, leafHash, verifier) {
  const { index, path, checkpoint: note } = parseProof(bytes);
  const checkpoint = await openCheckpoint(note, verifier);
  await verifyInclusion(index, checkpoint.size, leafHash, path, checkpoint.root);
  return { index, checkpoint };
}
