import { currentTrace } from '../base/call-trace.ts';
import { type Database, type Session, StoreUnavailable, type Unavailability } from './database.ts';
import { inFrontOf } from './in-front.ts';
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
  return inFrontOf(db, {
    all: (statement, params) => observeOne(observer, () => db.all(statement, params)),
    read: (work) => observe(observer, 'read', (look) => db.read((s) => work(look(s)))),
    write: (work, gathered) => observe(observer, 'write', (look) => db.write((s) => work(look(s)), gathered)),
  });
}

/** A statement by itself is a unit that reads. */
function observeOne<T>(observer: StoreObserver, run: () => Promise<T>): Promise<T> {
  return timed(observer, 'read', run, () => 1);
}

/** @param run does the work; what it is given looks at each session the work gets: a unit that runs again gets another one */
async function observe<T>(observer: StoreObserver, kind: 'read' | 'write', run: (look: <S extends Session>(s: S) => S) => Promise<T>): Promise<T> {
  const units: ReadUnit[] = [];
  const look = <S extends Session>(s: S): S => {
    if (s instanceof ReadUnit) units.push(s);
    return s;
  };
  return timed(observer, kind, () => run(look), () => units.reduce((sum, unit) => sum + unit.statements, 0));
}

async function timed<T>(observer: StoreObserver, kind: 'read' | 'write', run: () => Promise<T>, statements: () => number): Promise<T> {
  const start = performance.now();
  const trace = currentTrace();
  try {
    return await run();
  } catch (error) {
    if (error instanceof StoreUnavailable) observer.unavailable(error.reason);
    throw error;
  } finally {
    const made = statements();
    if (trace) trace.statements += made;
    observer.unit(kind, performance.now() - start, made);
  }
}
