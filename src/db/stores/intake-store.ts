/** Which numbers of other portals have become which here. */
import type { Session, WriteSession } from '../database.ts';
import { ListStatement, statement } from '../statement.ts';

/** What numbers are kept of. */
export type Taken = 'user' | 'chat' | 'message' | 'file' | 'head' | `side ${number}`;

const known = statement((q, p: { address: string }) => q.selectFrom('intake_source').select('id').where('address', '=', p.address));

/** The number of a portal. @param address a digest of its address */
export async function intakeSource(s: WriteSession, address: string): Promise<number> {
  await s.query((q) => q.insertInto('intake_source').values({ address }).onConflict((c) => c.doNothing()));
  return (await s.first(known, { address }))!.id;
}

const lock = statement((q, p: { id: number }) => q.selectFrom('intake_source').select('id').where('id', '=', p.id).forNoKeyUpdate());

/** What is taken from one portal is taken by one at a time. Before any other lock. */
export async function lockIntake(s: WriteSession, id: number): Promise<void> {
  await s.all(lock, { id });
}

const AT_ONCE = 10_000;

const ofKind = statement((q, p: { sourceId: number; kind: string; after: number }) =>
  q
    .selectFrom('intake')
    .select(['remote_id', 'local_id'])
    .where('source_id', '=', p.sourceId)
    .where('kind', '=', p.kind)
    .where('remote_id', '>', p.after)
    .orderBy('remote_id')
    .limit(AT_ONCE),
);

/** All of a kind, the number here by the number there. */
export async function takenOf(s: Session, sourceId: number, kind: Taken): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = await s.all(ofKind, { sourceId, kind, after });
    for (const { remote_id, local_id } of rows) found.set(remote_id, local_id);
    if (rows.length < AT_ONCE) return found;
    after = rows.at(-1)!.remote_id;
  }
}

const some = new ListStatement((q, p: { sourceId: number; kind: string }, ids) =>
  q.selectFrom('intake').select(['remote_id', 'local_id']).where('source_id', '=', p.sourceId).where('kind', '=', p.kind).where('remote_id', 'in', ids),
);

/** Some of a kind, the number here by the number there. */
export async function takenAmong(s: Session, sourceId: number, kind: Taken, remoteIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await some.all(s, { sourceId, kind }, [...new Set(remoteIds)]);
  return new Map(rows.map(({ remote_id, local_id }) => [remote_id, local_id]));
}

const lastUpTo = statement((q, p: { sourceId: number; chatId: number; upTo: number }) =>
  q
    .selectFrom('intake')
    .select(['remote_id', 'local_id'])
    .where('chat_id', '=', p.chatId)
    .where('source_id', '=', p.sourceId)
    .where('kind', '=', 'message')
    .where('remote_id', '<=', p.upTo)
    .orderBy('remote_id', 'desc')
    .limit(1),
);

/** The newest message of a chat here that was taken and has no higher number there. */
export function lastTaken(s: Session, sourceId: number, chatId: number, upTo: number): Promise<{ remote_id: number; local_id: number } | undefined> {
  return s.first(lastUpTo, { sourceId, chatId, upTo });
}

const note = statement((q, p: { sourceId: number; kind: string; remoteId: number; localId: number; chatId: number }) =>
  q
    .insertInto('intake')
    .values({ source_id: p.sourceId, kind: p.kind, remote_id: p.remoteId, local_id: p.localId, chat_id: p.chatId })
    .onConflict((c) => c.columns(['source_id', 'kind', 'remote_id']).doUpdateSet({ local_id: p.localId, chat_id: p.chatId })),
);

export async function noteTaken(s: WriteSession, sourceId: number, kind: Taken, remoteId: number, localId: number, chatId = 0): Promise<void> {
  await s.all(note, { sourceId, kind, remoteId, localId, chatId });
}

const caughtUp = statement((q, p: { chatId: number; ownerId: number; from: number; to: number; lastId: number }) =>
  q
    .updateTable('member')
    .set({ read_count_seq: p.to, last_id: p.lastId, viewed_id: p.lastId })
    .where('chat_id', '=', p.chatId)
    .where('user_id', '<>', p.ownerId)
    .where('left_at', '=', 0)
    .where('read_count_seq', '>=', p.from)
    .returning('user_id'),
);

/** Whoever had read all of a chat before history came into it has read that too; but for one user. */
export async function keepCaughtUp(s: WriteSession, chatId: number, ownerId: number, from: number, to: number, lastId: number): Promise<void> {
  await s.all(caughtUp, { chatId, ownerId, from, to, lastId });
}
