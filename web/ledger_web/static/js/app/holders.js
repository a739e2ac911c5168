/**
 * Whose keys are on this device: often one person's, sometimes those of several who share a phone. One is at work.
 *
 *     const me = await identity()             // { role, scope, holder, keyid, ledger, vkey }, null when nobody is at work
 *     const all = await holders()             // everybody whose key is here, in the order they came
 *     await workAs(keyid)                     // another of them is at work from now on
 *     await forget(keyid)                     // that key is destroyed here; what was signed with it stays
 *
 * Each has a key of its own that the browser does not give out. The ledger's name and verifier key are the device's, not
 * a holder's: they stay when holders come and go, as does what was verified (`checkpoint.js`) and what waits (`outbox.js`).
 * In the table `keys`: `key …` and `holder …` by key id, `active`, `log`; `device-key` and `enrolment` are of a key that
 * waits to be granted (`pages/enrol.js`).
 */
import { DeviceKey } from '../keys.js';
import { table, transaction } from './store.js';

const keys = table('keys');
const NEW = 'device-key';

let settledIn = null;

/** Devices that were enrolled when there was room for one holder only. */
function moved() {
  settledIn ??= transaction(['keys'], async ({ keys: all }) => {
    const before = await all.get('identity');
    if (before === undefined) return;
    const { ledger, vkey, ...who } = before;
    await all.put(await all.get(NEW), `key ${who.keyid}`);
    await all.put({ ...who, since: 0 }, `holder ${who.keyid}`);
    await all.put(who.keyid, 'active');
    await all.put({ ledger, vkey }, 'log');
    await all.remove(NEW);
    await all.remove('identity');
  }).catch((error) => {
    settledIn = null;
    throw error;
  });
  return settledIn;
}

/** Who is at work, as the ledger granted it, with the ledger's name and verifier key. */
export async function identity() {
  await moved();
  const keyid = await keys.get('active');
  const who = keyid === undefined ? undefined : await keys.get(`holder ${keyid}`);
  return who === undefined ? null : { ...who, ...(await log()) };
}

/** The ledger that this device belongs to: `{ ledger, vkey }`, taken when it was first enrolled; `null` before. */
export async function log() {
  await moved();
  return (await keys.get('log')) ?? null;
}

/** Everybody whose key is here: `[{ role, scope, holder, keyid, since, revoked }]`. */
export async function holders() {
  await moved();
  return transaction(['keys'], async ({ keys: all }) => {
    const names = (await all.keys()).filter((name) => name.startsWith('holder '));
    const found = await Promise.all(names.map((name) => all.get(name)));
    return found.sort((a, b) => a.since - b.since);
  }, 'readonly');
}

/** One of them, `null` if no such key is here. */
export async function holderOf(keyid) {
  await moved();
  return (await keys.get(`holder ${keyid}`)) ?? null;
}

/** The key of one of them, `null` if it is not here. */
export async function keyOf(keyid) {
  await moved();
  return DeviceKey.load(keys, `key ${keyid}`);
}

/** What people call one of them. */
export const nameOf = (who) => who.holder ?? who.scope ?? who.keyid.slice(0, 16);

export async function workAs(keyid) {
  if ((await holderOf(keyid)) !== null) await keys.put('active', keyid);
}

/** A key was granted: it is here for good. Who was at work goes on; the first one begins. */
export async function admit(key, { role, scope, holder }, { ledger, vkey }) {
  const { keyid } = key.public;
  await moved();
  await transaction(['keys'], async ({ keys: all }) => {
    await all.put({ public: key.public.text, privateKey: key.privateKey }, `key ${keyid}`);
    await all.put({ role, scope, holder, keyid, since: Date.now() }, `holder ${keyid}`);
    if ((await all.get('log')) === undefined) await all.put({ ledger, vkey }, 'log');
    if ((await all.get('active')) === undefined) await all.put(keyid, 'active');
    await all.remove(NEW);
    await all.remove('enrolment');
  });
}

/** Change what is known of one that is here. */
async function noted(keyid, more) {
  await transaction(['keys'], async ({ keys: all }) => {
    const before = await all.get(`holder ${keyid}`);
    if (before !== undefined) await all.put({ ...before, ...more }, `holder ${keyid}`);
  });
}

/** The server says anew what the ledger granted a key. */
export const granted = (keyid, { role, scope, holder }) => noted(keyid, { role, scope, holder });

/** The ledger has revoked it: it says nothing any more, and cannot be granted again. */
export async function revoked(keyid) {
  await noted(keyid, { revoked: true });
  dispatchEvent(new CustomEvent('custody:revoked'));
}

/** Destroy a key, and what was fetched for it. Another one that is here goes to work, if there is one. */
export async function forget(keyid) {
  const others = (await holders()).filter((one) => one.keyid !== keyid);
  await transaction(['keys', 'facts'], async ({ keys: all, facts }) => {
    await all.remove(`key ${keyid}`);
    await all.remove(`holder ${keyid}`);
    if ((await all.get('active')) === keyid) {
      if (others.length) await all.put(others[0].keyid, 'active');
      else await all.remove('active');
    }
    for (const name of await facts.keys()) if ((await facts.get(name))?.keyid === keyid) await facts.remove(name);
  });
}

/** The key for a code that was given to this device: the same again for the same code, else a new one. */
export async function keyFor(code) {
  await moved();
  const same = (await keys.get('enrolment'))?.code === code;
  if (!same) await abandon(); // a key that was brought before may have been granted and revoked since
  const key = (await DeviceKey.load(keys, NEW)) ?? (await DeviceKey.make());
  await key.keep(keys, NEW);
  if (!same) await keys.put('enrolment', { code });
  return key;
}

/** The enrolment that waits: `{ code, role, scope }`, `role` once the server has taken the key; `null` if none. */
export const enrolment = async () => (await keys.get('enrolment')) ?? null;

/** The server has taken the key, and somebody is to grant it. */
export const brought = (code, { role, scope }) => keys.put('enrolment', { code, role, scope });

/** Nothing will come of it. */
export async function abandon() {
  await keys.remove('enrolment');
  await keys.remove(NEW);
}
