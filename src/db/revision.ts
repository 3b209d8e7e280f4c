import { type RawBuilder, sql } from 'kysely';

/**
 * The revision of the transaction that writes it: on SQLite the transactions are counted, on PostgreSQL it is their
 * number. It belongs to every statement that changes what a row of somebody's list shows.
 */
export const currentRevision = sql<number>`current_revision()`;

/** What the transaction that writes it has seen of others: on PostgreSQL its snapshot; on SQLite, where one follows another, nothing has to be said. */
export const revisionSnapshot = sql<string>`revision_snapshot()`;

/** What a member's row and the bump of its chat that it takes over are known by. */
export interface Folded {
  own: RawBuilder<number>;
  bump: RawBuilder<number>;
  /** What whoever wrote the bump had seen. */
  seen: RawBuilder<string>;
  /** 1 where the row was written by somebody who had seen the bump. */
  saw: RawBuilder<number>;
}

/**
 * The revision of a member's row that takes over the bump of its chat: the later of the two, so that who has seen both sees
 * no change. Where it cannot be told which of the two could be seen first it is a new one, and the row comes once more.
 */
export function foldedRevision({ own, bump, seen, saw }: Folded): RawBuilder<number> {
  return sql<number>`folded_revision(${own}, ${bump}, ${seen}, ${saw})`;
}
