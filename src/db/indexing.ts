/**
 * Keeps the index of texts: a reader of the journal, beside the writers. What it has not come to yet is looked at by whoever
 * searches, so it may take its time: while much is written it leaves the processor to the writers.
 */
import type { Changes } from './changes.ts';
import { type Database, StoreUnavailable, type WriteSession } from './database.ts';
import { fold } from './fold.ts';
import { gramsOf } from './grams.ts';
import type { IndexedText } from './text-index.ts';
import { advanceCursor, comparePositions, entriesAfter, type JournalRow, type Position, READERS } from './stores/journal-store.ts';
import { changedIn, claimTexts, type Extent, isStillAt, lowerFloor, readExtent, releaseTexts, type StoredText, textsBelow, textsOf } from './stores/text-store.ts';
import { Slice } from '../base/turns.ts';

/** What others have written is noticed this late, milliseconds; what is written here waits for more to come as long as that. */
const LOOK_EVERY_MS = 1000;
/** After a failure. */
const REST_MS = 10_000;
/** Messages and characters of one unit of work: some milliseconds of the writer. */
const MESSAGES_AT_ONCE = 200;
const CHARACTERS_AT_ONCE = 12_000;
/** Pauses are this many times as long as the work before, or that many times while others write much. */
const SHARE = 3;
const BUSY_SHARE = 20;
/** So many messages in a second are much; and so many behind are too many to wait any longer. */
const BUSY = 100;
const FAR_BEHIND = 50_000;
/** A node that keeps the index has lost it when it has done nothing for so long; the others look this often. */
const CLAIMED_MS = 30_000;
const OTHERS_LOOK_EVERY_MS = 5000;
/** What concerns no text is passed this often. */
const PASS_EVERY_MS = 30_000;

/** `never` is for tests, which say themselves when. */
export type IndexingMode = 'quiet' | 'never';

/** What one unit of work is about to do. */
interface Step {
  put: IndexedText[];
  remove: number[];
  /** Where the reader is afterwards. */
  place?: Position;
  floor?: number;
}

export class Indexing {
  readonly #db: Database;
  readonly #node: string;
  readonly #now: () => number;
  readonly #onFault: (fault: unknown) => void;
  #passedAt = -Infinity;
  /** Messages that were written here and not put in yet, as far as is known; and those since the last look, and when that was. */
  #behind = 0;
  #lately = 0;
  #lookedAt = -Infinity;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #keeps = false;

