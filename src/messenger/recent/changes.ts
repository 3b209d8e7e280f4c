/** What has changed in a user's list since a token: rows as they are now, and the ids of those that are no longer there. */
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { type ChangedRow, type ChangePosition, changedSince, FROM_THE_START, namesAfter, rowIdentities } from '../../db/stores/change-store.ts';
import { isSeen, type Seen, snapshot } from '../../db/stores/generation-store.ts';
import { readMarks } from '../../db/stores/mark-store.ts';
import { dialogIdOf } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { type RecentItem, usersNamedIn } from '../views/recent-item.ts';
import { type UserView, viewUser } from '../views/user-view.ts';
import { NO_FILTER, pageByToken, presentChats, type TokenPage, type TokenQuery } from './list-by-token.ts';
import type { Waits } from './waits.ts';
import { formatToken, type Generations, isGood, type Place, type SyncToken } from './sync-token.ts';

/** A page of changes. Every object is whole: a client that gets one again loses nothing. */
export interface RecentChanges {
  items: RecentItem[];
  /** As in `item.id`. Some may never have been shown to the client. */
  removed: Array<number | string>;
  /** People who look different, as far as rows of the page show them. */
  users: UserView[];
  token: string;
  hasMore: boolean;
  /** The token cannot be gone on with: the client begins anew, without one. */
  resetRequired: boolean;
}

const RESET: RecentChanges = { items: [], removed: [], users: [], token: '', hasMore: false, resetRequired: true };

/** @param token undefined to begin with the newest rows of the list */
export async function recentChanges(m: Messenger, generations: Generations, viewer: Viewer, token: SyncToken | undefined, limit: number): Promise<RecentChanges> {
  return m.db.read(async (s) => {
    const [now, marks] = await Promise.all([snapshot(s), readMarks(s, viewer.userId)]);
    if (token && !(await isGood(s, token, now, marks))) return RESET;
    const nonce = await generations.nonce(s, now);
    // The last of several pages is followed at once by what has changed since the first.
    const changedMeanwhile = token?.place !== undefined && token.next.token < now.token;
    if (!token || token.place?.kind === 'list') {
      const page = await pageByToken(s, m, viewer, { limit, filter: NO_FILTER, text: 'plain', token }, now, nonce);
      return { ...page, removed: [], users: [], hasMore: page.hasMore || changedMeanwhile, resetRequired: false };
    }
    const found = await findChanges(s, viewer.userId, token, limit, !isSeen(marks.circle, token.since));
    const next = token.place ? token.next : found.next;
    return {
      ...(await present(s, m, viewer.userId, found)),
      token: formatToken({ nonce, since: token.since, next, place: found.place }),
      hasMore: found.place !== undefined || changedMeanwhile,
      resetRequired: false,
    };
  });
}

/** A page of the list with filters. Once it is over the token goes on with {@link recentChanges}. */
export async function listByToken(m: Messenger, generations: Generations, viewer: Viewer, query: TokenQuery): Promise<TokenPage & Pick<RecentChanges, 'resetRequired'>> {
  return m.db.read(async (s) => {
    const [now, marks] = await Promise.all([snapshot(s), readMarks(s, viewer.userId)]);
    if (query.token && !(await isGood(s, query.token, now, marks))) return RESET;
    const page = await pageByToken(s, m, viewer, query, now, await generations.nonce(s, now));
    return { ...page, resetRequired: false };
  });
}

interface Found {
  chatIds: number[];
  /** Users who look different. */
  users: ReadonlySet<number>;
  /** What has been seen once all pages are. */
  next: Seen;
  /** Where the next page goes on; undefined on the last. */
  place: Place | undefined;
}

/**
 * First the rows that changed themselves, by revision; then those that name somebody who looks different, by chat.
 *
 * @param anybody whether everybody may look different to the user
 */
