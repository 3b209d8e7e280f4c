/** What is asked of the store last of all: who is a member, how the chats look from there, and who is named in them. */
import type { Session } from '../../db/database.ts';
import { rowIdentities } from '../../db/stores/change-store.ts';
import { chatSides, remindedAmong, type SideRow, userSides } from '../../db/stores/live-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { dialogIdOf } from '../../messenger/access/dialogs.ts';
import { isGuest, strangersToEach } from '../../messenger/access/meeting.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import { type RecentItem, usersNamedIn } from '../../messenger/views/recent-item.ts';
import type { Happening } from './happening.ts';
import { chatsIn, type Told } from './told.ts';

/** Some of those who are told, each with what. */
export type Part = ReadonlyArray<readonly [userId: number, Told]>;

export interface Loaded {
  /** By chat and user. */
  sides: ReadonlyMap<number, ReadonlyMap<number, SideRow>>;
  users: ReadonlyMap<number, UserRow>;
  strangers: ReadonlyMap<number, ReadonlySet<number>>;
  reminded: ReadonlyMap<number, ReadonlySet<number>>;
  /** Ids of rows of chats that users are no longer members of. */
  gone: ReadonlyMap<number, ReadonlyMap<number, number | string>>;
  /** Rows that look alike to several members: made once of one snapshot. */
  alike: Map<SideRow, RecentItem | undefined>;
}

/** @param viewerOf undefined for users who listen no longer */
export async function load(s: Session, part: Part, viewerOf: (userId: number) => Viewer | undefined): Promise<Loaded> {
  const sides = await sidesOf(s, part.map(([userId, told]) => [userId, chatsIn(told)] as const));
  const found = new Set([...sides.values()].flatMap((byUser) => [...byUser.values()]));
  const reminding = part.filter(([, { rows }]) => rows.size > 0).map(([userId]) => userId);
  const [users, reminded, gone] = await Promise.all([findUsers(s, usersNamedIn(found)), remindedAmong(s, reminding), goneRows(s, part, sides)]);
  const strangers = await strangersTo(s, part, sides, users, viewerOf);
  return { sides, users: new Map(users.map((user) => [user.id, user])), strangers, reminded, gone, alike: new Map() };
}

/** Sides by chat and user; asked by chat or by user, whichever takes fewer queries. @param asked the chats of each user */
export async function sidesOf(s: Pick<Session, 'all'>, asked: ReadonlyArray<readonly [userId: number, chatIds: ReadonlySet<number>]>): Promise<Map<number, Map<number, SideRow>>> {
  const byUser = asked.filter(([, chatIds]) => chatIds.size > 0);
  const places = byUser.flatMap(([userId, chatIds]) => [...chatIds].map((chatId) => ({ chatId, userId })));
  const byChat = Map.groupBy(places, ({ chatId }) => chatId);
  const sides = new Map([...byChat.keys()].map((chatId) => [chatId, new Map<number, SideRow>()]));
  if (byChat.size < byUser.length) await Promise.all([...byChat].map(async ([chatId, members]) => sides.set(chatId, await chatSides(s, chatId, members.map(({ userId }) => userId)))));
  else await Promise.all(byUser.map(async ([userId, chatIds]) => {
    for (const [chatId, side] of await userSides(s, userId, [...chatIds])) sides.get(chatId)!.set(userId, side);
  }));
  return sides;
}

function strangersTo(
  s: Session, part: Part, sides: Loaded['sides'], users: readonly UserRow[], viewerOf: (userId: number) => Viewer | undefined,
): Promise<Map<number, ReadonlySet<number>>> {
  const inRows = users.filter(({ id }) => id > 0);
  const guestsInRows = inRows.filter(isGuest);
  const seen: Array<readonly [Viewer, UserRow[]]> = [];
  for (const [userId, told] of part) {
    const viewer = viewerOf(userId);
    if (!viewer) continue;
    const doubtful = told.news.flatMap((news) => (viewer.insider ? usersIn(news).filter(isGuest) : usersIn(news)));
    const ofRows = viewer.insider ? guestsInRows : inRows;
    if (ofRows.length > 0 && [...chatsIn(told)].some((chatId) => sides.get(chatId)?.has(userId))) doubtful.push(...ofRows);
    if (doubtful.length > 0) seen.push([viewer, doubtful]);
  }
  return strangersToEach(s, seen);
}

async function goneRows(s: Session, part: Part, sides: Loaded['sides']): Promise<Map<number, Map<number, number | string>>> {
  const gone = new Map<number, Map<number, number | string>>();
  for (const [userId, { rows }] of part) {
    const missing = [...rows].filter((chatId) => !sides.get(chatId)?.has(userId));
    if (missing.length === 0) continue;
    const known = (await rowIdentities(s, userId, missing)).filter(({ type }) => type !== 'T');
    gone.set(userId, new Map(known.map((row) => [row.chat_id, dialogIdOf(row)])));
  }
  return gone;
}

/** People whom news name. */
function usersIn(news: Happening): readonly UserRow[] {
  if (news.kind === 'message' || news.kind === 'notice') return news.users;
  if (news.kind === 'watched') return usersIn(news.news);
  if (news.kind === 'presence') return news.users.map(({ user }) => user);
  return news.kind === 'user' || news.kind === 'writing' ? [news.user] : [];
}
