/** Removes the bytes that nothing refers to any more, on any node, some time after: whatever begins to refer to them meanwhile keeps them. */
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import type { Blobs, StoredBlob } from '../../blobs/blobs.ts';
import { type Database, StoreUnavailable, type WriteSession } from '../../db/database.ts';
import { beginRemoval, claimBlob, dateUnused, forgetBlob, keptBlobs, takeOverRemovals } from '../../db/stores/blob-store.ts';

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

/** Milliseconds. */
export const COLLECTING_MS = {
  /** How long what nothing refers to is kept: uploads and backups under way take less. */
  grace: 24 * HOUR,
  /** After so long, whoever began to remove something is gone. */
  removal: HOUR,
  /** Parts of an upload that nobody has gone on with. */
  unfinished: 24 * HOUR,
};
const EVERY_MS = 10 * MINUTE;
const AT_ONCE = 100;
/** How long an upload waits for the same content to be gone, and how often it looks. */
const WAIT_MS = { longest: 30 * SECOND, between: 100 };

/** Claims content for an upload: from then on it is kept for as long as that may take. To be given to {@link Blobs.put}. */
export function claiming(db: Database, clock: Clock): (blob: StoredBlob) => Promise<void> {
  return async ({ name, size }) => {
    const deadline = clock.precise() + WAIT_MS.longest;
    while (!(await db.write((s) => claimBlob(s, name, size, clock.now())))) {
      if (clock.precise() > deadline) throw new StoreUnavailable('busy', { cause: new Error(`${name} is being removed`) });
      await sleep(WAIT_MS.between);
    }
  };
}

/** Removes what has been unused for long enough. @returns how much that was */
export async function collect(db: Database, blobs: Blobs, now: number, stop?: AbortSignal, after = COLLECTING_MS): Promise<number> {
  let removed = 0;
  while (!stop?.aborted && (await db.write((s) => dateUnused(s, now, AT_ONCE))) === AT_ONCE);
  for (const begin of [
    (s: WriteSession) => takeOverRemovals(s, now - after.removal, now, AT_ONCE),
    (s: WriteSession) => beginRemoval(s, now - after.grace, now, AT_ONCE),
  ]) {
    for (let names = await db.write(begin); names.length > 0 && !stop?.aborted; names = await db.write(begin)) {
      for (const name of names) {
        await blobs.remove(name);
        await db.write((s) => forgetBlob(s, name));
      }
      removed += names.length;
    }
  }
  return removed;
}

/** Collects now and then, as long as the server runs. */
export class Collector implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #collecting: Promise<void> | undefined;
  /** What is kept, as last looked at. */
  kept = { count: NaN, bytes: NaN };

  constructor(db: Database, blobs: Blobs, clock: Clock, log: Logger) {
    const collectOnce = async (): Promise<void> => {
      try {
        await collect(db, blobs, clock.now(), this.#stop.signal);
        await blobs.tidy(new Date(clock.now() - COLLECTING_MS.unfinished));
        this.kept = await db.read(keptBlobs);
      } catch (fault) {
        if (!(fault instanceof StoreUnavailable)) log.error({ err: fault }, 'could not remove the bytes that nothing refers to');
      }
    };
    this.#timer = setInterval(() => {
      this.#collecting ??= collectOnce().finally(() => (this.#collecting = undefined));
    }, EVERY_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#collecting;
  }
}
