/**
 * The device's own memory: one IndexedDB database for what waits to be sent, what is kept to be
 * watched without a network, and what all tabs and the service worker must agree on.
 *
 * A transaction is atomic over tabs and worker, so whoever changes a shared value needs no lock.
 */

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("solstice", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "id" });
      request.result.createObjectStore("kept", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Run one request against a store.
 * @template T @param {string} store @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>}
 */
export async function within(store, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/**
 * Read a value and put what `next` makes of it, in one transaction; undefined leaves it, null
 * deletes it. @param {string} store @param {string} key @param {(held: any) => any} next
 */
export async function change(store, key, next) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, "readwrite");
    const place = transaction.objectStore(store);
    const read = place.get(key);
    read.onsuccess = () => {
      const value = next(read.result);
      if (value === null) place.delete(key);
      else if (value !== undefined) place.put(value);
    };
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
