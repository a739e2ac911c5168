/**
 * Whether what the server called accepted is in the ledger: a receipt is the server's word until it is proved.
 *
 *     await proveReceipts()           // after each contact: those accepted since the last one
 *
 * The proof comes with the entry in it. It must hold the very statement that was signed here, at the place and under the
 * leaf hash of the receipt, in a tree that continues the one this phone knows. What does not is the alarm `denied`; a
 * server that gives no proof now is asked again the next time, and one that never gives it is the alarm `withheld`.
 */
import { decodeBase64, equal, toHex } from '../bytes.js';
import { entryEnvelope } from '../entry.js';
import { LedgerError } from '../errors.js';
import { Verifier } from '../note.js';
import { checkProof } from '../proof.js';
import { request, signedRequest } from './api.js';
import { MOST_DOUBTS, denied, takeIn, withheld } from './checkpoint.js';
import { list, proved, unproved } from './outbox.js';
import { identity } from './session.js';
import { Problem, Unreachable } from './trouble.js';

const AT_ONCE = 20; // the newest; the others at the next contact

/** See above. Throws `Unreachable`, and what `takeIn` throws. */
export async function proveReceipts() {
  const me = await identity();
  if (me === null) return;
  const open = (await list()).filter((item) => item.state === 'accepted' && item.provedIn === undefined);
  if (open.length === 0) return;
  const verifier = await Verifier.fromVkey(me.vkey);
  for (const item of open.slice(0, AT_ONCE)) await prove(item, verifier);
}

async function prove(item, verifier) {
  const answer = await signedRequest(`/proof/${item.receipt.index}`).catch(async (error) => {
    if (error instanceof Unreachable || error.passing) await doubt(item);
    throw error;
  });
  if (!answer.ok) return ask(item, await Problem.of(answer));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  try {
    const { entry, checkpoint } = await checkProof(bytes, verifier);
    if (!bears(entry, item)) return denied(item.receipt, bytes);
    await takeIn(checkpoint.note);
    await proved(item.id, checkpoint.size);
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'HistoryChanged') throw error;
    await denied(item.receipt, bytes);
  }
}

const bears = (entry, { envelope, receipt }) =>
  entry.index === receipt.index && toHex(entry.leafHash) === receipt.leaf_hash
  && equal(entryEnvelope(entry).payload, decodeBase64(JSON.parse(envelope).payload));

/** Who may not read the entry (any more) can still ask whether there is one of this hash: that is open to all. */
async function ask(item, why) {
  const { id, receipt } = item;
  if (why.passing) return doubt(item);
  const answer = await request(`/proof/${receipt.index}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ leaf_hash: receipt.leaf_hash }),
  });
  if (answer.status === 404) await denied(receipt, new Uint8Array());
  else if (answer.ok) await proved(id, 0); // an entry of this hash is there; what it says was not shown
  else await doubt(item);
}

async function doubt({ id, receipt }) {
  if ((await unproved(id)) >= MOST_DOUBTS) await withheld(receipt);
}
