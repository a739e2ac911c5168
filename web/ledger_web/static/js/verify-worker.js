/**
 * A worker that verifies a ledger, so that the page stays quick.
 *
 *     const worker = new Worker('verify-worker.js', { type: 'module' })
 *     worker.onmessage = ({ data }) => data.progress ?? data.verdict ?? data.error
 *     worker.postMessage({ base: 'https://ledger.example/', vkey, since })
 *
 * A session may end before a large ledger is read. With `renew: true` the worker then says `{ signIn: true }`, waits for
 * `{ signedIn: true }` (the key that signs in is the page's affair) and asks for the same once more. A connection that is
 * lost for a while, as when a phone was put away, is tried again before anything is said to be missing.
 */
import { LedgerError } from './errors.js';
import { httpSource } from './source.js';
import { verifyLedger } from './verify.js';

let renewed = null; // promised while the page signs in; all requests that were refused wait for the same
let done = null;

globalThis.onmessage = async ({ data: { base, vkey = null, since = null, renew = false, signedIn = false } }) => {
  if (signedIn) return void done?.();
  try {
    const onProgress = (progress) => postMessage({ progress });
    const source = httpSource(base, renew ? renewing : fetching);
    return postMessage({ verdict: await verifyLedger(source, { vkey, since, onProgress }) });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return postMessage({ error: { code: error.code, key: error.key, zh: error.words('zh'), en: error.words('en') } });
  }
};

const PAUSES_MS = [1_000, 4_000, 15_000];

async function fetching(...given) {
  for (const pause of PAUSES_MS) {
    try {
      return await globalThis.fetch(...given);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return globalThis.fetch(...given);
}

async function renewing(...given) {
  const answer = await fetching(...given);
  if (answer.status !== 401) return answer;
  renewed ??= new Promise((resolve) => {
    done = resolve;
    postMessage({ signIn: true });
  }).then(() => {
    renewed = null;
  });
  await renewed;
  return fetching(...given);
}
