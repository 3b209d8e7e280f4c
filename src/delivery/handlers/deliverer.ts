/** Tells handlers of events: at least once, and again after a failure, each time later. Each address has a lane of its own. */
import type { Logger } from 'pino';
import { StoreUnavailable, type WriteSession } from '../../db/database.ts';
import {
  bringForward, claimNext, deleteOldDeliveries, type DeliveryRow, dueLanes, giveUpDeliveries, settleDelivery,
} from '../../db/stores/delivery-store.ts';
import { deleteEndedHandlers } from '../../db/stores/event-store.ts';
import { advanceCursor, type JournalRow, READERS } from '../../db/stores/journal-store.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { lifeNow } from '../../identity/tokens.ts';
import { type Policy, toPolicy } from '../../portal/policy.ts';
import { prepareDelivery, type Prepared } from './delivery.ts';
import { type Batch, EventReader } from './event-reader.ts';
import { expand } from './outbox.ts';
import { encodeForm, postForm } from './post.ts';

/** After each failure, seconds until the next attempt; after the last the delivery has failed. About a day in all. */
export const BACK_OFF_S = [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200];
const LONGEST_PAUSE_MS = 1000 * Math.max(...BACK_OFF_S);
/** A node that died while it was at a delivery gives it up after this long: several times what an attempt may take. */
const CLAIM_MS = 60_000;
/** What other processes have written down is noticed this late, milliseconds. */
const LOOK_EVERY_MS = 500;
/** While entries wait for a transaction that began before theirs, the first pause until the next look; each is twice as long as the one before. */
const STRAGGLER_PAUSE_MS = 10;
/** After a failure that concerns all lanes, as when the store is not available, the first and the longest pause; milliseconds. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10_000;
/** After a failure a lane rests, so that a dead handler is not asked once for every event: no longer than this, milliseconds. */
const LONGEST_REST_MS = 60_000;
/** Lanes that are worked at the same time: more than there are handlers on any but the largest portals. */
const MOST_LANES = 500;
/** Deliveries that a lane makes before it lets others have its place. */
const TURN = 50;
const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;
const CLEAN_EVERY_MS = 60_000;
const CLEANED_AT_ONCE = 500;

export class Deliverer implements AsyncDisposable {
  readonly #m: Messenger;
  /** The address under which handlers reach this portal, unless one is set. */
  readonly #origin: string;
  readonly #log: Logger;
  readonly #journal: EventReader;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #stop = new AbortController();
  /** The lanes that are being worked. */
  readonly #lanes = new Map<string, Promise<void>>();
  /** Until when lanes rest. */
  readonly #rests = new Map<string, number>();
  #looking: Promise<void> | undefined;
  #again = false;
  #cleanedAt = -Infinity;
  #pause = FIRST_PAUSE_MS;
  #pausedUntil = -Infinity;
  #stragglerPause = STRAGGLER_PAUSE_MS;
  #lookAgain: NodeJS.Timeout | undefined;

