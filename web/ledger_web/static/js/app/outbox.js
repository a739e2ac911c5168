/**
 * What was signed on this device and the server has not answered for yet.
 *
 *     await put({ id, kind, envelope, photos, about })      // durable, with its photos, before anything is sent
 *     await send()                                          // all that waits, in the order of signing
 *     const items = await list()                            // newest first, each `waiting`, `accepted` or `refused`
 *
 * A statement and its photos come in as one transaction, so neither is there without the other. One tab sends at a time
 * (`navigator.locks`), photos before the statement that names them. The server knows a statement by its id and answers
 * the same again, so what was sent and not heard of is sent again: nothing goes twice, nothing is lost. A refusal is
 * the ledger's word on one statement and keeps no other one back; no signal keeps all of them, in their order.
 * What a second officer must sign too is `cosign` until it has (`/api/cosign`), and what rests on it (`after`) waits.
 */
import { decodeBase64, isCount, isHex64, toHex } from '../bytes.js';
import { sha256 } from '../hash.js';
import { request, signedRequest } from './api.js';
import { upload } from './attachments.js';
import { contact } from './checkpoint.js';
import { keyOf } from './holders.js';
import { transaction } from './store.js';
import { NotEnrolled, Problem, Unreachable } from './trouble.js';
import { _ } from './words.js';

const LOCK = 'custody-outbox';
const KEPT_DAYS = 60;
const SENT_HOURS = 24; // then the server is asked again: it lets go of photos that no statement has named for weeks

/** Keep a signed statement: `envelope` as JSON text, `photos` as `[{ sha256, bytes, type, name }]`, `about` for people. */
export async function put({ id, kind, merchant, envelope, photos = [], about = [], second = false, after = null }) {
  await transaction(['outbox', 'photos'], async (tables) => {
    for (const { sha256: digest, bytes, type, name } of photos) {
      const before = await tables.photos.get(digest);
      if (before === undefined) await tables.photos.put({ bytes, type, name, sent: false }, digest);
    }
    await tables.outbox.put({
      id, kind, merchant, envelope, about, photos: photos.map((one) => one.sha256), signedAt: Date.now(), after,
      state: second ? 'cosign' : 'waiting',
    });
  });
  await changed();
}

/** Everything kept, newest first. */
export async function list() {
  const items = await transaction(['outbox'], ({ outbox }) => outbox.all(), 'readonly');
  return items.reverse();
}

/** One item by the id of its statement. */
export async function find(id) {
  const [item] = await transaction(['outbox'], ({ outbox }) => outbox.by('id', id), 'readonly');
  return item ?? null;
}

/** How many wait, and how many were refused and not looked at. */
export async function counts() {
  return transaction(['outbox'], async ({ outbox }) => {
    const refused = await outbox.by('state', 'refused');
    const waiting = (await outbox.count('state', 'waiting')) + (await outbox.count('state', 'cosign'));
    return { waiting, refused: refused.filter((one) => !one.looked).length };
  }, 'readonly');
}

/** Somebody has read why these were refused. */
export async function looked(id) {
  await change(id, (item) => ({ ...item, looked: true }));
}

/** Send all that waits. Returns `{ sent, left, error }`; `error` is why something is left. */
export function send() {
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock === null) return { sent: 0, left: 0, error: null }; // another tab is at it
    let sent = 0;
    const handedIn = new Set();
    for (;;) {
      const next = await nextToSend(handedIn);
      if (next === undefined) break;
      try {
        if (next.state === 'cosign') await handIn(next);
        else await sendOne(next);
        handedIn.add(next.id);
        sent += 1;
      } catch (error) {
        if (!(error instanceof Unreachable || error instanceof NotEnrolled || (error instanceof Problem && error.passing))) throw error;
        return { sent, left: (await counts()).waiting, error };
      }
    }
    if (sent > 0) {
      await sweep();
      await contact().catch(() => {}); // its alarm speaks for itself
    }
    return { sent, left: 0, error: null };
  });
}

/** Still on its way. */
const pending = (item) => item.state === 'waiting' || item.state === 'cosign';

/** The oldest that can go: what a second officer is to sign goes once a time, what rests on another after that one. */
async function nextToSend(handedIn) {
  const items = await transaction(['outbox'], ({ outbox }) => outbox.all(), 'readonly');
  const open = new Set(items.filter(pending).map((item) => item.id));
  return items.find((item) => pending(item) && !open.has(item.after) && !(item.state === 'cosign' && handedIn.has(item.id)));
}

/** Let a statement wait at the server for the second officer; it is accepted when that one has sent it. */
async function handIn(item) {
  try {
    await sendPhotos(item);
    const answer = await signedRequest('/api/cosign', {
      method: 'POST', body: item.envelope, headers: { 'content-type': 'application/json' }, as: signerOf(item),
    });
    if (!answer.ok) throw await Problem.of(answer);
    const { accepted } = await answer.json().catch((error) => { throw new Unreachable(error); });
    if (accepted) await settle(item, { state: 'accepted', receipt: receipt(accepted), answeredAt: Date.now() });
    else await change(item.id, (before) => ({ ...before, handedInAt: Date.now() }));
  } catch (error) {
    const gone = error instanceof NotEnrolled; // nobody else can hand in what that key has signed
    if (!gone && (!(error instanceof Problem) || error.passing)) throw error;
    const problem = gone ? { title: _('The key that signed this is not on this phone any more: sign it anew') } : error.body;
    await change(item.id, (before) => (before.state === 'cosign' ? { ...before, state: 'refused', problem, answeredAt: Date.now() } : before));
  }
}