  /** @param node names this process among those that share the store. @param now milliseconds */
  constructor(db: Database, mode: IndexingMode, node: string, now: () => number, onFault: (fault: unknown) => void) {
    this.#db = db;
    this.#node = node;
    this.#now = now;
    this.#onFault = onFault;
    if (mode === 'never') return;
    db.onCommit((changes) => this.#committed(changes));
    this.#wait(LOOK_EVERY_MS);
  }

  /** Puts in all that can be, without pauses. */
  async indexAll(): Promise<void> {
    while ((await this.indexSome()) === 'more');
  }

  /** Does one unit's work. @returns whether there may be more, or another node is to do it */
  async indexSome(): Promise<'more' | 'nothing' | 'others'> {
    const extent = await this.#db.read(readExtent);
    const step = (await this.#fromJournal(extent)) ?? (await this.#fromBefore(extent));
    if (!step) return 'nothing';
    this.#keeps = await this.#db.write((s) => this.#carryOut(s, extent, step));
    if (!this.#keeps) return 'others';
    this.#behind = Math.max(0, this.#behind - step.put.length);
    return 'more';
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
    // Where that cannot be said now, the others notice after a while.
    if (this.#keeps) await this.#db.write((s) => releaseTexts(s, this.#node)).catch(() => {});
  }

  #committed(changes: Changes): void {
    if (!changes.has('message.added')) return;
    this.#behind += 1;
    this.#lately += 1;
  }

  #wait(ms: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#look().then((pause) => this.#wait(pause), (fault: unknown) => {
        if (!(fault instanceof StoreUnavailable)) this.#onFault(fault);
        this.#wait(REST_MS);
      });
    }, ms).unref();
  }

  /** @returns how long to wait before the next look, milliseconds */
  async #look(): Promise<number> {
    const began = performance.now();
    const busy = this.#lately / (began - this.#lookedAt) > BUSY / 1000 && this.#behind < FAR_BEHIND;
    [this.#lately, this.#lookedAt] = [0, began];
    const found = await this.indexSome();
    if (found === 'others') return OTHERS_LOOK_EVERY_MS;
    if (found === 'nothing') {
      this.#behind = 0;
      return LOOK_EVERY_MS;
    }
    return (performance.now() - began) * (busy ? BUSY_SHARE : SHARE);
  }

  /** What was changed since; undefined when nothing was that has to be written down now. */
  async #fromJournal(extent: Extent): Promise<Step | undefined> {
    const { entries, texts } = await this.#db.read(async (s) => {
      const found = await entriesAfter(s, extent, extent.token, MESSAGES_AT_ONCE);
      return shortened(found, await textsOf(s, changedIn(found)));
    });
    const changed = changedIn(entries);
    const [last, now] = [entries.at(-1), performance.now()];
    if (!last || (changed.length === 0 && entries.length < MESSAGES_AT_ONCE && now - this.#passedAt < PASS_EVERY_MS)) return undefined;
    this.#passedAt = now;
    return { put: await indexed(texts), remove: changed.filter((id) => !texts.some((text) => text.id === id)), place: last };
  }

  /** What was there before the index was, or was put into the store by other ways than the rules'. */
  async #fromBefore(extent: Extent): Promise<Step | undefined> {
    if (extent.floor === 0) return undefined;
    const texts = few(await this.#db.read((s) => textsBelow(s, extent.floor, MESSAGES_AT_ONCE)));
    return { put: await indexed(texts.filter(({ deleted }) => deleted === 0)), remove: [], floor: texts.at(-1)?.id ?? 0 };
  }

  /** @returns false where another node keeps the index, or was faster */
  async #carryOut(s: WriteSession, extent: Extent, { put, remove, place, floor }: Step): Promise<boolean> {
    const now = this.#now();
    if (!(await claimTexts(s, this.#node, now, now + CLAIMED_MS)) || !(await isStillAt(s, extent))) return false;
    if (put.length > 0) await this.#db.texts.put(s, put);
    if (remove.length > 0) await this.#db.texts.remove(s, remove);
    if (place && comparePositions(extent, place) < 0) await advanceCursor(s, READERS.texts, place);
    if (floor !== undefined) await lowerFloor(s, floor);
    if (put.length + remove.length > 0) await this.#db.texts.tidy(s);
    return true;
  }
}

/** As many of the first entries, one at least, as have texts of so many characters together at most. */
function shortened(entries: readonly JournalRow[], texts: readonly StoredText[]): { entries: JournalRow[]; texts: StoredText[] } {
  const byId = new Map(texts.map((text) => [text.id, text]));
  const taken = new Map<number, StoredText>();
  let characters = 0;
  const rest = entries.findIndex((entry, i) => {
    const text = changedIn([entry]).map((id) => byId.get(id))[0];
    if (!text || taken.has(text.id)) return false;
    characters += text.text.length;
    if (characters > CHARACTERS_AT_ONCE && i > 0) return true;
    taken.set(text.id, text);
    return false;
  });
  return { entries: rest < 0 ? [...entries] : entries.slice(0, rest), texts: [...taken.values()] };
}

/** The first texts, one at least, of so many characters at most. */
function few<T extends StoredText>(texts: readonly T[]): T[] {
  let characters = 0;
  return texts.filter(({ text }, i) => (characters += text.length) <= CHARACTERS_AT_ONCE || i === 0);
}

async function indexed(texts: readonly StoredText[]): Promise<IndexedText[]> {
  const slice = new Slice();
  const made: IndexedText[] = [];
  for (const { id, chat_id, text } of texts) {
    made.push({ id, chatId: chat_id, grams: gramsOf(fold(text)) });
    if (slice.isOver()) await slice.next();
  }
  return made;
}
