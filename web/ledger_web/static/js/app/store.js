/**
 * What the device keeps, in IndexedDB: one database, a table for each kind of thing.
 *
 *     const facts = table('facts')
 *     await facts.put('/api/mine', { … })
 *     await transaction(['outbox', 'photos'], async ({ outbox, photos }) => { … })     // all of it or nothing
 *
 * `table(name)` has `get`, `put`, `remove` and `update`, which is what `keys.js` and `memory.js` ask of a store. Every
 * error of the browser becomes a `StorageTrouble` that says what to do; a full phone is never silent.
 */
import { StorageTrouble } from './trouble.js';
import { _ } from './texts.js';

export const DATABASE = 'custody';
const VERSION = 1;
const TABLES = ['keys', 'memory', 'facts', 'photos']; // values under names; `outbox` numbers its own

let opening = null;

function opened() {
  opening ??= new Promise((resolve, reject) => {
    if (globalThis.indexedDB === undefined || indexedDB === null) throw new DOMException('', 'NotAllowedError');
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const name of TABLES) request.result.createObjectStore(name);
      const outbox = request.result.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true });
      outbox.createIndex('id', 'id', { unique: true });
      outbox.createIndex('state', 'state');
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opening = null;
      };
      request.result.onclose = () => {
        opening = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(troubled(request.error));
    request.onblocked = () => reject(new StorageTrouble(_('Another page of this ledger holds what is kept here: close the others and reload this one.')));
  });
  opening.catch(() => {
    opening = null;
  });
  return opening;
}

/** Do `work` with the tables named, as one transaction. `work` may wait for nothing but these tables. */
export async function transaction(names, work, mode = 'readwrite') {
  try {
    const database = await opened();
    const running = database.transaction(names, mode, { durability: 'strict' });
    const finished = new Promise((resolve, reject) => {
      running.oncomplete = resolve;
      running.onabort = () => reject(running.error ?? new DOMException('', 'AbortError'));
    });
    finished.catch(() => {}); // thrown below, once `work` is over
    try {
      const result = await work(Object.fromEntries(names.map((name) => [name, handle(running.objectStore(name))])));
      await finished;
      return result;
    } catch (error) {
      try {
        running.abort();
      } catch {
        // over already
      }
      await finished.catch((why) => {
        if (why?.name === 'QuotaExceededError') throw why;
      });
      throw error;
    }
  } catch (error) {
    throw error instanceof DOMException ? troubled(error) : error;
  }
}

function handle(objects) {
  return {
    get: (key) => settled(objects.get(key)),
    put: (value, key) => settled(key === undefined ? objects.put(value) : objects.put(value, key)),
    remove: (key) => settled(objects.delete(key)),
    all: (query) => settled(objects.getAll(query)),
    keys: () => settled(objects.getAllKeys()),
    by: (index, value) => settled(objects.index(index).getAll(value)),
    count: (index, value) => settled(objects.index(index).count(value)),
  };
}

/** Values under names. */
export function table(name) {
  const one = (work, mode) => transaction([name], (tables) => work(tables[name]), mode);
  return {
    get: (key) => one((t) => t.get(key), 'readonly'),
    put: (key, value) => one((t) => t.put(value, key)),
    remove: (key) => one((t) => t.remove(key)),
    /** Put what `change` makes of the value that is there, and return it; safe among tabs. `change` must not wait. */
    update: (key, change) =>
      one(async (t) => {
        const value = change(await t.get(key));
        await t.put(value, key);
        return value;
      }),
  };
}

/** How much room there is: `{ used, quota, persisted }`, numbers `null` where the browser does not say. */
export async function room() {
  const { usage = null, quota = null } = (await navigator.storage?.estimate?.()) ?? {};
  return { used: usage, quota, persisted: (await navigator.storage?.persisted?.()) ?? false };
}

/** Ask the browser never to take away what is kept here. */
export const keepForGood = async () => (await navigator.storage?.persist?.()) ?? false;

function troubled(error) {
  if (error?.name === 'QuotaExceededError') {
    return new StorageTrouble(
      _('This phone has no room left, and nothing was saved. Free some space (photos, other apps), then sign again.'),
      { cause: error },
    );
  }
  return new StorageTrouble(
    _('The browser does not let this page keep anything ({what}). Leave private mode, or use another browser.', {
      what: error?.name ?? '',
    }),
    { cause: error },
  );
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