/** A second officer has signed here too: now it goes like any other, in its place. */
export async function seconded(id, envelope) {
  await change(id, (before) => (before.state === 'accepted' ? before : { ...before, envelope, state: 'waiting' }));
}

/** A key that signed it; the only one of what waits for a second officer. */
export const signerOf = (item) => JSON.parse(item.envelope).signatures[0].keyid;

/** Take back what waits for a second officer. */
export async function takeBack(id, problem) {
  const answer = await signedRequest(`/api/cosign/${id}`, { method: 'DELETE', as: signerOf(await find(id)) });
  if (!answer.ok && answer.status !== 404) throw await Problem.of(answer);
  await change(id, (before) => ({ ...before, state: 'refused', problem, looked: true, answeredAt: Date.now() }));
}

async function sendOne(item) {
  try {
    await sendPhotos(item);
    const answer = await request('/statements', {
      method: 'POST', body: item.envelope, headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw await Problem.of(answer);
    const { accepted } = await answer.json().catch((error) => { throw new Unreachable(error); });
    await settle(item, { state: 'accepted', receipt: receipt(accepted), answeredAt: Date.now() });
  } catch (error) {
    if (!(error instanceof Problem) || error.passing) throw error;
    await settle(item, { state: 'refused', problem: error.body, answeredAt: Date.now() });
  }
}

/** A receipt as the ledger writes it. Whoever answers with anything else is not the ledger, and nothing was accepted. */
function receipt(said) {
  if (!isCount(said?.index) || !isHex64(said.leaf_hash)) throw new Unreachable(said);
  return said;
}

/** The photos of a statement go first. One that is gone, or that the server will not have, keeps the statement back no more. */
async function sendPhotos(item) {
  let missing = 0;
  for (const digest of item.photos) {
    const there = await sendPhoto(digest, item).catch((error) => {
      if (error instanceof Problem && !error.passing) return false;
      throw error;
    });
    if (!there) missing += 1;
  }
  if (missing > 0) await change(item.id, (before) => ({ ...before, photosLost: missing }));
}

/** Bring one photo to the server; `false` when it is not here any more. */
async function sendPhoto(digest, item) {
  const photo = await transaction(['photos'], ({ photos }) => photos.get(digest), 'readonly');
  if (photo === undefined) return false; // the browser took it away: the statement still stands, and says so
  if (Date.now() - photo.sent < SENT_HOURS * 3_600_000) return true;
  const by = signerOf(item);
  await upload(digest, photo, { as: (await keyOf(by)) === null ? null : by });
  await transaction(['photos'], async ({ photos }) => {
    await photos.put({ ...photo, sent: Date.now() }, digest);
  });
  return true;
}

async function settle(item, answer) {
  await change(item.id, (before) => ({ ...before, ...answer }));
}

async function change(id, work) {
  await transaction(['outbox'], async ({ outbox }) => {
    const [item] = await outbox.by('id', id);
    if (item !== undefined) await outbox.put(work(item));
  });
  await changed();
}

/** Let go of photos that the server has, and of what was answered long ago. */
async function sweep(now = Date.now()) {
  await transaction(['outbox', 'photos'], async ({ outbox, photos }) => {
    const wanted = new Set();
    for (const item of await outbox.all()) {
      if (!pending(item) && now - item.signedAt > KEPT_DAYS * 86_400_000) await outbox.remove(item.seq);
      else if (pending(item)) item.photos.forEach((digest) => wanted.add(digest));
    }
    for (const digest of await photos.keys()) if (!wanted.has(digest)) await photos.remove(digest);
  });
}

/** The ledger was seen to hold this statement, as of so many entries; 0 where only its hash was. */
export const proved = (id, size) => change(id, (item) => ({ ...item, provedIn: size }));

/** Once more no proof was given of what was called accepted; how often now. */
export async function unproved(id) {
  await change(id, (item) => ({ ...item, doubts: (item.doubts ?? 0) + 1 }));
  return (await find(id))?.doubts ?? 0;
}

/** The bytes of a photo that is still here. */
export async function photoBytes(digest) {
  return (await transaction(['photos'], ({ photos }) => photos.get(digest), 'readonly'))?.bytes ?? null;
}

/** The statement inside an item. */
export const statementOf = (item) => JSON.parse(new TextDecoder().decode(decodeBase64(JSON.parse(item.envelope).payload)));

/** An attachment as bodies name it, and what is kept of it here. */
export async function attachment(blob, name) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const digest = toHex(await sha256(bytes));
  return {
    body: { bytes: bytes.length, media_type: blob.type || 'application/octet-stream', name, sha256: digest },
    photo: { sha256: digest, bytes, type: blob.type, name },
  };
}

const CHANNEL = new BroadcastChannel('custody-outbox');
CHANNEL.onmessage = () => dispatchEvent(new CustomEvent('custody:outbox'));

async function changed() {
  CHANNEL.postMessage('changed');
  dispatchEvent(new CustomEvent('custody:outbox'));
  await note();
}

// ---------------------------------------------------------------------- what the browser takes away

const NOTE = 'custody-waiting';

/** Write beside the database what waits in it: short of room, browsers throw away databases and keep this. */
async function note() {
  const waiting = (await transaction(['outbox'], ({ outbox }) => outbox.all(), 'readonly')).filter(pending);
  localStorage.setItem(NOTE, JSON.stringify(waiting.map((item) => item.id)));
}

/** Ids of statements that waited and are not here any more, though nothing answered them. */
export async function lost() {
  const noted = JSON.parse(localStorage.getItem(NOTE) ?? '[]');
  const here = new Set((await list()).map((item) => item.id));
  return noted.filter((id) => !here.has(id));
}

/** Somebody has read that they are gone. */
export const forgetLost = () => note();
