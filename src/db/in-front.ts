import type { Database } from './database.ts';

/** A store in front of another: what it does not do itself, that one does. */
export function inFrontOf(db: Database, own: Partial<Omit<Database, 'retries' | 'roundTrips' | 'connects'>>): Database {
  return {
    engine: db.engine,
    texts: db.texts,
    tables: db.tables,
    mostScanned: db.mostScanned,
    read: (work) => db.read(work),
    all: (statement, params) => db.all(statement, params),
    write: (work, gathered) => db.write(work, gathered),
    together: () => db.together(),
    onCommit: (listener) => db.onCommit(listener),
    trustsOwnCommits: () => db.trustsOwnCommits(),
    migrate: (migrations) => db.migrate(migrations),
    get retries() {
      return db.retries;
    },
    get roundTrips() {
      return db.roundTrips;
    },
    get connects() {
      return db.connects;
    },
    ping: () => db.ping(),
    check: () => db.check(),
    close: () => db.close(),
    ...own,
  };
}
