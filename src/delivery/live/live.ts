/** Tells whoever is connected what happens: one reader of the journal, which runs only while somebody listens. */
import type { Logger } from 'pino';
import type { Changes } from '../../db/changes.ts';
import type { Session } from '../../db/database.ts';
import { type Snapshot, snapshot } from '../../db/stores/generation-store.ts';
import { entriesBetween, markedSince } from '../../db/stores/live-store.ts';
import type { UnreadRow } from '../../db/stores/unread-store.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { countUnread } from '../../messenger/recent/counters.ts';
import type { SyncToken } from '../../messenger/recent/sync-token.ts';
import type { Counters } from '../../messenger/views/counters-view.ts';
import { Departures } from './departures.ts';
import { gather, Gathering } from './gathering.ts';
import type { Around, Listener, Standing } from './happening.ts';
import { inPieces, missedSince } from './missed.ts';
import { Ear, People, type Person, type SentCount } from './people.ts';
import { type Resume, Resumes } from './resumes.ts';
import { Rights } from './rights.ts';
import { Signals } from './signals.ts';
import { type Hearer, tell } from './telling.ts';

/** What is committed between two looks is told together, milliseconds. */
const GAP_MS = 5;
/** A look in case that nobody woke us, which is also when those who are quiet are told how far they are. Milliseconds. */
const LOOK_EVERY_MS = 1000;
/** A listener is told how far it is each so many looks. */
const QUIET_LOOKS = 25;
/** Beyond so many entries at once all listeners begin anew. */
const MOST_AT_ONCE = 20_000;

export interface LiveOptions {
  m: Messenger;
  log: Logger;
  /** Told of users who are connected, again and again. */
  onPresent(userId: number): void;
}

/** Of this process. */
export interface LiveCounts {
  listeners: number;
  /** Those who come back and wait for their turn. */
  waiting: number;
  users: number;
  /** How long the last batch took from its first entry's commit until it was told, milliseconds. */
  lag: number;
  /** Events that were sent, since the start. */
  sent: number;
}

export class Live {
  readonly #m: Messenger;
  readonly #log: Logger;
  readonly #onPresent: (userId: number) => void;
  readonly #people = new People();
  readonly #resumes = new Resumes();
  readonly #departures = new Departures();
  readonly #rights: Rights;
  readonly signals: Signals;
  readonly #unsubscribe: () => void;
  /** Up to where everybody has been told. */
  #seen: Snapshot | undefined;
  #starting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #lookedAt = -Infinity;
  #looks = 0;
  #closed = false;
  #failing = false;
  #lag = 0;
  readonly #sent: SentCount = { sent: 0 };

