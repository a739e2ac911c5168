/**
 * Secrets of announced plans, kept beside this device's keys until the plan is drawn.
 *
 *     const { commitment } = await newSecret({ week, grid, seedSize })      // kept before anything is signed
 *     const kept = await secretFor(commitment)                              // { secret, week, grid, seedSize, madeAt }
 *     await forgetDrawn()                                                   // those whose draw is proved to be in the ledger
 *
 * Nothing but `plan.drawn` carries a secret, and no earlier than the seed is there (decisions 11 and 22): until then
 * whoever makes the ledger's entries could choose the draw. Lost with the phone, the plan is voided by two.
 */
import { fromHex, toHex } from '../bytes.js';
import { sha256 } from '../hash.js';
import { list, statementOf } from './outbox.js';
import { table, transaction } from './store.js';

const BEFORE = 'plan-secret ';
const KEPT_DAYS = 60; // no plan is drawn weeks after its week
const keys = table('keys');

/** A fresh secret, kept. Returns its digest, which the announcement shows. */
export async function newSecret({ week, grid, seedSize }) {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const commitment = toHex(await sha256(secret));
  await keys.put(BEFORE + commitment, { secret: toHex(secret), week, grid, seedSize, madeAt: Date.now() });
  return { commitment };
}

/** What is kept here for a commitment, `null` if nothing. */
export async function secretFor(commitment) {
  return (await keys.get(BEFORE + commitment)) ?? null;
}

export const forgetSecret = (commitment) => keys.remove(BEFORE + commitment);

/** All that wait here, the oldest first: what is shown of them is no secret. */
export async function waitingSecrets() {
  const found = await transaction(['keys'], async ({ keys: kept }) => {
    const names = (await kept.keys()).filter((name) => typeof name === 'string' && name.startsWith(BEFORE));
    return Promise.all(names.map(async (name) => ({ commitment: name.slice(BEFORE.length), ...(await kept.get(name)) })));
  }, 'readonly');
  return found.map(({ secret: _secret, ...shown }) => shown).sort((a, b) => a.madeAt - b.madeAt);
}

/** Let go of what stands in the ledger, as this phone has proved, of what was refused, and of what is long over. */
export async function forgetDrawn(now = Date.now()) {
  const items = await list();
  for (const item of items) {
    if (item.kind === 'plan.drawn' && item.provedIn !== undefined) {
      await forgetSecret(toHex(await sha256(fromHex(statementOf(item).body.secret))));
    } else if (item.kind === 'plan.announced' && item.state === 'refused') await forgetSecret(statementOf(item).body.commitment);
  }
  for (const one of await waitingSecrets()) if (now - one.madeAt > KEPT_DAYS * 86_400_000) await forgetSecret(one.commitment);
}
