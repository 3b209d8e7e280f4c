import { type Database, type Session, StoreUnavailable, type Unavailability } from './database.ts';
import { ReadUnit } from './unit-session.ts';

/** Told of every unit of work when it has ended. */
export interface StoreObserver {
  /** @param milliseconds from asking for it until it was over, durable where it writes */
  unit(kind: 'read' | 'write', milliseconds: number, statements: number): void;
  /** A unit could not be done now. */
  unavailable(reason: Unavailability): void;
}

/** The store, with somebody who is told how much work it does. */
export function observed(db: Database, observer: StoreObserver): Database {
  return {
    engine: db.engine,
    read: (work) => observe(observer, 'read', (look) => db.read((s) => work(look(s)))),
    write: (work) => observe(observer, 'write', (look) => db.write((s) => work(look(s)))),
    onCommit: (listener) => db.onCommit(listener),
    trustsOwnCommits: () => db.trustsOwnCommits(),
    migrate: (migrations) => db.migrate(migrations),
    get retries() {
      return db.retries;
    },
    ping: () => db.ping(),
    check: () => db.check(),
    close: () => db.close(),
  };
}

/** @param run does the work; what it is given looks at each session the work gets: a unit that runs again gets another one */
async function observe<T>(observer: StoreObserver, kind: 'read' | 'write', run: (look: <S extends Session>(s: S) => S) => Promise<T>): Promise<T> {
  const units: ReadUnit[] = [];
  const start = performance.now();
  try {
    return await run((s) => {
      if (s instanceof ReadUnit) units.push(s);
      return s;
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) observer.unavailable(error.reason);
    throw error;
  } finally {
    observer.unit(kind, performance.now() - start, units.reduce((sum, unit) => sum + unit.statements, 0));
  }
}
