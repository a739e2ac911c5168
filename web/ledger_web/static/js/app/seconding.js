/**
 * What this phone can check by itself of a statement that another officer has signed, before it is signed here too.
 *
 *     const { statement, signers, points, refused } = await examine(envelope, said)
 *     // signers: [{ keyid, name }]   points: [{ ok: true | null, text }]   refused: why it is not signed, else null
 *
 * The first officer's signature is verified with the public key that the ledger granted: one that is on this phone
 * itself, or one whose `key.granted` the server proves to be in the ledger (`said` names its index). `seen` must belong
 * to the history verified here, else that is an alarm. Everything in the statement must be something this page shows.
 * What cannot be checked now is a point that says so (`ok: null`); what is wrong refuses.
 *
 * Not checked here: whether the key was revoked since (absence has no proof in one entry), and whether what it says is
 * allowed. The ledger looks at both.
 */
import { fromUtf8, utf8 } from '../bytes.js';
import { encodeEnvelope, parseEnvelope, verifyEnvelope } from '../dsse.js';
import { LedgerError } from '../errors.js';
import { PublicKey } from '../keys.js';
import { Verifier } from '../note.js';
import { checkProof } from '../proof.js';
import { parseStatement } from '../statement.js';
import { signedRequest } from './api.js';
import { continues, takeIn } from './checkpoint.js';
import { holderOf, holders, keyOf, log } from './holders.js';
import { unshown } from './officers.js';
import { table } from './store.js';
import { Problem, Unreachable } from './trouble.js';
import { _, language } from './words.js';

const kept = table('facts');

/** An envelope of JSON as the server or the outbox has it, with its statement. Throws a `LedgerError` for what is none. */
export function opened(json) {
  const envelope = parseEnvelope(utf8(typeof json === 'string' ? json : JSON.stringify(json)));
  return { envelope, statement: parseStatement(envelope.payload) };
}

/** See above. `said`: what the server says of who signed, `[{ keyid, holder, granted }]`. Throws nothing but alarms. */
export async function examine({ envelope, statement }, said = []) {
  const points = [];
  const answer = (refused, signers = []) => ({ signers, points, refused });
  const mine = await log();
  if (statement.ledger !== mine.ledger) return answer(_('It is for another ledger: {ledger}.', { ledger: statement.ledger }));
  const hidden = unshown(statement.kind, statement.body);
  if (hidden === '') return answer(_('This is nothing that officers sign together. It is not signed here: tell the auditor.'));
  if (hidden !== null) return answer(_('It holds something that this page does not know how to show ({field}). Sign it with a newer version, or with the command.', { field: hidden }));
  const signers = await Promise.all(envelope.signatures.map((one) => signerOf(one.keyid, said.find((other) => other.keyid === one.keyid), mine)));
  const known = new Map(signers.filter((one) => one.key !== null).map((one) => [one.keyid, one.key]));
  try {
    const sure = { payload: envelope.payload, signatures: envelope.signatures.filter((one) => known.has(one.keyid)) };
    if (sure.signatures.length) await verifyEnvelope(sure, (keyid) => known.get(keyid));
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return answer(_('The signature does not belong to this statement: it was changed after signing. {why}', { why: error.words(language) }), signers);
  }
  const wrong = signers.find((one) => one.wrong);
  if (wrong) return answer(wrong.wrong, signers);
  points.push(...signers.map(wordsFor));
  points.push(await pinnedWords(statement.seen, fromUtf8(encodeEnvelope(envelope))));
  return points.at(-1).ok === false ? answer(points.pop().text, signers) : answer(null, signers);
}

function wordsFor({ name, key, from, index }) {
  if (key === null) return { ok: null, text: _('Not checked: whether {name} has signed. The ledger’s proof of that key cannot be fetched now.', { name }) };
  if (from === 'device') return { ok: true, text: _('Checked: signed by {name}, with the key on this phone.', { name }) };
  return { ok: true, text: _('Checked: signed by {name}, with the key that entry {index} of the ledger grants.', { name, index }) };
}

async function pinnedWords(seen, evidence) {
  if (seen === null) return { ok: null, text: _('Not checked: it names no state of the ledger that it was made on.') };
  const found = await continues(seen, evidence);
  if (found === null) return { ok: null, text: _('Not checked: whether it was made on the ledger that this phone knows ({size} entries). There is no connection, or no proof.', { size: seen.size }) };
  if (found) return { ok: true, text: _('Checked: made on the ledger that this phone knows, when it had {size} entries.', { size: seen.size }) };
  return { ok: false, text: _('It was made on another history of the ledger than the one this phone has verified.') };
}

// ---------------------------------------------------------------------- whose key it is

/** The public key of an officer: `{ keyid, name, key, from, index }`, `key` `null` where it cannot be known now. */
async function signerOf(keyid, said, { vkey }) {
  const here = await holderOf(keyid);
  if (here !== null) return { keyid, name: here.holder ?? keyid.slice(0, 16), holder: here.holder, key: (await keyOf(keyid)).public, from: 'device' };
  const before = await kept.get(`officer ${keyid}`);
  if (before !== undefined) return { ...before, key: await PublicKey.fromText(before.text), from: 'ledger' };
  const unknown = { keyid, name: said?.holder ?? keyid.slice(0, 16), holder: said?.holder ?? null, key: null };
  if (said === undefined) return unknown;
  try {
    return await proven(keyid, said.granted, vkey);
  } catch (error) {
    if (error instanceof LedgerError && error.code !== 'HistoryChanged') return { ...unknown, wrong: _('The server’s proof of the first officer’s key does not hold: {why}', { why: error.words(language) }) };
    if (error instanceof Unreachable || error instanceof Problem) return unknown;
    throw error;
  }
}

/** From the ledger itself: the entry that grants the key, proved, and kept for the next time. */
async function proven(keyid, index, vkey) {
  const answer = await signedRequest(`/proof/${Number(index)}`);
  if (!answer.ok) throw await Problem.of(answer);
  const { entry, checkpoint } = await checkProof(new Uint8Array(await answer.arrayBuffer()), await Verifier.fromVkey(vkey));
  await takeIn(checkpoint.note);
  const { kind, body } = entry.statement;
  const name = body.holder ?? keyid.slice(0, 16);
  if (kind !== 'key.granted') return { keyid, name: keyid.slice(0, 16), holder: null, key: null }; // an operator’s, given out with the ledger
  const key = ['supervisor', 'operator'].includes(body.role) ? await PublicKey.fromText(body.public_key) : null;
  if (key?.keyid !== keyid) return { keyid, name, holder: null, key: null, wrong: _('The entry that the server names does not grant this key to an officer.') };
  const found = { keyid, name, holder: body.holder ?? null, index: entry.index, text: key.text };
  await kept.put(`officer ${keyid}`, found);
  return { ...found, key, from: 'ledger' };
}

/** Those whose keys are here and who could sign it too: other people than those who have; operators, where a plan is voided. */
export async function couldSign(signers, kind) {
  const names = new Set(signers.map((one) => one.holder));
  const keyids = new Set(signers.map((one) => one.keyid));
  return (await holders()).filter((one) => ((one.role === 'supervisor' && one.holder) || (one.role === 'operator' && kind === 'plan.voided')) && !one.revoked && !(one.holder && names.has(one.holder)) && !keyids.has(one.keyid));
}
