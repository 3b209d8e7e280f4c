/** What those who are connected are told of: entries of the journal between two snapshots, and many users' rows of one chat at once. */
import { sql } from 'kysely';
import type { Session } from '../database.ts';
import { ListStatement, statement } from '../statement.ts';
import type { ChatRow } from './chat-store.ts';
import { isSeen, type Seen } from './generation-store.ts';
import type { JournalRow } from './journal-store.ts';
import { EVERYTHING } from './mark-store.ts';
import type { MessageRow } from './message-store.ts';
import type { NotificationRow } from './notification-store.ts';
import { ofChat, ofMember, rows, shown, type ShownRecord } from './recent-store.ts';

const ENTRIES_AT_ONCE = 500;

const between = statement((q, p: { rev: number; seq: number; below: number }) =>
  q
    .selectFrom('journal')
    .selectAll()
    .where(sql<boolean>`(rev, seq) > (${p.rev}, ${p.seq})`)
    .where('rev', '<', p.below)
    .orderBy('rev')
    .orderBy('seq')
    .limit(sql.lit(ENTRIES_AT_ONCE)),
);

/**
 * The entries that one snapshot has seen and another, earlier one has not, in their order.
 *
 * @returns undefined where there are more than `most`
 */
export async function entriesBetween(s: Session, before: Seen, now: Seen, most: number): Promise<JournalRow[] | undefined> {
  const below = Math.max(now.token, now.top);
  const found: JournalRow[] = [];
  for (let [rev, seq] = [before.token, -1]; ; ) {
    const chunk = await s.all(between, { rev, seq, below });
    for (const entry of chunk) if (isSeen(entry.rev, now) && !isSeen(entry.rev, before)) found.push(entry);
    if (found.length > most) return undefined;
    if (chunk.length < ENTRIES_AT_ONCE) return found;
    ({ rev, seq } = chunk.at(-1)!);
  }
}

const trimmedTo = statement((q, _p: object) => q.selectFrom('journal').select((eb) => eb.fn.min('rev').as('rev')));

/** Revision of the first entry that is kept. */
export async function journalBegins(s: Session): Promise<number> {
  return (await s.first(trimmedTo, {}))?.rev ?? 0;
}

const marked = statement((q, p: { rev: number }) =>
  q
    .selectFrom('journal_reader')
    .select(['name', 'rev'])
    .where('rev', '>=', p.rev)
    .where(sql<boolean>`(name = ${sql.lit(EVERYTHING)} or name like 'circle %')`),
);

/** Whose rows may all look different since a snapshot; 'all' where everybody's may. */
export async function markedSince(s: Session, before: Seen): Promise<'all' | Set<number>> {
  const names = (await s.all(marked, { rev: before.token })).filter(({ rev }) => !isSeen(rev, before)).map(({ name }) => name);
  return names.includes(EVERYTHING) ? 'all' : new Set(names.map((name) => Number(name.split(' ')[1])));
}

const membersAmongIds = new ListStatement((q, p: { chatId: number }, ids) =>
  q.selectFrom('member').select('user_id').where('chat_id', '=', p.chatId).where('user_id', 'in', ids).where('left_at', '=', sql.lit(0)),
);

const firstMembers = statement((q, p: { chatId: number; limit: number }) =>
  q.selectFrom('member').select('user_id').where('chat_id', '=', p.chatId).where('left_at', '=', sql.lit(0)).limit(p.limit),
);

/** A chat of fewer members than this is looked through, whoever is asked for. */
const FEW_MEMBERS = 200;

const chatsOfMember = new ListStatement((q, p: { userId: number }, ids) =>
  q.selectFrom('member').select('chat_id').where('user_id', '=', p.userId).where('chat_id', 'in', ids).where('left_at', '=', sql.lit(0)),
);

/** Which of the users are members of which chats, by chat; by chat or by user, whichever takes fewer queries. */
export async function connectedMembers(s: Session, chatIds: readonly number[], users: ReadonlySet<number>): Promise<Map<number, number[]>> {
  if (users.size >= chatIds.length) return new Map(await Promise.all(chatIds.map(async (id) => [id, await membersAmong(s, id, users)] as const)));
  const found = new Map(chatIds.map((id) => [id, [] as number[]]));
  await Promise.all([...users].map(async (userId) => {
    for (const row of await chatsOfMember.all(s, { userId }, chatIds)) found.get(row.chat_id)!.push(userId);
  }));
  return found;
}

async function membersAmong(s: Session, chatId: number, users: ReadonlySet<number>): Promise<number[]> {
  if (users.size > FEW_MEMBERS) {
    const found = await s.all(firstMembers, { chatId, limit: FEW_MEMBERS + 1 });
    if (found.length <= FEW_MEMBERS) return found.map((row) => row.user_id).filter((id) => users.has(id));
  }
  return (await membersAmongIds.all(s, { chatId }, [...users])).map((row) => row.user_id);
}

const sidesOfMembers = new ListStatement((q, p: { chatId: number }, ids) =>
  q
    .selectFrom('member as m')
    .innerJoin('chat as c', 'c.id', 'm.chat_id')
    .select(ofMember)
    .select(['m.read_count_seq', shown.as('shown')])
    .where('m.chat_id', '=', p.chatId)
    .where('m.user_id', 'in', ids)
    .where('m.left_at', '=', sql.lit(0)),
);

