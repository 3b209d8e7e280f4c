/**
 * Messages that are sent at the same time, written together: while some are being written the others gather, and go as one
 * statement. The more people send, the fewer statements it takes for each; where one sends, nobody waits. Where the store is
 * in the process they go by {@link PostingUnits}.
 */
import { type Database, StoreUnavailable } from './database.ts';
import { PostingUnits } from './posting-units.ts';
import { insertPostings, type Posted, type Posting } from './stores/post-store.ts';

/** Messages of one statement, and characters of what they say. */
const MOST_POSTINGS = 64;
const MOST_CHARACTERS = 500_000;
/** Beyond this nobody is let in. */
const MOST_WAITING = 5000;
/** How long somebody waits for their turn. */
const BUSY_LIMIT_MS = 5000;
/** Those whose time is over at nearly the same moment are told together. */
const LEAST_WAIT_MS = 100;

interface Job {
  posting: Posting;
  resolve: (id: number | undefined) => void;
  reject: (error: unknown) => void;
  /** On the clock of `performance.now()`. */
  deadline: number;
}

/** What goes into one chat: one statement after the other. */
interface Lane {
  chatId: number;
  waiting: Job[];
  /** Another writer has held the chat, or a sender's row of it: what goes into it now waits for others, by itself. */
  patient: boolean;
}

/** What goes as one statement. */
interface Batch {
  jobs: Job[];
  /** Nothing else goes into these chats meanwhile. */
  lanes: Lane[];
}

export class PostingQueue {
  readonly #db: Database;
  readonly #stamp: (after?: number) => number;
  readonly #units: PostingUnits;
  /** Chats into which something goes, or is about to. */
  readonly #lanes = new Map<number, Lane>();
  /** Those of them whose turn it may be; the one that has waited longest first. */
  readonly #ready = new Set<Lane>();
  /** Sends under way that a client may repeat. */
  readonly #repeatable = new Set<string>();
  #waiting = 0;
  #running = false;
  #scheduled = false;

  /** @param stamp see Messenger */
  constructor(db: Database, stamp: (after?: number) => number) {
    this.#db = db;
    this.#stamp = stamp;
    this.#units = new PostingUnits(db, stamp);
  }

  /** Whether writing together is worth it now. */
  opens(): boolean {
    return this.#db.together() !== undefined;
  }

  /**
   * Writes a message that the rules have let in, unless what they went by is not so any more.
   *
   * @returns its id once it is durable; undefined when it was not written, and has to be decided anew
   * @throws StoreUnavailable
   */
  async add(posting: Posting): Promise<number | undefined> {
    if (posting.uuid === null) return this.#wait(posting);
    const sending = `${posting.uuid} ${posting.chatId} ${posting.senderId}`;
    // The same send at the same time: which of the two it is, is decided under the chat's lock.
    if (this.#repeatable.has(sending)) return undefined;
    this.#repeatable.add(sending);
    return this.#wait(posting).finally(() => this.#repeatable.delete(sending));
  }

  async #wait(posting: Posting): Promise<number | undefined> {
    if (this.#db.together() === 'unit') return this.#units.add(posting);
    if (this.#waiting >= MOST_WAITING) throw new StoreUnavailable('busy');
    return new Promise((resolve, reject) => {
      this.#waiting += 1;
      this.#laneOf(posting.chatId).waiting.push({ posting, resolve, reject, deadline: performance.now() + BUSY_LIMIT_MS });
      this.#schedule();
    });
  }

  #laneOf(chatId: number): Lane {
    const known = this.#lanes.get(chatId);
    if (known) return known;
    const lane: Lane = { chatId, waiting: [], patient: false };
    this.#lanes.set(chatId, lane);
    this.#ready.add(lane);
    return lane;
  }

  /** What arrives in the same turn of the event loop goes together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    for (const lane of this.#ready) if (lane.patient) void this.#run(this.#gather([lane]), true);
    if (this.#running || this.#ready.size === 0) return;
    this.#running = true;
    void this.#run(this.#gather(this.#ready), false).finally(() => (this.#running = false));
  }

  /** As much as one statement takes. */
  #gather(lanes: Iterable<Lane>): Batch {
    const batch: Batch = { jobs: [], lanes: [] };
    let characters = 0;
    for (const lane of lanes) {
      if (batch.jobs.length >= MOST_POSTINGS || characters >= MOST_CHARACTERS) break;
      this.#ready.delete(lane);
      batch.lanes.push(lane);
      while (lane.waiting.length > 0 && batch.jobs.length < MOST_POSTINGS && characters < MOST_CHARACTERS) {
        const job = lane.waiting.shift()!;
        batch.jobs.push(job);
        characters += job.posting.text.length + job.posting.params.length;
      }
    }
    this.#waiting -= batch.jobs.length;
    return batch;
  }

  /** @param waits for rows that another writer holds; else what is about them is put back, for a statement that does */
  async #run({ jobs, lanes }: Batch, waits: boolean): Promise<void> {
    this.#putBack(await this.#write(jobs, waits));
    for (const lane of lanes) {
      if (lane.waiting.length > 0) this.#ready.add(lane);
      else this.#lanes.delete(lane.chatId);
    }
    if (this.#ready.size > 0) this.#schedule();
  }

  #putBack(jobs: readonly Job[]): void {
    this.#waiting += jobs.length;
    for (const job of jobs.toReversed()) {
      const lane = this.#lanes.get(job.posting.chatId)!;
      lane.waiting.unshift(job);
      lane.patient = true;
    }
  }

  /** @returns those that are to be tried again */
  async #write(jobs: readonly Job[], waits: boolean): Promise<Job[]> {
    const punctual = withoutLate(jobs);
    if (punctual.length === 0) return [];
    try {
      const posted = await this.#insert(punctual, waits);
      for (const [index, job] of punctual.entries()) if (posted[index] || waits) job.resolve(posted[index]?.id);
      return waits ? [] : punctual.filter((_job, index) => !posted[index]);
    } catch (error) {
      if (error instanceof StoreUnavailable && error.reason === 'busy') return withoutLate(punctual);
      // What one of them has met, such as a send that another node has written meanwhile, is no matter of the others: each is decided by itself.
      const settle = (job: Job) => (error instanceof StoreUnavailable ? job.reject(error) : job.resolve(undefined));
      punctual.forEach(settle);
      return [];
    }
  }

  #insert(jobs: readonly Job[], waits: boolean): Promise<Array<Posted | undefined>> {
    const withinMs = Math.max(LEAST_WAIT_MS, Math.min(...jobs.map(({ deadline }) => deadline)) - performance.now());
    return this.#db.write(async (s) => {
      const dates = jobs.map(() => this.#stamp());
      const posted = await insertPostings(s, jobs.map(({ posting }) => posting), dates, waits);
      // Where a chat was dated later by another node, what follows here is later still.
      const latest = Math.max(0, ...posted.map((one) => one?.at ?? 0));
      if (latest > dates.at(-1)!) this.#stamp(latest - 1);
      return posted;
    }, waits ? { withinMs } : {});
  }
}

/** Tells those whose time is over. @returns the others */
function withoutLate(jobs: readonly Job[]): Job[] {
  const now = performance.now();
  return jobs.filter((job) => {
    const late = job.deadline <= now;
    if (late) job.reject(new StoreUnavailable('busy'));
    return !late;
  });
}
