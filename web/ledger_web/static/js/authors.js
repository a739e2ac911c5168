/**
 * Whether an entry's authors said so: their signatures, by keys that proved entries gave out.
 *
 *     const given = await givenKey(grantEntry)            // { key, entry, role, scope, holder }, null if it gives out none
 *     const authors = await checkAuthors(entry, new Map([[given.key.keyid, given]]))
 *     authors[0]       // { keyid, given, fault: null }: verified. `given` is null where the key is not known here
 *
 * A keyid is the hash of its key, so a wrong key cannot pass for it. What this leaves open, as `custody check-proof` does:
 * whether the key had been revoked before, and whether a supervisor's grid has the merchant. Both stand in other entries.
 */
import { wrongRole } from './authority.js';
import { entryEnvelope } from './entry.js';
import { pae } from './dsse.js';
import { fail, LedgerError } from './errors.js';
import { PublicKey } from './keys.js';

/** The key that an entry gives out, and to whom. The entry itself has been verified. */
export async function givenKey({ index, statement: { kind, body } }) {
  const opened = kind === 'ledger.opened' && index === 0;
  const key = opened || kind === 'key.granted' ? await keyOf(opened ? body.operator_key : body.public_key) : null;
  if (key === null) return null;
  const { role, scope, holder = null } = opened ? { role: 'operator', scope: '*' } : body;
  return { key, entry: index, role, scope, holder };
}

/** The key of this keyid, which somebody says that a proved entry gives out. Throws `ProofError` when it does not. */
export async function requireGiven(granting, keyid) {
  const given = await givenKey(granting);
  return given?.key.keyid === keyid ? given : fail('ProofError', 'signatures.no_grant', { place: granting.index, keyid });
}

/** Refuse an entry at an index by a key that a proved entry before it revokes. */
export function refuseRevoked({ index: place, statement: { kind, body } }, keyid, index) {
  if (place < index && kind === 'key.revoked' && body.keyid === keyid) fail('NotAuthorised', 'signatures.revoked_before', { index, keyid, place });
}

/** Whether a key given out by this entry could sign that one: given before it, or by the first entry itself. */
export const gaveBefore = (given, index) => given.entry < index || index === 0;

/**
 * Every signature of an entry. `fault` says what is against an author whose signature is right: given out later, or of a
 * role that may not say this. Throws `SignatureInvalid` for a signature that its key has not made.
 */
export async function checkAuthors(entry, given) {
  const { index, statement } = entry;
  const envelope = entryEnvelope(entry);
  const message = pae(envelope.payload);
  const found = [];
  for (const { keyid, sig } of envelope.signatures) {
    const known = given.get(keyid) ?? null;
    if (known !== null && !(await known.key.verify(sig, message))) fail('SignatureInvalid', 'signatures.not_theirs', { index, keyid });
    found.push({ keyid, given: known, fault: known === null ? null : against(known, keyid, index, statement) });
  }
  return found;
}

function against(given, keyid, index, statement) {
  if (!gaveBefore(given, index)) return { key: 'signatures.given_later', values: { keyid, place: given.entry } };
  return wrongRole(given, keyid, statement);
}

async function keyOf(text) {
  try {
    return await PublicKey.fromText(text);
  } catch (error) {
    if (error instanceof LedgerError) return null;
    throw error;
  }
}
