/** Who looks into what they are no members of. */
import type { Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { WatchTable } from '../schema-sync.ts';
import { ListStatement } from '../statement.ts';

export type WatchRow = Selectable<WatchTable>;

/** Those of one user that have not ended. */
export function watchesOf(s: Session, userId: number, now: number): Promise<WatchRow[]> {
  return s.query((q) => q.selectFrom('watch').selectAll().where('user_id', '=', userId).where('expires_at', '>', now));
}

/** Begins them, of which there must be some, or has them go on. Those of the user that have ended go. */
export async function renewWatches(s: WriteSession, userId: number, rows: readonly WatchRow[], now: number): Promise<void> {
  await s.query((q) => q.deleteFrom('watch').where('user_id', '=', userId).where('expires_at', '<=', now));
  await s.query((q) =>
    q
      .insertInto('watch')
      .values([...rows])
      .onConflict((c) => c.columns(['chat_id', 'kind', 'user_id']).doUpdateSet((eb) => ({ expires_at: eb.ref('excluded.expires_at') }))),
  );
}

const watching = new ListStatement((q, p: { now: number }, ids) =>
  q
    .selectFrom('watch')
    .select(['chat_id', 'kind', 'user_id'])
    .where('chat_id', 'in', ids)
    .where('expires_at', '>', p.now),
);

/** Who looks into chats now; 0 stands for all open channels. */
export function watchersOf(s: Pick<Session, 'all'>, chatIds: readonly number[], now: number): Promise<Array<Pick<WatchRow, 'chat_id' | 'kind' | 'user_id'>>> {
  return watching.all(s, { now }, chatIds);
}
