/**
 * A statement once the ledger holds it (format, section 3), checked by itself.
 *
 *     const entry = await parseEntry(bytes)
 *     entry.index, entry.statement.kind, entry.leafHash      // 1041, 'goods.sold', 32 bytes
 *     await verifyEnvelope(entryEnvelope(entry), keyOf)      // what its authors signed
 *
 * That it follows on the entry before is for whoever reads several: `chains.js`.
 */
import { isCount, isHex64, requireBytes, utf8 } from './bytes.js';
import { decode } from './canonical.js';
import { readSignatures } from './dsse.js';
import { fail } from './errors.js';
import { checkStatement, hasExactly } from './statement.js';
import { isUtcMillis } from './times.js';
import { leafHash } from './tree.js';

const CODE = 'EntryError';
const FIELDS = ['index', 'merchant_prev', 'merchant_seq', 'prev', 'recorded_at', 'signatures', 'statement'];
const BEFORE = utf8(',"statement":');

/** The entry of its bytes, with every rule that concerns one entry alone: its members, `bytes` and `leafHash`. */
export async function parseEntry(bytes) {
  return { ...readEntry(bytes), leafHash: await leafHash(bytes) };
}

/** `parseEntry` without the hash, for a caller that has it. */
export function readEntry(bytes) {
  const value = decode(bytes);
  if (!hasExactly(value, FIELDS)) fail(CODE, 'entry.fields', { fields: FIELDS.join(', ') });
  const { index, merchant_prev, merchant_seq, prev, recorded_at } = value;
  const statement = checkStatement(value.statement, 'statement.');
  const signatures = readSignatures(value.signatures);
  if (!isCount(index)) fail(CODE, 'not_count', { field: 'index' });
  if (merchant_seq !== null && !isCount(merchant_seq)) fail(CODE, 'not_count', { field: 'merchant_seq' });
  if (prev !== null && !isHex64(prev)) fail(CODE, 'not_hash', { field: 'prev' });
  if (merchant_prev !== null && !isHex64(merchant_prev)) fail(CODE, 'not_hash', { field: 'merchant_prev' });
  if (!isUtcMillis(recorded_at)) fail(CODE, 'entry.recorded_at', { field: 'recorded_at' });
  if ((prev === null) !== (index === 0)) fail(CODE, 'entry.prev', { field: 'prev' });
  if ((merchant_seq === null) !== (statement.merchant === null)) fail(CODE, 'entry.merchant_seq', { field: 'merchant_seq' });
  if ((merchant_prev === null) !== !merchant_seq) fail(CODE, 'entry.merchant_prev', { field: 'merchant_prev' });
  return { index, prev, merchant_seq, merchant_prev, recorded_at, signatures, statement, bytes: requireBytes(bytes, CODE) };
}

/**
 * The statement as its authors signed it: a slice of the entry's bytes. "statement" sorts last among the members, and no
 * string before it can hold its quotation marks unescaped, so the first place where the name stands is the member.
 */
export function entryEnvelope({ bytes, signatures }) {
  let at = bytes.indexOf(BEFORE[0]);
  while (!BEFORE.every((byte, n) => bytes[at + n] === byte)) at = bytes.indexOf(BEFORE[0], at + 1);
  return { payload: bytes.subarray(at + BEFORE.length, -1), signatures };
}