  constructor({ m, log, onPresent }: LiveOptions) {
    this.#m = m;
    this.#log = log;
    this.#onPresent = onPresent;
    this.#rights = new Rights(this.#people, m.clock, (ear, last) => this.#left(ear, last));
    this.signals = new Signals({
      m, people: this.#people, tell: (gathered) => this.#tell(gathered, undefined),
      failed: (fault) => this.#log.error({ err: fault }, 'could not tell a signal to those who are connected'),
    });
    m.db.onCommit((changes) => this.#committed(changes));
    this.#unsubscribe = m.wakes.subscribe(() => this.#wake());
  }

  get counts(): LiveCounts {
    return { listeners: this.#people.ears.size, waiting: this.#resumes.count, users: this.#people.ids.size, lag: this.#lag, sent: this.#sent.sent };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many listen of one user. */
  listeners(userId: number): number {
    return (this.#people.of(userId)?.ears.size ?? 0) + this.#resumes.of(userId);
  }

  /**
   * From now on the listener is told. What it has missed since a token is told first, once it is its turn, unless it has to begin anew.
   *
   * @param since 'unknown' for one that cannot be read
   * @throws where the store cannot be asked; it does not listen then
   */
  async join(listener: Listener, standing: Standing, since?: SyncToken | 'unknown'): Promise<void> {
    if (this.#closed) return listener.end('restart');
    const ear = new Ear(listener, standing, this.#sent);
    if (since === undefined) await this.#admit(ear);
    else await this.#resumes.run(listener, (turn) => this.#admit(ear, { since, ...turn }));
  }

  async #admit(ear: Ear, resume?: Resume): Promise<void> {
    const { listener } = ear;
    const first = this.#people.add(ear);
    this.#rights.added(ear, resume?.waited === true);
    this.#start();
    try {
      await this.#starting;
      if (resume) await this.#rights.settle();
      await this.#catchUp(ear, resume);
    } catch (fault) {
      this.leave(listener);
      throw fault;
    }
    if (ear.ended) return;
    ear.release();
    if (first) this.signals.came(listener.viewer.userId);
    this.#onPresent(listener.viewer.userId);
  }

  leave(listener: Listener): void {
    if (this.#resumes.leave(listener)) return;
    const ear = [...(this.#people.of(listener.viewer.userId)?.ears ?? [])].find((one) => one.listener === listener);
    const last = ear && this.#people.remove(ear);
    if (ear && last !== undefined) this.#left(ear, last);
  }

  /** Ends all; nobody may join any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.signals.close();
    this.#resumes.end('restart');
    for (const ear of this.#people.ears) {
      const last = this.#people.end(ear, 'restart');
      if (last !== undefined) this.#left(ear, last);
    }
    this.#stop();
    await this.#looking;
  }

  #left({ listener }: Ear, last: boolean): void {
    if (last) this.signals.went(listener.viewer.userId);
    if (this.#people.ears.size === 0) this.#stop();
  }

  #start(): void {
    if (this.#starting) return;
    const starting = this.#m.db.read(snapshot).then((seen) => {
      if (this.#starting === starting) this.#seen = seen;
    });
    this.#starting = starting;
    starting.catch(() => void (this.#starting === starting && (this.#starting = undefined)));
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS).unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#wait);
    this.#wait = undefined;
    this.#starting = undefined;
    this.#seen = undefined;
  }

  #tick(): void {
    // Notices another process's commit on SQLite, which wakes; else nothing has been missed there.
    if (!this.#m.db.trustsOwnCommits() || this.#failing) this.#wake();
    else if (this.#rights.anyEnds()) this.#wake();
    this.#looks += 1;
    let index = 0;
    for (const ear of this.#people.ears) {
      if (index++ % QUIET_LOOKS !== this.#looks % QUIET_LOOKS) continue;
      if (this.#seen && !ear.waits) ear.flush(this.#seen);
      this.#onPresent(ear.listener.viewer.userId);
    }
    if (this.#looks % QUIET_LOOKS === 0) this.#resumes.comfort();
  }

  #committed(changes: Changes): void {
    if (this.#people.ears.size === 0) return;
    this.#departures.note(changes);
    this.#rights.note(changes);
    this.#wake();
  }

  /** Looks soon, and not more often than there is a gap. */
  #wake(): void {
    if (!this.#seen || this.#closed) return;
    if (this.#looking) this.#again = true;
    else this.#wait ??= setTimeout(() => this.#look(), Math.max(0, this.#lookedAt + GAP_MS - performance.now()));
  }

  #look(): void {
    this.#wait = undefined;
    this.#again = false;
    this.#lookedAt = performance.now();
    this.#looking = this.#lookOn().then(
      () => void (this.#failing = false),
      (fault: unknown) => {
        if (!this.#failing) this.#log.error({ err: fault }, 'could not tell those who are connected what has happened');
        this.#failing = true;
        this.#again = false;
      },
    ).finally(() => {
      this.#looking = undefined;
      if (this.#again) this.#wake();
    });
  }

  async #lookOn(): Promise<void> {
    await this.#rights.settle();
    const before = this.#seen;
    if (!before) return;
    const { now, entries, marked, gathered } = await this.#m.db.read((s) => this.#read(s, before));
    if (!entries || marked === 'all') await this.#beginAnew([...this.#people.ears], now);
    else {
      this.#rights.noteEntries(entries);
      await this.#tell(gathered, now);
      await this.#beginAnew([...marked].flatMap((userId) => [...(this.#people.of(userId)?.ears ?? [])]), now);
    }
    if (this.#seen === before) this.#seen = now;
    const [oldest] = entries ?? [];
    if (oldest) this.#lag = Math.max(0, Date.now() - oldest.created_at);
  }

  async #read(s: Session, before: Snapshot) {
    const now = await snapshot(s);
    const entries = now.token === before.token && now.top === before.top ? [] : await entriesBetween(s, before, now, MOST_AT_ONCE);
    const news = entries ?? [];
    const marked = news.length > 0 ? await markedSince(s, before) : new Set<number>();
    return { now, entries, marked, gathered: await gather(s, news, this.#people.ids, { users: this.#people.onlookers, now: this.#m.clock.now() }) };
  }

  async #tell(gathered: Awaited<ReturnType<typeof gather>>, seen: Snapshot | undefined, only?: Hearer): Promise<void> {
    if (gathered.size === 0) return;
    const telling = { db: this.#m.db, around: await this.#around(), departures: this.#departures, settle: () => this.#rights.settle(), seen };
    await tell(gathered, telling, (userId) => {
      const person = this.#people.of(userId);
      return person && { person, ears: only ? [only] : person.ears };
    });
  }

  async #around(): Promise<Around> {
    const { zone, linkSecret } = await this.#m.settings();
    return { m: this.#m, zone, linkSecret, now: this.#m.clock.now() };
  }

  async #catchUp(ear: Ear, resume: Resume | undefined): Promise<void> {
    const { userId } = ear.listener.viewer;
    const { seen, entries } = await this.#m.db.read((s) => missedSince(s, userId, resume?.since));
    const person = this.#people.of(userId);
    if (!person) return;
    const counters = await this.#count(person);
    if (ear.ended) return;
    if (entries) ear.wasTold(seen);
    ear.listener.begin?.({ seen, reset: resume !== undefined && !entries, resumed: entries !== undefined, counters });
    if (!entries) return;
    const [only, now] = [new Set([userId]), this.#m.clock.now()];
    const gathering = await this.#m.db.read((s) => Gathering.of(s, entries, only, { users: ear.listener.dialect.watches ? only : new Set(), now }));
    for (const piece of inPieces(gathering.heard)) {
      await resume!.place.goOn();
      await this.#tell(await this.#m.db.read((s) => gathering.gather(s, piece)), undefined, ear.pastWaiting());
      await resume!.place.taken();
      if (ear.ended) return;
    }
    ear.listener.flush(seen);
  }

  #count({ viewer, tally }: Person): Promise<Counters> {
    if (!tally) return countUnread(this.#m, viewer);
    return tally.count(async () => {
      const rows: UnreadRow[] = [];
      return { counters: await countUnread(this.#m, viewer, (row) => rows.push(row)), rows };
    });
  }

  /** Whose rows may all look different is told to load them. */
  async #beginAnew(ears: readonly Ear[], seen: Snapshot): Promise<void> {
    for (const ear of ears) {
      const person = this.#people.of(ear.listener.viewer.userId);
      if (!person || ear.ended) continue;
      const counters = await this.#count(person);
      ear.begin({ seen, reset: true, resumed: false, counters });
    }
  }
}