const chatOfSides = statement((q, p: { chatId: number }) =>
  q.selectFrom('chat as c').leftJoin('message as t', 't.id', 'c.last_message_id').select(ofChat).where('c.id', '=', p.chatId),
);

const sidesOfUser = new ListStatement((q, p: { userId: number }, ids) =>
  rows(q).select(['m.read_count_seq', shown.as('shown')]).where('m.user_id', '=', p.userId).where('m.chat_id', 'in', ids).where('m.left_at', '=', sql.lit(0)),
);

/** A user's side of a chat as a row of their list, whether or not the list shows it. Whose sides are alike have one object between them. */
export type SideRow = Omit<ShownRecord, 'user_id'> & { read_count_seq: number; shown: number };

/** Of several users in one chat, by user; only those who are members. What is of the chat is read once. */
export async function chatSides(s: Pick<Session, 'all'>, chatId: number, userIds: readonly number[]): Promise<Map<number, SideRow>> {
  const [[chat], members] = await Promise.all([s.all(chatOfSides, { chatId }), sidesOfMembers.all(s, { chatId }, userIds)]);
  const alike = new Map<string, SideRow>();
  const sides = new Map<number, SideRow>();
  for (const own of chat ? members : []) {
    const { user_id: userId, ...rest } = own;
    // Whatever is read of a member's own tells them apart.
    const key = Object.values(rest).join(' ');
    let side = alike.get(key);
    if (!side) alike.set(key, (side = { ...chat!, ...rest }));
    sides.set(userId, side);
  }
  return sides;
}

/** Of one user in several chats, by chat. */
export async function userSides(s: Pick<Session, 'all'>, userId: number, chatIds: readonly number[]): Promise<Map<number, SideRow>> {
  return new Map((await sidesOfUser.all(s, { userId }, chatIds)).map((row) => [row.chat_id, row]));
}

const reminders = new ListStatement((q, _p: object, ids) =>
  q.selectFrom('reminder').select(['user_id', 'chat_id']).where('user_id', 'in', ids).where('done_at', '=', sql.lit(0)).where('due', '=', sql.lit(1)),
);

/** In which chats reminders of the users have come due and are not done. */
export async function remindedAmong(s: Pick<Session, 'all'>, userIds: readonly number[]): Promise<Map<number, Set<number>>> {
  const found = new Map<number, Set<number>>();
  for (const { user_id, chat_id } of await reminders.all(s, {}, userIds)) found.set(user_id, (found.get(user_id) ?? new Set()).add(chat_id));
  return found;
}

const privateWith = new ListStatement((q, p: { peerId: number }, ids) =>
  q
    .selectFrom('member as own')
    .innerJoin('member as m', 'm.chat_id', 'own.chat_id')
    .select(['m.user_id', 'm.chat_id'])
    .where('own.user_id', '=', p.peerId)
    .where('own.type', '=', sql.lit('P'))
    .where('m.user_id', 'in', ids)
    .where('m.left_at', '=', sql.lit(0)),
);

/** The private dialogs of the users with one. */
export function privateDialogsWith(s: Pick<Session, 'all'>, peerId: number, userIds: readonly number[]): Promise<Array<{ user_id: number; chat_id: number }>> {
  return privateWith.all(s, { peerId }, userIds);
}

const notices = new ListStatement((q, _p: object, ids) => q.selectFrom('notification').selectAll().where('id', 'in', ids));

/** Those that there still are. */
export function noticesAmong(s: Pick<Session, 'all'>, ids: readonly number[]): Promise<NotificationRow[]> {
  return notices.all(s, {}, ids);
}

const unreadNotices = new ListStatement((q, _p: object, ids) =>
  q
    .selectFrom('notification')
    .select((eb) => ['user_id', eb.fn.countAll<number>().as('unread')])
    .where('user_id', 'in', ids)
    .where('unread', '=', sql.lit(1))
    .groupBy('user_id'),
);

/** How many notifications of each of the users are unread; those who have none are left out. */
export async function unreadNoticesOf(s: Pick<Session, 'all'>, userIds: readonly number[]): Promise<Map<number, number>> {
  return new Map((await unreadNotices.all(s, {}, userIds)).map((row) => [row.user_id, row.unread]));
}

const chats = new ListStatement((q, _p: object, ids) => q.selectFrom('chat').selectAll().where('id', 'in', ids));

export function chatsAmong(s: Pick<Session, 'all'>, ids: readonly number[]): Promise<ChatRow[]> {
  return chats.all(s, {}, ids);
}

const messages = new ListStatement((q, _p: object, ids) => q.selectFrom('message').selectAll().where('id', 'in', ids));

/** Those that there still are. */
export function messagesAmong(s: Pick<Session, 'all'>, ids: readonly number[]): Promise<MessageRow[]> {
  return messages.all(s, {}, ids);
}

const partners = statement((q, p: { userId: number; limit: number }) =>
  q
    .selectFrom('member')
    .select('peer_id')
    .where('user_id', '=', p.userId)
    .where('type', '=', sql.lit('P'))
    .where('left_at', '=', sql.lit(0))
    .limit(p.limit),
);

/** With whom a user has private dialogs; only the first where there are very many. */
export async function partnersOf(s: Pick<Session, 'all'>, userId: number, limit: number): Promise<number[]> {
  return (await s.all(partners, { userId, limit })).map((row) => row.peer_id);
}