  constructor(m: Messenger, origin: string, log: Logger) {
    this.#m = m;
    this.#origin = origin;
    this.#log = log;
    this.#journal = new EventReader(m.db);
    this.#timer = setInterval(() => this.wake(), LOOK_EVERY_MS).unref();
    m.db.onCommit((changes) => {
      for (const lane of changes.lanes) this.#rests.delete(lane);
      if (changes.deliveries || changes.everything || this.#journal.concerns(changes)) this.wake();
    });
    // What another node wrote down that node tells; after an outage, or where something may have been missed, everybody looks.
    this.#unsubscribe = m.wakes.subscribe(({ all }) => {
      if (all) this.wake();
    });
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get #paused(): boolean {
    return this.#m.clock.precise() < this.#pausedUntil;
  }

  /** Looks at once, or once more when it is looking already. */
  wake(): void {
    if (this.#stopped || this.#paused) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  /** Resolves once there is nothing to do at the moment. */
  async idle(): Promise<void> {
    while (this.#looking || this.#lanes.size > 0) await Promise.all([this.#looking, ...this.#lanes.values()]);
  }

  /** Gives up what is under way: who was not told to the end is told again at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#lookAgain);
    this.#unsubscribe();
    this.#stop.abort(new Error('the server stops'));
    await this.idle();
  }

  async #look(): Promise<void> {
    try {
      for (let more = true; more && !this.#stopped; ) {
        more = await this.#readSome();
        await this.#startLanes();
      }
      await this.#clean();
    } catch (fault) {
      this.#failed(fault, 'could not look after the events');
    }
  }

  #laneFailed(lane: string, fault: unknown): void {
    if (fault instanceof StoreUnavailable) return this.#failed(fault, 'could not deliver events');
    this.#rests.set(lane, this.#m.clock.now() + LONGEST_REST_MS);
    this.#log.error({ err: fault }, 'could not deliver events');
  }

  /** Whatever else fails during the pause has the same reason, and is not said. */
  #failed(fault: unknown, what: string): void {
    if (this.#paused) return;
    const now = this.#m.clock.precise();
    this.#pause = now - this.#pausedUntil > LAST_PAUSE_MS ? FIRST_PAUSE_MS : Math.min(2 * this.#pause, LAST_PAUSE_MS);
    this.#pausedUntil = now + this.#pause;
    this.#log.error({ err: fault, pause: this.#pause }, what);
  }

  /** @returns whether there may be more */
  async #readSome(): Promise<boolean> {
    const batch = await this.#journal.next();
    for (const entry of batch.entries) {
      if (this.#stopped) return false;
      await this.#expand(entry);
    }
    this.#journal.done(batch);
    this.#awaitStragglers(batch);
    return batch.more;
  }

  #awaitStragglers({ behind, entries }: Batch): void {
    clearTimeout(this.#lookAgain);
    if (!behind || entries.length > 0) this.#stragglerPause = STRAGGLER_PAUSE_MS;
    if (!behind) return;
    this.#lookAgain = setTimeout(() => this.wake(), this.#stragglerPause).unref();
    this.#stragglerPause = Math.min(2 * this.#stragglerPause, LOOK_EVERY_MS);
  }

  /** What cannot be told must not keep everything after it from being told. */
  async #expand(entry: JournalRow): Promise<void> {
    const { zone } = await this.#m.settings();
    try {
      await this.#m.db.write((s) => expand(s, entry, { zone, now: this.#m.clock.now() }));
    } catch (fault) {
      if (fault instanceof StoreUnavailable) throw fault;
      const { what, chat_id: chat, subject_id: subject } = entry;
      this.#log.error({ err: fault, what, chat, subject }, 'an event cannot be told');
      await this.#m.db.write((s) => advanceCursor(s, READERS.handlers, entry));
    }
  }

  async #startLanes(): Promise<void> {
    const now = this.#m.clock.now();
    for (const [lane, until] of this.#rests) if (until <= now) this.#rests.delete(lane);
    const due = await this.#m.db.read((s) => dueLanes(s, now));
    for (const lane of due) {
      if (this.#lanes.size >= MOST_LANES || this.#stopped) return;
      if (!this.#lanes.has(lane) && !this.#rests.has(lane)) this.#start(lane);
    }
  }

  #start(lane: string): void {
    const work = this.#workLane(lane)
      .catch((fault: unknown) => {
        this.#laneFailed(lane, fault);
        return false;
      })
      .then((more) => {
        this.#lanes.delete(lane);
        if (more) this.wake();
      });
    this.#lanes.set(lane, work);
  }

  /** @returns whether there may be more to deliver */
  async #workLane(lane: string): Promise<boolean> {
    for (let made = 0; made < TURN; made += 1) {
      if (this.#stopped) return false;
      const claimed = await this.#claim(lane);
      if (!claimed) return made > 0;
      if (!(await this.#deliver(lane, claimed))) return false;
    }
    return true;
  }

  /** Takes the lane's next delivery, with the tokens that it carries: an event may be told long after it happened. */
  async #claim(lane: string): Promise<Claimed | undefined> {
    const life = await lifeNow(this.#m);
    const { memberId, values } = await this.#m.settings();
    const policy = toPolicy(values);
    const place = { origin: policy.url || this.#origin, memberId };
    const claimed = await this.#m.db.write(async (s) => {
      const delivery = await claimNext(s, lane, life.now, life.now + CLAIM_MS);
      return delivery && { delivery, prepared: await prepareDelivery(s, delivery, place, life) };
    });
    return claimed && { ...claimed, policy };
  }

  /** @returns whether the lane goes on */
  async #deliver(lane: string, { delivery, prepared, policy }: Claimed): Promise<boolean> {
    const { status, problem } = 'form' in prepared ? await this.#post(delivery, prepared.form, policy) : { status: 0, problem: prepared.problem };
    if (this.#stopped && status === 0) {
      await this.#m.db.write((s) => settleDelivery(s, delivery, {}));
      return false;
    }
    const now = this.#m.clock.now();
    const changes = outcome(delivery, status, problem, 'over' in prepared, now);
    await this.#m.db.write((s) => settleDelivery(s, delivery, changes));
    if (changes.state === 'done' || 'over' in prepared) return true;
    const { id, event } = delivery;
    this.#log.warn({ delivery: id, event, attempts: changes.attempts, status, problem, state: changes.state }, 'an event was not delivered');
    this.#rests.set(lane, Math.min(changes.next_at ?? Infinity, now + LONGEST_REST_MS));
    return false;
  }

  async #post({ url }: DeliveryRow, form: Record<string, unknown>, { privateHandlers }: Policy): Promise<{ status: number; problem: string }> {
    try {
      return { status: await postForm(url, encodeForm(form), privateHandlers, this.#stop.signal), problem: '' };
    } catch (fault) {
      return { status: 0, problem: (fault as Error).message.slice(0, 300) };
    }
  }

  async #clean(): Promise<void> {
    const since = this.#m.clock.precise();
    if (since - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = since;
    const now = this.#m.clock.now();
    await this.#m.db.write(async (s) => {
      // Another node's clock may be ahead of this one's.
      await bringForward(s, now, now + LONGEST_PAUSE_MS + CLAIM_MS, now + 2 * CLAIM_MS);
      await deleteEndedHandlers(s, now);
    });
    await this.#journal.pass();
    await this.#inBatches((s) => giveUpDeliveries(s, now - DAY_MS, now, CLEANED_AT_ONCE));
    await this.#inBatches((s) => deleteOldDeliveries(s, now - KEPT_MS, CLEANED_AT_ONCE));
  }

  /** As many short transactions as it takes, so that nobody waits for it and it keeps pace. */
  async #inBatches(work: (s: WriteSession) => Promise<number>): Promise<void> {
    while (!this.#stopped && (await this.#m.db.write(work)) === CLEANED_AT_ONCE);
  }
}

interface Claimed {
  delivery: DeliveryRow;
  prepared: Prepared;
  policy: Policy;
}

type Changes = Partial<DeliveryRow> & Pick<DeliveryRow, 'state'>;

/** A redirect is a failure too: what was posted would be lost on the way. */
function outcome({ attempts }: DeliveryRow, status: number, problem: string, over: boolean, now: number): Changes {
  const tried = { attempts: attempts + 1, status, problem };
  if (status >= 200 && status < 300) return { ...tried, state: 'done', finished_at: now };
  const pause = BACK_OFF_S[attempts];
  if (over || pause === undefined) return { ...tried, state: 'failed', finished_at: now };
  return { ...tried, state: 'waiting', next_at: now + pause * 1000 };
}
