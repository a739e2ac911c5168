/**
 * A small store in IndexedDB: values under names, kept when the browser closes.
 *
 *     const store = await openStore('custody')
 *     await store.put('language', 'zh')
 *     await store.update('count', (before) => (before ?? 0) + 1)    // one transaction: safe among several tabs
 *
 * What `keys.js` and `memory.js` ask of a store is `get`, `put` and `update`; `temporaryStore()` has the same and
 * forgets. Errors of the browser (no space, private mode) come out as they are thrown.
 */
const TABLE = 'values';

export async function openStore(name, indexedDB = globalThis.indexedDB) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = await settled(opening);
  database.onversionchange = () => database.close();

  const within = async (mode, work) => {
    const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await work(transaction.objectStore(TABLE), transaction);
    await finished;
    return result;
  };

  return {
    get: (key) => within('readonly', (table) => settled(table.get(key))),
    put: (key, value) => within('readwrite', (table) => settled(table.put(value, key))),
    remove: (key) => within('readwrite', (table) => settled(table.delete(key))),
    /** Put what `change` makes of the value that is there (`undefined` if none), and return it. `change` must not wait. */
    update: (key, change) =>
      within('readwrite', async (table) => {
        const value = change(await settled(table.get(key)));
        await settled(table.put(value, key));
        return value;
      }),
    close: () => database.close(),
  };
}

/** A store in memory, for tests and for pages that shall leave no trace. */
export function temporaryStore() {
  const values = new Map();
  return {
    get: async (key) => structuredClone(values.get(key)),
    put: async (key, value) => void values.set(key, structuredClone(value)),
    remove: async (key) => void values.delete(key),
    update: async (key, change) => {
      const value = change(structuredClone(values.get(key)));
      values.set(key, structuredClone(value));
      return value;
    },
    close: () => {},
  };
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
