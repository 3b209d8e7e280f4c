import type { Session, WriteSession } from '../database.ts';

/** A person by their number, or a chat. */
export interface FoundItem {
  kind: 'user' | 'chat';
  id: number;
}

/** Notes that a user has opened something, at an instant that orders it. */
export async function noteSearch(s: WriteSession, userId: number, { kind, id }: FoundItem, at: number): Promise<void> {
  await s.query((q) =>
    q
      .insertInto('last_search')
      .values({ user_id: userId, kind, item_id: id, at })
      .onConflict((c) => c.columns(['user_id', 'kind', 'item_id']).doUpdateSet({ at })),
  );
}

/** @returns whether it was noted */
export async function forgetSearch(s: WriteSession, userId: number, { kind, id }: FoundItem): Promise<boolean> {
  const rows = await s.query((q) =>
    q.deleteFrom('last_search').where('user_id', '=', userId).where('kind', '=', kind).where('item_id', '=', id).returning('item_id'),
  );
  return rows.length > 0;
}

/** What a user has opened, the latest first. */
export async function lastSearches(s: Session, userId: number): Promise<FoundItem[]> {
  const rows = await s.query((q) =>
    q.selectFrom('last_search').select(['kind', 'item_id']).where('user_id', '=', userId).orderBy('at', 'desc').orderBy('item_id', 'desc'),
  );
  return rows.map(({ kind, item_id }) => ({ kind: kind === 'user' ? 'user' : 'chat', id: item_id }));
}
