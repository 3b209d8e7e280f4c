/** What is kept in the browser for reading without a connection: each user's own, and nothing once they sign out. */
import { dropKept, type Kept, openKept } from '../../lib/idb.ts';
import { userId } from '../../lib/told.ts';

const PREFIX = 'tidemark-';
/** Grows whenever what is kept gets another shape. */
const VERSION = 2;
const STORES = ['rows', 'people', 'drafts', 'messages', 'outbox', 'parcels', 'blobs', 'meta'] as const;
export type Store = (typeof STORES)[number];
/** Undefined deletes. */
export type Entry = readonly [store: Store, key: IDBValidKey, value: unknown];

let opening: Promise<Kept> | undefined;
let ended = false;

function kept(): Promise<Kept> {
  opening ??= openKept(`${PREFIX}${userId}`, VERSION, STORES);
  return opening;
}

export const cache = {
  async get<T>(store: Store, key: IDBValidKey): Promise<T | undefined> {
    return (await kept()).get<T>(store, key);
  },
  async all<T>(store: Store): Promise<T[]> {
    return (await kept()).all<T>(store);
  },
  /** Undefined deletes. */
  async put(store: Store, key: IDBValidKey, value: unknown): Promise<void> {
    await cache.putAll(store, [[key, value]]);
  },
  async putAll(store: Store, entries: ReadonlyArray<readonly [key: IDBValidKey, value: unknown]>): Promise<void> {
    if (!ended) await (await kept()).put(store, entries);
  },
  /** All of it, or nothing. @returns whether it is kept */
  async putInto(entries: readonly Entry[]): Promise<boolean> {
    return !ended && (await kept()).putInto(entries);
  },
  /** In place of all that was there. */
  async replace(store: Store, entries: ReadonlyArray<readonly [key: IDBValidKey, value: unknown]>): Promise<void> {
    if (ended) return;
    const database = await kept();
    await database.clear(store);
    await database.put(store, entries);
  },
};

/** Somebody else was signed in here before: nothing of theirs stays. */
export async function forgetOthers(): Promise<void> {
  const databases = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const others = databases.map(({ name }) => name ?? '').filter((name) => name.startsWith(PREFIX) && name !== `${PREFIX}${userId}`);
  for (const name of others) indexedDB.deleteDatabase(name);
}

/** Everything that this browser keeps of ours. Nothing is kept any more after that. */
export async function wipe(): Promise<void> {
  ended = true;
  (await kept()).close();
  await dropKept(PREFIX);
  const registrations = (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? [];
  await Promise.all(registrations.map((registration) => registration.unregister()));
  if ('caches' in globalThis) await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
  try {
    localStorage.clear();
    sessionStorage.clear();
  } catch {
    // There is none.
  }
}
