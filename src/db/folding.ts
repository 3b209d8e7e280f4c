/**
 * Moves what happened in warm chats into their members' rows once the chats are quiet. Until then lists read it from the
 * chats themselves: a message writes as many rows in a chat of a hundred as in one of two.
 */
import { isRefusal } from '../base/outcome.ts';
import type { Changes } from './changes.ts';
import { type Database, StoreUnavailable } from './database.ts';
import { inFrontOf } from './in-front.ts';
import { foldChats, warmAmong, warmChats, type WarmChat } from './stores/fold-store.ts';

/** A chat in which nothing has happened for this long is quiet. */
const QUIET_MS = 1000;
const LOOK_EVERY_MS = 250;
/** After a failure. */
const REST_MS = 10_000;
/** How often chats are looked for that others left warm, and for how long nothing has happened in those. */
const SWEEP_EVERY_MS = 30_000;
const LEFT_MS = 30_000;
/** Members' rows of one unit of work: some milliseconds of the writer. */
const ROWS_AT_ONCE = 400;
const CHATS_AT_ONCE = 200;
/** Every list reads the chats that are warm: where there are more, what happens is folded at once. */
const MOST_WARM = 1000;
/** Chats of a unit that folds at once: it stays short. */
const FEW = 4;

/** `quiet` is how servers run; the others are for tests, and `never` leaves it to them when. */
export type FoldingMode = 'quiet' | 'at-once' | 'never';

export class Folding {
  /** The store for whoever writes. */
  readonly db: Database;
  readonly #store: Database;
  readonly #mode: FoldingMode;
  readonly #now: () => number;
  readonly #onFault: (fault: unknown) => void;
  /** When something happened last in chats that may be warm, on the clock of `performance.now()`; the longest quiet first. */
  readonly #warm = new Map<number, number>();
  #sweptAt = -Infinity;
  #folding: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param now the date by which chats are stamped, milliseconds */
  constructor(store: Database, mode: FoldingMode, now: () => number, onFault: (fault: unknown) => void) {
    this.#store = store;
    this.#mode = mode;
    this.#now = now;
    this.#onFault = onFault;
    this.db = inFrontOf(store, { write: (work, gathered) => this.#write(work, gathered), together: () => (this.#foldsAtOnce ? undefined : store.together()) });
    if (mode !== 'quiet') return;
    store.onCommit((changes) => this.#committed(changes));
    this.#wait(LOOK_EVERY_MS);
  }

  /** Chats that may be warm, as far as this process knows. */
  get warm(): number {
    return this.#warm.size;
  }

  get #foldsAtOnce(): boolean {
    return this.#mode === 'at-once' || this.#warm.size >= MOST_WARM;
  }

  /** Folds all that is warm now, quiet or not. */
  async foldAll(): Promise<void> {
    await this.#sweep(Number.MAX_SAFE_INTEGER);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#folding;
  }

  /** What is written together leaves its chats warm, whatever there is. */
  #write: Database['write'] = (work, gathered) => {
    if (!this.#foldsAtOnce || gathered) return this.#store.write(work, gathered);
    return this.#store.write(async (s) => {
      const result = await work(s);
      const chats = [...s.changes.chats];
      if (!isRefusal(result) && chats.length > 0 && (this.#mode === 'at-once' || chats.length <= FEW)) await foldChats(s, chats);
      return result;
    });
  };

  #committed({ chats }: Changes): void {
    const now = performance.now();
    for (const chatId of chats) {
      this.#warm.delete(chatId);
      this.#warm.set(chatId, now);
    }
  }

  #wait(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#folding = this.#look().then(() => this.#wait(LOOK_EVERY_MS), (fault: unknown) => {
        this.#onFault(fault);
        this.#wait(REST_MS);
      });
    }, ms).unref();
  }

  async #look(): Promise<void> {
    await this.#foldQuiet();
    if (performance.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    await this.#sweep(this.#sweptAt < 0 ? Number.MAX_SAFE_INTEGER : this.#now() - LEFT_MS);
    this.#sweptAt = performance.now();
  }

  /** What this process has seen happen. */
  async #foldQuiet(): Promise<void> {
    for (let quiet = this.#quiet(); quiet.length > 0 && !this.#closed; quiet = this.#quiet()) {
      await this.#fold(await this.#store.read((s) => warmAmong(s, quiet)));
      const since = performance.now() - QUIET_MS;
      for (const chatId of quiet) if (this.#warm.get(chatId)! <= since) this.#warm.delete(chatId);
    }
  }

  #quiet(): number[] {
    const since = performance.now() - QUIET_MS;
    const quiet: number[] = [];
    for (const [chatId, at] of this.#warm) {
      if (at > since || quiet.length === CHATS_AT_ONCE) break;
      quiet.push(chatId);
    }
    return quiet;
  }

  /** What others left warm: a node that has died, a command, the run before. */
  async #sweep(before: number): Promise<void> {
    for (let after = 0; !this.#closed; ) {
      const chats = await this.#store.read((s) => warmChats(s, after, before, CHATS_AT_ONCE));
      await this.#fold(chats);
      if (chats.length < CHATS_AT_ONCE) return;
      after = chats.at(-1)!.id;
    }
  }

  async #fold(chats: readonly WarmChat[]): Promise<void> {
    for (const part of inParts(chats)) {
      if (this.#closed) return;
      await this.#store.write((s) => foldChats(s, part)).catch((fault: unknown) => {
        // They stay warm, and are found again.
        if (!(fault instanceof StoreUnavailable)) throw fault;
      });
    }
  }
}

/** Ids of chats that have few members together, or one chat. */
function* inParts(chats: readonly WarmChat[]): Generator<number[]> {
  let [part, rows]: [number[], number] = [[], 0];
  for (const { id, member_count } of chats) {
    if (part.length > 0 && rows + member_count > ROWS_AT_ONCE) {
      yield part;
      [part, rows] = [[], 0];
    }
    part.push(id);
    rows += member_count;
  }
  if (part.length > 0) yield part;
}
