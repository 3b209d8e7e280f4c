/** A database of the browser, with promises. Where there is none, nothing is kept and nothing fails. */

export interface Kept {
  get<T>(store: string, key: IDBValidKey): Promise<T | undefined>;
  all<T>(store: string): Promise<T[]>;
  /** Undefined deletes. */
  put(store: string, entries: ReadonlyArray<readonly [key: IDBValidKey, value: unknown]>): Promise<void>;
  /** The same in several stores: all of it, or nothing. @returns whether it is done */
  putInto(entries: ReadonlyArray<readonly [store: string, key: IDBValidKey, value: unknown]>): Promise<boolean>;
  clear(store: string): Promise<void>;
  close(): void;
}

const NOTHING: Kept = { get: async () => undefined, all: async () => [], put: async () => {}, putInto: async () => false, clear: async () => {}, close: () => {} };

/** @param version another one begins with nothing */
export async function openKept(name: string, version: number, stores: readonly string[]): Promise<Kept> {
  try {
    return keptIn(await open(name, version, stores));
  } catch {
    return NOTHING;
  }
}

function open(name: string, version: number, stores: readonly string[]): Promise<IDBDatabase> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    const { result: db } = request;
    for (const store of db.objectStoreNames) db.deleteObjectStore(store);
    for (const store of stores) db.createObjectStore(store);
  };
  return done(request).then((db) => {
    // Another tab signs out, or brings a newer page.
    db.onversionchange = () => db.close();
    return db;
  });
}

function keptIn(db: IDBDatabase): Kept {
  const putInto: Kept['putInto'] = async (entries) => {
    try {
      const transaction = db.transaction([...new Set(entries.map(([store]) => store))], 'readwrite');
      for (const [store, key, value] of entries) {
        if (value === undefined) transaction.objectStore(store).delete(key);
        else transaction.objectStore(store).put(value, key);
      }
      await finished(transaction);
      return true;
    } catch {
      return false;
    }
  };
  const within = async <T>(store: string, mode: IDBTransactionMode, work: (objects: IDBObjectStore) => IDBRequest<T> | undefined, otherwise: T): Promise<T> => {
    try {
      const transaction = db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      await finished(transaction);
      return request ? request.result : otherwise;
    } catch {
      return otherwise;
    }
  };
  return {
    get: (store, key) => within(store, 'readonly', (objects) => objects.get(key), undefined),
    all: (store) => within(store, 'readonly', (objects) => objects.getAll(), []),
    put: async (store, entries) => void (await putInto(entries.map(([key, value]) => [store, key, value]))),
    putInto,
    clear: (store) => within(store, 'readwrite', (objects) => objects.clear(), undefined),
    close: () => db.close(),
  };
}

/** Deletes every database of ours, whoever has it open. */
export async function dropKept(prefix: string): Promise<void> {
  const known = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const names = known.map(({ name }) => name ?? '').filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => done(indexedDB.deleteDatabase(name)).catch(() => undefined)));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('the browser keeps nothing'));
  });
}
