/**
 * A contradiction to take away: both checkpoints as they were signed, in a file that `custody check-evidence` reads.
 *
 *     saveEvidence(await lastAlarm())        // { reason, vkey, remembered, shown, at }
 */
import { saveAs } from './files.js';

export function saveEvidence({ reason, vkey = null, remembered, shown, at = Date.now() }) {
  const told = { evidence: 'custody-ledger/evidence@v1', reason, vkey, remembered, shown, at: new Date(at).toISOString() };
  saveAs(new Blob([JSON.stringify(told, null, 1)], { type: 'application/json' }), 'custody-evidence.json');
}
