/**
 * Whose device this is, and signing in with its key. Nothing here is needed to write: the signature is the permission.
 *
 *     const me = await identity()        // { role, scope, holder, keyid, ledger, vkey }, null before enrolment
 *     await signIn()                     // a challenge signed; the cookie lasts a quarter of an hour
 *
 * The challenge is signed together with the name under which this page reached the server, so one that a stranger
 * passes on is of no use to him.
 */
import { concat, encodeBase64, utf8 } from '../bytes.js';
import { encode } from '../canonical.js';
import { DeviceKey } from '../keys.js';
import { request, send } from './api.js';
import { table } from './store.js';
import { Problem, Trouble } from './trouble.js';
import { _ } from './texts.js';

export const SESSION_TYPE = 'application/vnd.custody-ledger.session.v1+json';
export const ENROLMENT_TYPE = 'application/vnd.custody-ledger.enrolment.v1+json';

const keys = table('keys');

/** The key of this device, `null` if it has none. */
export const deviceKey = () => DeviceKey.load(keys);

/** Whose device this is, as the ledger granted it. */
export async function identity() {
  return (await keys.get('identity')) ?? null;
}

/** Sign canonical JSON under a type of its own (DSSE), so that it can never pass for a statement. */
export async function signAs(type, payload, key) {
  const bytes = encode(payload);
  return encodeBase64(await key.sign(concat(utf8(`DSSEv1 ${type.length} ${type} ${bytes.length} `), bytes)));
}

/** Show the server that this device holds its key. Throws when it was never granted, or was revoked. */
export async function signIn() {
  const key = await deviceKey();
  if (key === null) throw new Trouble(_('This device is not enrolled yet: open the enrolment code first.'));
  const asked = await send('POST', '/session/challenge', {}, { signedIn: false });
  const { keyid } = key.public;
  const signed = {
    challenge: asked.challenge, expires: asked.expires, host: location.host, keyid, ledger: asked.ledger,
    purpose: 'session',
  };
  const me = await identity();
  if (me !== null && me.ledger !== asked.ledger) throw new Trouble(_('This is another ledger than the one this device was enrolled with.'));
  const signature = await signAs(SESSION_TYPE, signed, key);
  const found = await send('POST', '/session', { challenge: asked.challenge, keyid, signature }, { signedIn: false });
  await remember({ role: found.role, scope: found.scope, holder: found.holder, keyid, ledger: asked.ledger });
  return found;
}

/** Keep who this device is. The log's key is taken once, at enrolment, and stays: it is what all trust rests on. */
async function remember(found) {
  const before = await identity();
  const vkey = before?.vkey ?? (await logKey());
  await keys.update('identity', (kept) => ({ ...found, vkey: kept?.vkey ?? vkey }));
}

async function logKey() {
  const answer = await request('/vkey');
  if (!answer.ok) throw await Problem.of(answer);
  return (await answer.text()).trim();
}