async function findChanges(s: Session, userId: number, { since, place }: SyncToken, limit: number, anybody: boolean): Promise<Found> {
  const after = place?.kind === 'changes' ? place.after : FROM_THE_START;
  const asked = place?.kind === 'names' ? 0 : limit + 1;
  const { rows, users: people, seen } = await changedSince(s, userId, since.token, after, asked);
  const users = new Set(people.filter(({ rev }) => !isSeen(rev, since)).map(({ id }) => id));
  const changed = asked === 0 ? [] : rows.filter((row) => inOrder(row, after) > 0 && !isSeen(row.rev, since)).sort(inOrder);
  const chatIds = [...new Set(changed.slice(0, limit).map(({ chatId }) => chatId))];
  const own = rows.filter(({ live }) => !live);
  const last = changed.length > limit ? changed[limit - 1] : own.length === asked ? own.at(-1) : undefined;
  if (last) return { chatIds, users, next: seen, place: { kind: 'changes', after: { rev: last.rev, chatId: last.chatId } } };
  if (users.size === 0 && !anybody) return { chatIds, users, next: seen, place: undefined };
  const named = await findNaming(s, userId, anybody ? undefined : users, place?.kind === 'names' ? place.afterChat : 0, limit - chatIds.length);
  return { chatIds: [...new Set([...chatIds, ...named.chatIds])], users, next: seen, place: named.place };
}

function inOrder(a: Pick<ChangedRow, 'rev' | 'chatId'>, b: ChangePosition): number {
  return a.rev - b.rev || a.chatId - b.chatId;
}

/** The next chats after one whose rows name any of the users; undefined for anybody. */
async function findNaming(s: Session, userId: number, users: ReadonlySet<number> | undefined, afterChat: number, limit: number): Promise<Pick<Found, 'chatIds' | 'place'>> {
  const chatIds: number[] = [];
  for await (const chunk of namesAfter(s, userId, afterChat)) {
    for (const row of chunk) {
      if (users && ![...usersNamedIn([row])].some((id) => users.has(id))) continue;
      if (chatIds.length === limit) return { chatIds, place: { kind: 'names', afterChat: chatIds.at(-1) ?? afterChat } };
      chatIds.push(row.chat_id);
    }
    await yieldToOthers();
  }
  return { chatIds, place: undefined };
}

/** Whether a row is shown, and to whom, is decided now: the changes only say where to look. */
async function present(s: Session, m: Messenger, userId: number, found: Found): Promise<Pick<RecentChanges, 'items' | 'removed' | 'users'>> {
  if (found.chatIds.length === 0) return { items: [], removed: [], users: [] };
  const { items, rows, around } = await presentChats(s, m, userId, found.chatIds, 'plain');
  const shown = new Set(items.map((item) => item.chat_id));
  const gone = found.chatIds.filter((chatId) => !shown.has(chatId));
  const removed = gone.length > 0 ? (await rowIdentities(s, userId, gone)).filter(({ type }) => type !== 'T').map(dialogIdOf) : [];
  const named = usersNamedIn(rows.filter((row) => shown.has(row.chat_id)));
  const people = [...named].filter((id) => found.users.has(id)).flatMap((id) => around.users.get(id) ?? []);
  return { items, removed, users: people.map((user) => viewUser(user, around.zone)) };
}

export interface Waiting {
  generations: Generations;
  waits: Waits;
  /** How long the call may wait for a change, milliseconds. */
  ms: number;
  /** Waits, and gives the user as they are then. Throws when they may no longer call. */
  idle(wait: Promise<void>): Promise<{ userId: number }>;
}

/** The same, but where there is nothing new the answer waits for the first change. */
export async function nextChanges(m: Messenger, viewer: Viewer, token: SyncToken | undefined, limit: number, { generations, waits, ms, idle }: Waiting): Promise<RecentChanges> {
  const end = m.clock.precise() + ms;
  for (;;) {
    // Whatever is committed from here on wakes the call, even before it has begun to wait.
    const left = end - m.clock.precise();
    const change = left > 0 ? waits.next(viewer.userId, left) : undefined;
    const changes = await recentChanges(m, generations, viewer, token, limit);
    const news = changes.items.length + changes.removed.length + changes.users.length > 0;
    if (news || changes.hasMore || changes.resetRequired || !change || waits.closed) return changes;
    await idle(change);
  }
}
