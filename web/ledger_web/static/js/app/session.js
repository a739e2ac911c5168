/**
 * Signing in with a key of this device. Nothing here is needed to write: the signature is the permission.
 *
 *     await signIn()                     // a challenge signed by who is at work; the cookie lasts a quarter of an hour
 *     await signIn(keyid)                // by another holder whose key is here (`holders.js`)
 *
 * The challenge is signed together with the name under which this page reached the server, so one that a stranger
 * passes on is of no use to him.
 */
import { concat, encodeBase64, utf8 } from '../bytes.js';
import { encode } from '../canonical.js';
import { request, send } from './api.js';
import { granted, holderOf, identity, keyOf, log, revoked } from './holders.js';
import { _ } from './texts.js';
import { NotEnrolled, Problem, Trouble } from './trouble.js';

export const SESSION_TYPE = 'application/vnd.custody-ledger.session.v1+json';
export const ENROLMENT_TYPE = 'application/vnd.custody-ledger.enrolment.v1+json';

/** Sign canonical JSON under a type of its own (DSSE), so that it can never pass for a statement. */
export async function signAs(type, payload, key) {
  const bytes = encode(payload);
  return encodeBase64(await key.sign(concat(utf8(`DSSEv1 ${type.length} ${type} ${bytes.length} `), bytes)));
}

/** Show the server that this device holds a key. Throws when it was never granted, or was revoked. */
export async function signIn(as = null) {
  const keyid = as ?? (await identity())?.keyid ?? null;
  const key = keyid === null ? null : await keyOf(keyid);
  if (key === null) throw new NotEnrolled();
  try {
    const found = await answerFor(key);
    if ((await holderOf(keyid)) !== null) await granted(keyid, found);
    return found;
  } catch (error) {
    if (error instanceof Problem && error.body.code === 'KeyRevoked') await revoked(keyid);
    throw error;
  }
}

/** Sign in with a key, whether it is a holder's already or has just been granted. Returns what it was granted. */
export async function answerFor(key) {
  const asked = await send('POST', '/session/challenge', {}, { signedIn: false });
  const { keyid } = key.public;
  const mine = await log();
  if (mine !== null && mine.ledger !== asked.ledger) throw new Trouble(_('This is another ledger than the one this device was enrolled with.'));
  const signed = {
    challenge: asked.challenge, expires: asked.expires, host: location.host, keyid, ledger: asked.ledger,
    purpose: 'session',
  };
  const signature = await signAs(SESSION_TYPE, signed, key);
  const found = await send('POST', '/session', { challenge: asked.challenge, keyid, signature }, { signedIn: false });
  return { ...found, ledger: asked.ledger };
}

/** The verifier key of the log, as the server says it. Taken once, and kept: it is what all trust rests on. */
export async function logKey() {
  const answer = await request('/vkey');
  if (!answer.ok) throw await Problem.of(answer);
  return (await answer.text()).trim();
}
