/**
 * Signatures over statements: DSSE v1 (format, section 2).
 *
 *     const envelope = await sign(payload, [deviceKey])
 *     const bytes = encodeEnvelope(envelope)            // {"payload":"…","payloadType":"…","signatures":[…]}
 *     await verifyEnvelope(parseEnvelope(bytes), (keyid) => publicKeys.get(keyid))
 *
 * What is signed is `DSSEv1 48 application/vnd.custody-ledger.statement.v1+json <length> <canonical statement>`. An
 * envelope here is `{ payload, signatures: [{ keyid, sig }] }`, `payload` and `sig` as bytes. The payload is not
 * looked into: see `statement.js`.
 */
import { concat, decodeBase64, encodeBase64, isHex64, requireBytes, utf8 } from './bytes.js';
import { decodeAnyLayout } from './canonical.js';
import { fail } from './errors.js';
import { SIGNATURE_BYTES } from './keys.js';
import { hasExactly } from './statement.js';

export const PAYLOAD_TYPE = 'application/vnd.custody-ledger.statement.v1+json';
export const MAX_ENVELOPE_BYTES = 131_072;

const CODE = 'EnvelopeError';

/** The pre-authentication encoding of a payload: lengths in ASCII decimal, single spaces. */
export const pae = (payload) => concat(utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload);

/** Sign canonical statement bytes with one or more different keys; each has `public.keyid` and `sign(message)`. */
export async function sign(payload, keys) {
  const message = pae(requireBytes(payload, CODE, 'payload'));
  const signatures = await Promise.all(keys.map(async (key) => ({ keyid: key.public.keyid, sig: await key.sign(message) })));
  return addSignatures({ payload, signatures: [] }, signatures);
}

/** The envelope with further signatures, as when a second officer signs on another device. */
export function addSignatures(envelope, more) {
  const signatures = [...envelope.signatures, ...more].sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
  const different = new Set(signatures.map(({ keyid }) => keyid)).size === signatures.length;
  if (signatures.length === 0 || !different) fail(CODE, 'signatures.each_once', { field: 'signatures' });
  return { payload: envelope.payload, signatures };
}

/** The JSON of an envelope, on one line. */
export function encodeEnvelope({ payload, signatures }) {
  const listed = signatures.map(({ keyid, sig }) => ({ keyid, sig: encodeBase64(sig) }));
  return utf8(JSON.stringify({ payload: encodeBase64(payload), payloadType: PAYLOAD_TYPE, signatures: listed }));
}

/** The envelope of JSON in any layout, with its three members, each once, and no others. */
export function parseEnvelope(bytes) {
  const value = decodeAnyLayout(bytes, MAX_ENVELOPE_BYTES);
  if (!hasExactly(value, ['payload', 'payloadType', 'signatures'])) fail(CODE, 'envelope.fields');
  if (value.payloadType !== PAYLOAD_TYPE) fail(CODE, 'envelope.type', { field: 'payloadType', type: PAYLOAD_TYPE });
  const payload = decodeBase64(value.payload) ?? fail(CODE, 'not_base64', { field: 'payload' });
  return { payload, signatures: readSignatures(value.signatures) };
}

/** The signatures of a decoded array: at least one, strictly ascending by keyid. */
export function readSignatures(value) {
  if (!Array.isArray(value) || value.length === 0) fail(CODE, 'signatures.none', { field: 'signatures' });
  let last = '';
  return value.map((item, at) => {
    const field = `signatures[${at}]`;
    if (!hasExactly(item, ['keyid', 'sig'])) fail(CODE, 'signatures.fields', { field });
    if (!isHex64(item.keyid)) fail(CODE, 'not_hash', { field: `${field}.keyid` });
    if (item.keyid <= last) fail(CODE, 'signatures.order', { field: `${field}.keyid` });
    last = item.keyid;
    const sig = decodeBase64(item.sig);
    if (sig?.length !== SIGNATURE_BYTES) fail(CODE, 'signatures.bytes', { field: `${field}.sig` });
    return { keyid: item.keyid, sig };
  });
}

/** Check every signature, and that there is one, with the keys that `keyOf` gives for their keyids. */
export async function verifyEnvelope({ payload, signatures }, keyOf) {
  const keyids = new Set(signatures.map(({ keyid }) => keyid));
  if (signatures.length === 0 || keyids.size !== signatures.length) {
    fail(CODE, 'signatures.each_once', { field: 'signatures' });
  }
  const message = pae(payload);
  for (const [at, { keyid, sig }] of signatures.entries()) {
    const key = (await keyOf(keyid)) ?? fail('NotAuthorised', 'signatures.unknown', { field: `signatures[${at}].keyid`, keyid });
    if (!(await key.verify(sig, message))) fail('SignatureInvalid', 'signatures.wrong', { field: `signatures[${at}].sig`, keyid });
  }
}
