/** Who listens. */
import { isSeen, type Snapshot } from '../../db/stores/generation-store.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Beginning, Ending, Listener, Standing } from './happening.ts';
import { Tally } from './tally.ts';

/** Events that were sent to anybody, since the start. */
export interface SentCount {
  sent: number;
}

/** One listener among those of its user. Until what it has missed is told, what happens waits. */
export class Ear {
  readonly listener: Listener;
  readonly standing: Standing;
  readonly #counts: SentCount;
  #waiting: Array<() => void> | undefined = [];
  #told: Snapshot | undefined;
  ended = false;

  constructor(listener: Listener, standing: Standing, counts: SentCount) {
    this.listener = listener;
    this.standing = standing;
    this.#counts = counts;
  }

  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  /** What it has missed up to here it is told past what waits: of that nothing is told twice. */
  wasTold(seen: Snapshot): void {
    this.#told = seen;
  }

  /** @param rev of the entry of the journal that it tells of, where it is one */
  send(event: unknown, rev?: number): void {
    this.#counts.sent += 1;
    if (this.#waiting) this.#waiting.push(() => this.#sendOnce(event, rev));
    else if (!this.ended) this.#sendOnce(event, rev);
  }

  #sendOnce(event: unknown, rev: number | undefined): void {
    if (!this.#told || rev === undefined || !isSeen(rev, this.#told)) this.listener.send(event);
  }

  /** The same of one that says what is kept, which may not be known before. */
  sendWhenHeard(make: () => unknown): void {
    if (this.#waiting) this.#waiting.push(() => this.listener.send(make()));
    else if (!this.ended) this.listener.send(make());
  }

  flush(seen: Snapshot | undefined): void {
    if (this.#waiting) this.#waiting.push(() => this.listener.flush(seen));
    else if (!this.ended) this.listener.flush(seen);
  }

  begin(beginning: Beginning): void {
    if (this.#waiting) this.#waiting.push(() => this.listener.begin?.(beginning));
    else if (!this.ended) this.listener.begin?.(beginning);
  }

  /** The same listener for what comes before all that waits. */
  pastWaiting(): Pick<Ear, 'listener' | 'send' | 'sendWhenHeard' | 'flush'> {
    const { listener } = this;
    const unlessEnded = (step: () => void) => void (this.ended || step());
    return { listener, send: (event) => unlessEnded(() => listener.send(event)), sendWhenHeard: (make) => unlessEnded(() => listener.send(make())), flush: (seen) => unlessEnded(() => listener.flush(seen)) };
  }

  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const step of waiting) if (!this.ended) step();
  }
}

/** A user of whom at least one listens. */
export interface Person {
  readonly userId: number;
  readonly viewer: Viewer;
  readonly ears: Set<Ear>;
  /** Undefined where none of them is told totals. */
  tally: Tally | undefined;
}

export class People {
  readonly #byUser = new Map<number, Person>();
  readonly #ears = new Set<Ear>();

  /** Users who listen. */
  get ids(): ReadonlySet<number> {
    return this.#ids;
  }
  readonly #ids = new Set<number>();

  /** Those of them who may look into chats that they are no members of. */
  get onlookers(): ReadonlySet<number> {
    return this.#onlookers;
  }
  readonly #onlookers = new Set<number>();

  get ears(): ReadonlySet<Ear> {
    return this.#ears;
  }

  of(userId: number): Person | undefined {
    return this.#byUser.get(userId);
  }

  /** @returns whether they are the first of their user */
  add(ear: Ear): boolean {
    const { viewer, dialect } = ear.listener;
    const known = this.#byUser.get(viewer.userId);
    const person: Person = known ?? { userId: viewer.userId, viewer, ears: new Set(), tally: undefined };
    if (dialect.list) person.tally ??= new Tally();
    if (dialect.watches) this.#onlookers.add(viewer.userId);
    person.ears.add(ear);
    this.#ears.add(ear);
    this.#byUser.set(person.userId, person);
    this.#ids.add(person.userId);
    return known === undefined;
  }

  /** @returns whether they were the last of their user; undefined where they were none */
  remove(ear: Ear): boolean | undefined {
    const person = this.#byUser.get(ear.listener.viewer.userId);
    if (!person?.ears.delete(ear)) return undefined;
    ear.ended = true;
    this.#ears.delete(ear);
    if (ear.listener.dialect.watches && ![...person.ears].some(({ listener }) => listener.dialect.watches)) this.#onlookers.delete(person.userId);
    if (person.ears.size > 0) return false;
    this.#byUser.delete(person.userId);
    this.#ids.delete(person.userId);
    return true;
  }

  end(ear: Ear, reason: Ending): boolean | undefined {
    const last = this.remove(ear);
    if (last !== undefined) ear.listener.end(reason);
    return last;
  }
}
