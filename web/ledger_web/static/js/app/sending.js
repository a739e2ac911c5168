/**
 * Sending what waits: in the page, and in the service worker when the page is closed (`background.js`).
 *
 *     const { sent, left, error } = await send()            // all that waits, in the order of signing
 *
 * One sends at a time, of all tabs and the service worker (`navigator.locks`): photos before the statement that names
 * them. The server knows a statement by its id and answers the same again, so what was sent and not heard of is sent
 * again: nothing goes twice, nothing is lost. Without signal all of it waits. A refusal is the ledger's word on one
 * statement and keeps no other back. One that the server fails on is tried three times before others overtake it
 * (`order.js`), and said to be stuck. What some other machine on the way answers is nobody's word.
 */
import { isCount, isHex64 } from '../bytes.js';
import { request, signedRequest } from './api.js';
import { upload } from './attachments.js';
import { contact } from './checkpoint.js';
import { ahead } from './clock.js';
import { nextToSend, TRIES } from './order.js';
import { change, counts, inOrder, sweep } from './outbox.js';
import { transaction } from './store.js';
import { _ } from './texts.js';
import { Problem, Unreachable } from './trouble.js';

const LOCK = 'custody-outbox';
const SENT_HOURS = 24; // then the server is asked again: it lets go of photos that no statement has named for weeks
const EVERYONES = [401, 421, 425, 429]; // what the server says of all requests, not of this one

let running = null;
let again = false;

/** Send all that waits. Returns `{ sent, left, error }`; `error` is why something is left. */
export function send() {
  if (running !== null) again = true; // something came in perhaps after it had looked
  else {
    running = navigator.locks.request(LOCK, untilQuiet).finally(() => {
      running = null;
    });
  }
  return running;
}

async function untilQuiet() {
  for (;;) {
    again = false;
    const done = await sendAll();
    if (!again || done.error !== null) return done;
  }
}

async function sendAll() {
  let sent = 0;
  let error = null;
  const [failed, handedIn] = [new Set(), new Set()];
  for (;;) {
    const next = nextToSend(await inOrder(), { failed, handedIn });
    if (next === undefined) break;
    try {
      if (next.state === 'cosign') {
        await handIn(next);
        handedIn.add(next.id);
      } else await sendOne(next);
      sent += 1;
    } catch (why) {
      if (!(why instanceof Unreachable || (why instanceof Problem && why.passing))) throw why;
      error ??= why;
      failed.add(next.id);
      if (!(await setBack(next, why))) break;
    }
  }
  if (sent > 0) {
    await sweep();
    await contact().catch(() => {}); // its alarm speaks for itself
  }
  return { sent, left: (await counts()).waiting, error };
}

/** Count a failure that is this statement's own. Returns whether others may overtake it. */
async function setBack(item, why) {
  const own = why instanceof Unreachable ? await otherwiseThere() : !EVERYONES.includes(why.status);
  if (!own) return false;
  const tries = (item.tries ?? 0) + 1;
  const problem = why instanceof Problem ? why.body : { title: _('The connection broke off while it was sent'), detail: '' };
  await change(item.id, (before) => ({ ...before, tries, problem, triedAt: Date.now() }));
  return tries >= TRIES;
}

/** Whether the server answers other requests. */
async function otherwiseThere() {
  return request('/checkpoint').then((answer) => answer.ok, () => false);
}

/** Let a statement wait at the server for the second officer; it is accepted when that one has sent it. */
function handIn(item) {
  return settled(item, async () => {
    const accepted = await post(signedRequest, '/api/cosign', item);
    return accepted ? { state: 'accepted', receipt: accepted } : { handedInAt: Date.now() };
  });
}

function sendOne(item) {
  return settled(item, async () => {
    const accepted = await post(request, '/statements', item);
    if (accepted) return { state: 'accepted', receipt: accepted };
    throw new Problem(stranger(), 502);
  });
}

async function settled(item, work) {
  let outcome;
  try {
    await sendPhotos(item);
    outcome = await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.passing) throw error;
    outcome = { state: 'refused', problem: error.body, ahead: ahead() };
  }
  const answered = outcome.state ? { answeredAt: Date.now() } : {};
  await change(item.id, ({ tries: _tries, problem: _problem, ...before }) => ({ ...before, ...outcome, ...answered }));
}

/** The receipt for an envelope, null where it waits for another signature. Throws `Problem`, `Unreachable`. */
async function post(ask, path, item) {
  const answer = await ask(path, { method: 'POST', body: item.envelope, headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw await Problem.of(answer);
  const said = await answer.json().catch(() => null);
  if (said === null || (said.accepted && !isReceipt(said.accepted, item))) throw new Problem(stranger(), 502);
  return said.accepted ?? null;
}

/** A receipt as the ledger writes it. Whoever answers with anything else is not the ledger, and nothing was accepted. */
const isReceipt = (said, { id }) => said.id === id && isCount(said.index) && isHex64(said.leaf_hash);

const stranger = () => ({
  title: _('Another machine answered in the server’s place'),
  detail: _('Perhaps this network asks to be signed in to first. Open another page of the internet, or change the network.'),
});

/** Take back what waits for a second officer. */
export async function takeBack(id, problem) {
  const answer = await signedRequest(`/api/cosign/${id}`, { method: 'DELETE' });
  if (!answer.ok && answer.status !== 404) throw await Problem.of(answer);
  await change(id, (before) => ({ ...before, state: 'refused', problem, looked: true, answeredAt: Date.now() }));
}

/** The photos of a statement go first. One that is gone, or that the server will not have, keeps the statement back no more. */
async function sendPhotos(item) {
  let missing = 0;
  for (const digest of item.photos) {
    const there = await sendPhoto(digest).catch((error) => {
      if (error instanceof Problem && !error.passing) return false;
      throw error;
    });
    if (!there) missing += 1;
  }
  if (missing > 0) await change(item.id, (before) => ({ ...before, photosLost: missing }));
}

/** Bring one photo to the server; `false` when it is not here any more. */
async function sendPhoto(digest) {
  const photo = await transaction(['photos'], ({ photos }) => photos.get(digest), 'readonly');
  if (photo === undefined) return false; // the browser took it away: the statement still stands, and says so
  if (Date.now() - photo.sent < SENT_HOURS * 3_600_000) return true;
  await upload(digest, photo);
  await transaction(['photos'], async ({ photos }) => {
    await photos.put({ ...photo, sent: Date.now() }, digest);
  });
  return true;
}
