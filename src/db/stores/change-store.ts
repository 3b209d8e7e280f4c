/** What has changed for a user since a token: the one mechanism behind kept lists, sync by token and by date. */
import { sql } from 'kysely';
import { seenOf, type Snapshot } from './generation-store.ts';
import type { Session } from '../database.ts';
import { type Builder, ListStatement, statement } from '../statement.ts';
import { liveIds } from './recent-store.ts';

/** Where changes in order of revision go on: after this chat's row of this revision. */
export interface ChangePosition {
  rev: number;
  chatId: number;
}

export interface ChangedRow extends ChangePosition {
  /** Of a live chat, whose changes are not on the members' rows. */
  live: boolean;
}

/** What somebody who has seen every lower revision than a token may not have seen. */
export interface Changed {
  /** What has been seen with this: the token to ask with next. */
  seen: Snapshot;
  /** Chats of which the user's own row changed, ascending by revision; at most as many as were asked for. */
  rows: ChangedRow[];
  /** Users who look different, whoever shows them. */
  users: Array<{ id: number; rev: number }>;
}

const KIND = { token: 0, own: 1, live: 2, user: 3 } as const;

const NOTHING = sql<string | null>`cast(null as text)`.as('seen');

/** What is asked for of one user's list. */
export interface ChangeQuery {
  userId: number;
  /** A token: what has a lower revision has been seen. */
  since: number;
  rev: number;
  chatId: number;
  /** Of own rows. */
  limit: number;
}

/** Rows of several kinds in one answer, the token always among them. */
export function changedQuery(q: Builder, p: ChangeQuery) {
  const own = q
    .selectFrom('member as m')
    .select([sql.lit<number>(KIND.own).as('kind'), 'm.chat_id as id', 'm.rev', NOTHING])
    .where('m.user_id', '=', p.userId)
    .where(sql<boolean>`(m.rev, m.chat_id) > (${p.rev}, ${p.chatId})`)
    .orderBy('m.rev')
    .orderBy('m.chat_id')
    .limit(p.limit);
  const live = q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select([sql.lit<number>(KIND.live).as('kind'), 'c.id as id', 'c.rev', NOTHING])
    .where('m.user_id', '=', p.userId)
    .where('m.chat_id', 'in', liveIds(q, p.userId))
    .where('m.left_at', '=', sql.lit(0))
    .where('c.rev', '>=', p.since);
  const users = q.selectFrom('user as u').select([sql.lit<number>(KIND.user).as('kind'), 'u.id', 'u.rev', NOTHING]).where('u.rev', '>=', p.since);
  return q
    .selectFrom('snapshot')
    .select([sql.lit<number>(KIND.token).as('kind'), 'token as id', 'generation as rev', sql<string | null>`top || ' ' || open`.as('seen')])
    .unionAll(q.selectFrom(own.as('own')).selectAll())
    .unionAll(live)
    .unionAll(users);
}

const changed = statement((q, p: ChangeQuery) => changedQuery(q, p));

/**
 * One statement, one round trip. Rows that left the list are among them: whoever asks finds them gone.
 *
 * @param since a token: what has a lower revision has been seen
 * @param limit of own rows
 */
export async function changedSince(s: Session, userId: number, since: number, after: ChangePosition, limit: number): Promise<Changed> {
  return readChanged(await s.all(changed, changesAfter(userId, since, after, limit)));
}

export function changesAfter(userId: number, since: number, after: ChangePosition, limit: number): ChangeQuery {
  // A planner enters the index by one bound of the two, and may take the lower.
  return { userId, since, limit, ...(after.rev >= since ? after : { rev: since, chatId: 0 }) };
}

/** Makes out the rows of {@link changedQuery}. */
export function readChanged(found: ReadonlyArray<{ kind: number; id: number; rev: number; seen: string | null }>): Changed {
  const of = (kind: number) => found.filter((row) => row.kind === kind);
  const [seen] = of(KIND.token);
  const [top = '', open = ''] = seen!.seen!.split(' ');
  const asRow = ({ id, rev, kind }: (typeof found)[number]) => ({ chatId: id, rev, live: kind === KIND.live });
  return {
    seen: { ...seenOf(seen!.id, Number(top), open), generation: seen!.rev },
    rows: [...of(KIND.own), ...of(KIND.live)].map(asRow),
    users: of(KIND.user).map(({ id, rev }) => ({ id, rev })),
  };
}

/** Which users a row of the list names: its partner, who wrote last, and those whom that text mentions. */
export interface RowNames {
  chat_id: number;
  peer_id: number;
  author_id: number | null;
  /** Of the last message, where it may mention somebody. */
  text: string | null;
}

const NAMES_AT_ONCE = 500;

const names = statement((q, p: { userId: number; fromChat: number }) =>
  q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .leftJoin('message as t', 't.id', 'c.last_message_id')
    .select(['m.chat_id', 'm.peer_id', 't.author_id', sql<string | null>`case when t.text like '%[%' then t.text end`.as('text')])
    .where('m.user_id', '=', p.userId)
    .where('m.left_at', '=', sql.lit(0))
    .where('m.chat_id', '>', p.fromChat)
    .orderBy('m.chat_id')
    .limit(NAMES_AT_ONCE),
);

/** Whom the user's rows name, of chats after one, by ascending id, in chunks. */
export async function* namesAfter(s: Session, userId: number, fromChat: number): AsyncGenerator<RowNames[]> {
  for (let from = fromChat; ; ) {
    const chunk = await s.all(names, { userId, fromChat: from });
    if (chunk.length > 0) yield chunk;
    if (chunk.length < NAMES_AT_ONCE) return;
    from = chunk[chunk.length - 1]!.chat_id;
  }
}

/** Before all revisions. */
export const FROM_THE_START: ChangePosition = { rev: Number.MIN_SAFE_INTEGER, chatId: 0 };

const active = statement((q, p: { since: number }) => q.selectFrom('user').select(['id', 'last_activity_at']).where('last_activity_at', '>=', p.since));

/** Who was active at `since` (milliseconds) or later, and when last: activity has no revision. */
export function activeSince(s: Session, since: number): Promise<Array<{ id: number; last_activity_at: number }>> {
  return s.all(active, { since });
}

/** What a client knows a row by. */
export interface RowIdentity {
  chat_id: number;
  peer_id: number;
  type: string;
}

const identities = new ListStatement((q, p: { userId: number }, chatIds) =>
  q.selectFrom('member').select(['chat_id', 'peer_id', 'type']).where('user_id', '=', p.userId).where('chat_id', 'in', chatIds),
);

/** The same of rows that are hidden and of chats that the user has left. */
export function rowIdentities(s: Session, userId: number, chatIds: readonly number[]): Promise<RowIdentity[]> {
  return identities.all(s, { userId }, chatIds);
}
