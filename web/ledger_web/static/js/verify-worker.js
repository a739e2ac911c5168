/**
 * A worker that verifies a ledger, so that the page stays quick.
 *
 *     const worker = new Worker('verify-worker.js', { type: 'module' })
 *     worker.onmessage = ({ data }) => data.progress ?? data.verdict ?? data.error
 *     worker.postMessage({ base: 'https://ledger.example/', vkey, since })
 */
import { LedgerError } from './errors.js';
import { httpSource } from './source.js';
import { verifyLedger } from './verify.js';

globalThis.onmessage = async ({ data: { base, vkey = null, since = null } }) => {
  try {
    const onProgress = (progress) => postMessage({ progress });
    postMessage({ verdict: await verifyLedger(httpSource(base), { vkey, since, onProgress }) });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    postMessage({ error: { code: error.code, key: error.key, zh: error.words('zh'), en: error.words('en') } });
  }
};
