/**
 * Questions to the server, and the newest answers kept for when there is no signal.
 *
 *     const { data, fetchedAt, offline } = await ask('/api/mine')
 *     await send('POST', '/enrolment', { code })
 *
 * `ask` gives what the server says now, else what it said last: a page shows how old that is (`fetchedAt`). Who asks is
 * shown by signing a challenge (`session.js`), without anybody noticing. Several may share a device: each request says
 * whose it is, so a session of somebody else does not answer it, and what one was told is not shown to another.
 */
import { heard } from './clock.js';
import { identity } from './holders.js';
import { signIn } from './session.js';
import { table } from './store.js';
import { Problem, Trouble, Unreachable } from './trouble.js';
import { _, language } from './texts.js';

const PATIENCE_MS = 12_000;
const facts = table('facts');
const NO_FACTS = () => new Trouble(_('This has not been loaded on this phone yet: open the page once with a connection.'));

/** A request as this application makes it. `Unreachable` when nobody answers; a refusal is a `Response` like others. */
export async function request(path, { method = 'GET', headers = {}, body = undefined, patience = PATIENCE_MS } = {}) {
  try {
    const answer = await fetch(path, {
      method,
      body,
      headers: { 'accept-language': language, ...headers },
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    heard(answer);
    return answer;
  } catch (error) {
    throw new Unreachable(error);
  }
}

/** The same as somebody, by default who is at work: signs in first, where the server asks for it. */
export async function signedRequest(path, { as = null, headers = {}, ...options } = {}) {
  const keyid = as ?? (await whose());
  const mine = { ...options, headers: keyid === null ? headers : { 'custody-key': keyid, ...headers } };
  const answer = await request(path, mine);
  if (answer.status !== 401) return answer;
  await signIn(keyid);
  return request(path, mine);
}

/** The answer's JSON. Throws `Problem`, `Unreachable`. */
export async function send(method, path, body = undefined, { signedIn = true } = {}) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'content-type': 'application/json' };
  }
  const answer = await (signedIn ? signedRequest : request)(path, options);
  if (!answer.ok) throw await Problem.of(answer);
  return answer.status === 204 ? null : answer.json();
}

/** What the server says, or said last: `{ data, fetchedAt, offline }`. */
export async function ask(path) {
  const keyid = await whose();
  try {
    const data = await send('GET', path);
    const kept = { data, fetchedAt: Date.now(), keyid };
    await facts.put(nameOf(path, keyid), kept).catch((error) => announceFull(error));
    return { ...kept, offline: false };
  } catch (error) {
    const passing = error instanceof Unreachable || (error instanceof Problem && error.passing);
    if (!passing) throw error;
    const kept = await facts.get(nameOf(path, keyid));
    if (kept === undefined) throw error instanceof Unreachable ? NO_FACTS() : error;
    return { ...kept, offline: true };
  }
}

/** What was kept of an earlier answer, for pages that begin with it; asked for where there is nothing. `null` if neither. */
export async function atHand(path) {
  const before = await facts.get(nameOf(path, await whose()));
  if (before !== undefined) return before.data;
  return ask(path).then(({ data }) => data, () => null);
}

/** Ask anew for what is to be at hand without network, unless it was asked for lately. */
export async function refresh(path, olderThanMs = 300_000) {
  const before = await facts.get(nameOf(path, await whose()));
  if (before === undefined || Date.now() - before.fetchedAt > olderThanMs) await ask(path);
}

const whose = async () => (await identity())?.keyid ?? null;
const nameOf = (path, keyid) => `${keyid ?? 'nobody'} ${path}`;

function announceFull(error) {
  dispatchEvent(new CustomEvent('custody:trouble', { detail: error }));
}
