import { sql } from 'kysely';

/**
 * The revision of the transaction that writes it: on SQLite the transactions are counted, on PostgreSQL it is their
 * number. It belongs to every statement that changes what a row of somebody's list shows.
 */
export const currentRevision = sql<number>`current_revision()`;
