/**
 * What was signed on this device and what became of it.
 *
 *     await put({ id, kind, envelope, photos, about })      // durable, with its photos, before anything is sent
 *     const items = await list()                            // newest first, each `waiting`, `accepted` or `refused`
 *
 * A statement, its photos, what was sealed in it and the end of its draft are one transaction: none is there without the
 * others. Sending is for `sending.js`, in the page or in the service worker. What a second officer must sign too is
 * `cosign` until it has (`/api/cosign`), and what rests on it (`after`) waits. Nothing that somebody has not read yet is
 * let go of.
 */
import { toHex } from '../bytes.js';
import { sha256 } from '../hash.js';
import { mark, marked } from './beside.js';
import { pending, stuck } from './order.js';
import { transaction } from './store.js';

export { statementOf } from './order.js';

const KEPT_DAYS = 60;

/**
 * Keep a signed statement: `envelope` as JSON text, `photos` as `[{ sha256, bytes, type, name }]`, `about` for people;
 * `sealed` as `[{ digest, disclosure }]`; `draft` the key of the draft that it was made from; `replaces` the id of a
 * refused one that it is signed in place of.
 */
export async function put({ id, kind, merchant, envelope, photos = [], about = [], second = false, after = null, sealed = [], draft = null, replaces = null }) {
  await transaction(['outbox', 'photos', 'facts'], async (tables) => {
    for (const { sha256: digest, bytes, type, name } of photos) {
      const before = await tables.photos.get(digest);
      if (before === undefined) await tables.photos.put({ bytes, type, name, sent: false }, digest);
    }
    for (const { digest, disclosure } of sealed) await tables.facts.put({ disclosure, id, kind, merchant, at: Date.now() }, `sealed ${digest}`);
    if (draft !== null) await tables.facts.remove(draft);
    const [refused] = replaces === null ? [] : await tables.outbox.by('id', replaces);
    if (refused) await tables.outbox.put({ ...refused, looked: true, replacedBy: id });
    await tables.outbox.put({
      id, kind, merchant, envelope, about, photos: photos.map((one) => one.sha256), signedAt: Date.now(), after,
      state: second ? 'cosign' : 'waiting',
    });
  });
  await changed();
}

/** Everything kept, newest first. */
export async function list() {
  return (await inOrder()).reverse();
}

/** Everything kept, in the order of signing. */
export const inOrder = () => transaction(['outbox'], ({ outbox }) => outbox.all(), 'readonly');

/** One item by the id of its statement. */
export async function find(id) {
  const [item] = await transaction(['outbox'], ({ outbox }) => outbox.by('id', id), 'readonly');
  return item ?? null;
}

/** How many wait, how many of these the server could not take in, and how many were refused and not looked at. */
export async function counts() {
  const items = await inOrder();
  return {
    waiting: items.filter(pending).length, stuck: items.filter(stuck).length,
    refused: items.filter((one) => one.state === 'refused' && !one.looked).length,
  };
}

/** Somebody has read why these were refused. */
export const looked = (id) => change(id, (item) => ({ ...item, looked: true }));

/** A second officer has signed here too: now it goes like any other, in its place. */
export const seconded = (id, envelope) => change(id, (before) => (before.state === 'accepted' ? before : { ...before, envelope, state: 'waiting' }));

/** A key that signed it; the only one of what waits for a second officer. */
export const signerOf = (item) => JSON.parse(item.envelope).signatures[0].keyid;

/** The ledger was seen to hold this statement, as of so many entries; 0 where only its hash was. */
export const proved = (id, size) => change(id, (item) => ({ ...item, provedIn: size }));

/** Once more no proof was given of what was called accepted; how often now. */
export async function unproved(id) {
  await change(id, (item) => ({ ...item, doubts: (item.doubts ?? 0) + 1 }));
  return (await find(id))?.doubts ?? 0;
}

/** Put what `work` makes of an item in its place. `work` must not wait. */
export async function change(id, work) {
  await transaction(['outbox'], async ({ outbox }) => {
    const [item] = await outbox.by('id', id);
    if (item !== undefined) await outbox.put(work(item));
  });
  await changed();
}

/** Let go of photos that the server has, and of what was answered long ago and read. */
export async function sweep(now = Date.now()) {
  await transaction(['outbox', 'photos'], async ({ outbox, photos }) => {
    const wanted = new Set();
    for (const item of await outbox.all()) {
      const read = item.state === 'accepted' || item.looked;
      if (pending(item)) item.photos.forEach((digest) => wanted.add(digest));
      else if (read && now - item.signedAt > KEPT_DAYS * 86_400_000) await outbox.remove(item.seq);
    }
    for (const digest of await photos.keys()) if (!wanted.has(digest)) await photos.remove(digest);
  });
}

/** The bytes of a photo that is still here. */
export async function photoBytes(digest) {
  return (await transaction(['photos'], ({ photos }) => photos.get(digest), 'readonly'))?.bytes ?? null;
}

/** An attachment as bodies name it, and what is kept of it here. */
export async function attachment(blob, name) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const digest = toHex(await sha256(bytes));
  return {
    body: { bytes: bytes.length, media_type: blob.type || 'application/octet-stream', name, sha256: digest },
    photo: { sha256: digest, bytes, type: blob.type, name },
  };
}

// ---------------------------------------------------------------------- news, to all tabs and the service worker

const CHANNEL = new BroadcastChannel('custody-outbox');
CHANNEL.onmessage = () => dispatchEvent(new CustomEvent('custody:outbox'));

async function changed() {
  CHANNEL.postMessage('changed');
  dispatchEvent(new CustomEvent('custody:outbox'));
  await note().catch(() => {}); // what was changed is kept, whatever happens to the mark
}

// ---------------------------------------------------------------------- what the browser takes away

const NOTE = 'waiting';

/** Write beside the database what waits in it. */
async function note() {
  mark(NOTE, [...(await waitingIds()), ...(await lost())]); // those lost until somebody has read it
}

const waitingIds = async () => (await inOrder()).filter(pending).map((item) => item.id);

/** Ids of statements that waited and are not here any more, though nothing was heard of them. */
export async function lost() {
  const here = new Set((await inOrder()).map((item) => item.id));
  return (marked(NOTE) ?? []).filter((id) => !here.has(id));
}

/** Somebody has read that they are gone. */
export const forgetLost = async () => mark(NOTE, await waitingIds());
