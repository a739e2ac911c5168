/**
 * Signed notes and verifier keys (C2SP signed-note v1.0.0), and the checkpoints made of them (tlog-checkpoint v1.0.0).
 *
 *     const log = await Verifier.fromVkey('custody.example/vectors+abb53717+AXpJ3rjchvqq…')
 *     const { origin, size, root } = await openCheckpoint(bytes, log)
 *
 * A note is a text, an empty line, and signature lines: em dash, space, key name, space, base64 of the key id (4 bytes)
 * and the signature. A checkpoint's text is origin, size and base64 of the root, each on its line (format, section 5);
 * further lines are kept and mean nothing here.
 */
import { concat, decimal, decodeBase64, encodeBase64, equal, fromUtf8, requireBytes, requireText, toHex, utf8 } from './bytes.js';
import { fail } from './errors.js';
import { HASH_BYTES, sha256 } from './hash.js';
import { PublicKey } from './keys.js';
import { isOrigin } from './statement.js';
import { emptyRoot } from './tree.js';

export const MAX_NOTE_BYTES = 1_000_000;
export const MAX_SIGNATURES = 100;

const CODE = 'NoteError';
const ED25519 = 1; // the type of a key, by C2SP signed-note
const KEY_ID_BYTES = 4;
const CONTROL = /[\0-\x09\x0b-\x1f]/;
const LINE = /^— ([^ ]+) ([^ ]+)$/;

/** A log's key under its name. */
export class Verifier {
  constructor(name, key, keyId) {
    this.name = name;
    this.key = key;
    this.keyId = keyId; // 8 hex digits
    Object.freeze(this);
  }

  /** The verifier of a key under a name: its id is the start of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ 32 bytes). */
  static async fromKey(name, key) {
    if (!isOrigin(name)) fail(CODE, 'note.name', { name: String(name).slice(0, 80) });
    if (key.algorithm !== 'ed25519') fail('KeyInvalid', 'note.algorithm');
    key.requireGrantable();
    const hash = await sha256(concat(utf8(name), [0x0a, ED25519], key.raw));
    return new Verifier(name, key, toHex(hash.subarray(0, KEY_ID_BYTES)));
  }

  /** The verifier of `<name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>`. */
  static async fromVkey(text) {
    const [name, , ...rest] = requireText(text, CODE).split('+');
    const typed = decodeBase64(rest.join('+'));
    if (typed?.length !== 33 || typed[0] !== ED25519) fail(CODE, 'note.vkey');
    const verifier = await Verifier.fromKey(name, await PublicKey.fromEd25519(typed.subarray(1)));
    return verifier.vkey === text ? verifier : fail(CODE, 'note.vkey');
  }

  get vkey() {
    return `${this.name}+${this.keyId}+${encodeBase64(concat([ED25519], this.key.raw))}`;
  }

  verify(signature, text) {
    return this.key.verify(signature, text);
  }
}

/** Text and signatures of a note, nothing verified: `{ text, signatures: [{ name, keyId, signature }] }`. */
export function splitNote(bytes) {
  const data = requireBytes(bytes, CODE);
  if (data.length > MAX_NOTE_BYTES) fail(CODE, 'too_long', { length: data.length, limit: MAX_NOTE_BYTES });
  const whole = fromUtf8(data) ?? fail(CODE, 'not_utf8');
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.slice(end + 2).endsWith('\n')) fail(CODE, 'note.form');
  const text = whole.slice(0, end + 1);
  if (CONTROL.test(text)) fail(CODE, 'note.control');
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) fail(CODE, 'note.many', { limit: MAX_SIGNATURES });
  return { text, signatures: lines.map(readLine) };
}

/** The text of a note that at least one of these keys has signed. A known key's wrong signature spoils the note. */
export async function openNote(bytes, verifiers) {
  const { text, signatures } = splitNote(bytes);
  const message = utf8(text);
  const verified = [];
  for (const signature of signatures) {
    const known = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (known === undefined) continue;
    if (!(await known.verify(signature.signature, message))) fail(CODE, 'note.wrong', { name: known.name });
    if (!verified.some(({ name, keyId }) => name === known.name && keyId === known.keyId)) verified.push(signature);
  }
  if (verified.length === 0) fail(CODE, 'note.unsigned', { names: verifiers.map(({ name }) => name).join(', ') });
  return { text, verified };
}

/** The checkpoint of a note that this log has signed: `{ origin, size, root, extensions, note }`. */
export async function openCheckpoint(bytes, verifier) {
  const checkpoint = await readCheckpoint((await openNote(bytes, [verifier])).text, bytes);
  if (checkpoint.origin !== verifier.name) fail(CODE, 'checkpoint.origin', { field: 'origin', origin: checkpoint.origin.slice(0, 80) });
  return checkpoint;
}

/** The checkpoint of a note **without verifying a signature**: only for what is opened afterwards, or shown. */
export async function parseCheckpoint(bytes) {
  return readCheckpoint(splitNote(bytes).text, bytes);
}

async function readCheckpoint(text, note) {
  const lines = text.slice(0, -1).split('\n');
  if (lines.length < 3 || lines.includes('')) fail(CODE, 'checkpoint.lines');
  const [origin, sizeText, rootText, ...extensions] = lines;
  const size = decimal(sizeText) ?? fail(CODE, 'checkpoint.size', { field: 'size' });
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_BYTES) fail(CODE, 'checkpoint.root', { field: 'root' });
  if (size === 0 && !equal(root, await emptyRoot())) fail(CODE, 'checkpoint.root', { field: 'root' });
  return { origin, size, root, extensions, note: requireBytes(note, CODE).slice() };
}

function readLine(line) {
  const [, name, base64] = LINE.exec(line) ?? fail(CODE, 'note.line', { line: line.slice(0, 80) });
  const raw = decodeBase64(base64);
  if (!isOrigin(name) || raw === null || raw.length <= KEY_ID_BYTES) fail(CODE, 'note.line', { line: line.slice(0, 80) });
  return { name, keyId: toHex(raw.subarray(0, KEY_ID_BYTES)), signature: raw.subarray(KEY_ID_BYTES) };
}
