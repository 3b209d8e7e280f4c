/**
 * Who may meet whom: people of the portal meet each other; a guest (an extranet user) and anybody else meet while they
 * share a group chat. On this rest private dialogs, their rows and counters, and profiles.
 */
import { type ChatRow, markGuestChats } from '../../db/stores/chat-store.ts';
import { Pace } from '../../db/pace.ts';
import type { Database, Session, WriteSession } from '../../db/database.ts';
import { dialogsHangingOn, guestsIn, guestsSharing, privatePeers, sharersWith } from '../../db/stores/meeting-store.ts';
import { markCircles } from '../../db/stores/mark-store.ts';
import { recheckMembers, touchMembers, touchPrivateRows } from '../../db/stores/member-store.ts';
import type { Condition } from '../../db/stores/user-search.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import type { Viewer } from './viewer.ts';

type Person = Pick<UserRow, 'id' | 'extranet'>;

const NOBODY: ReadonlySet<number> = new Set();

/** Those of the others whom the viewer may not meet. One query for all of them, none where nobody is a guest. */
export async function strangersAmong(s: Session, { userId, insider }: Viewer, others: readonly Person[]): Promise<ReadonlySet<number>> {
  const doubtful = others.filter((other) => other.id !== userId && (!insider || isGuest(other))).map(({ id }) => id);
  if (doubtful.length === 0) return NOBODY;
  const met = await (insider ? guestsSharing(s, userId, doubtful) : sharersWith(s, userId, doubtful));
  return new Set(doubtful.filter((id) => !met.has(id)));
}

/**
 * The same of many viewers, each of whom sees other people; by viewer or by guest, whichever takes fewer queries.
 *
 * @returns by viewer; those who have no strangers may be left out
 */
export async function strangersToEach(s: Session, seen: ReadonlyArray<readonly [Viewer, readonly Person[]]>): Promise<Map<number, ReadonlySet<number>>> {
  const insiders = seen.filter(([{ insider }]) => insider);
  const guests = insiders.flatMap(([{ userId }, others]) => others.filter(isGuest).map(({ id }) => ({ id, userId })));
  const byGuest = Map.groupBy(guests, ({ id }) => id);
  const oneByOne = byGuest.size < insiders.length ? seen.filter(([{ insider }]) => !insider) : seen;
  const strangers = new Map<number, Set<number>>();
  if (oneByOne !== seen) {
    await Promise.all([...byGuest].map(async ([guestId, saw]) => {
      const met = await sharersWith(s, guestId, saw.map(({ userId }) => userId));
      for (const { userId } of saw) if (!met.has(userId)) strangers.set(userId, (strangers.get(userId) ?? new Set()).add(guestId));
    }));
  }
  const others = await Promise.all(oneByOne.map(async ([viewer, people]) => [viewer.userId, await strangersAmong(s, viewer, people)] as const));
  return new Map([...strangers, ...others]);
}

export async function mayMeet(s: Session, viewer: Viewer, other: Person): Promise<boolean> {
  return !(await strangersAmong(s, viewer, [other])).has(other.id);
}

/** The viewer's private dialogs with people whom they may not meet: closed until they do. */
export async function closedDialogs(s: Session, viewer: Viewer): Promise<number[]> {
  const peers = await privatePeers(s, viewer.userId, viewer.insider);
  const strangers = await strangersAmong(s, viewer, peers);
  return peers.filter(({ id }) => strangers.has(id)).map((peer) => peer.chat_id);
}

/** The users whose profile the viewer may see: those whom they may meet; administrators look after everybody. Others run in between, so not for units that write. */
export async function knownAmong<P extends Person>({ mostScanned }: Pick<Database, 'mostScanned'>, s: Session, viewer: Viewer, users: readonly P[]): Promise<P[]> {
  if (viewer.admin) return [...users];
  const pace = new Pace(mostScanned);
  const known: P[] = [];
  for (let at = 0; at < users.length; ) {
    const part = await pace.piece(async (size) => {
      const some = users.slice(at, at + size);
      const strangers = await strangersAmong(s, viewer, some);
      at += some.length;
      return some.filter((user) => !strangers.has(user.id));
    });
    known.push(...part);
  }
  return known;
}

/** The same as a condition on whoever is listed; undefined for no restriction. */
export function knownTo({ userId, admin, insider }: Viewer): Condition | undefined {
  if (admin) return undefined;
  const self: Condition = { number: 'id', is: { op: 'in', values: [userId] } };
  const colleague: Condition = { number: 'extranet', is: { op: 'in', values: [0] } };
  return { any: [self, ...(insider ? [colleague] : []), { sharesGroupWith: userId, guest: !insider }] };
}

/** A guest brings into a chat only whom they may meet; others bring whomever they like: so guests get to meet anybody. */
export async function mayBring(s: Session, actor: Viewer, users: readonly Person[]): Promise<boolean> {
  return actor.insider || (await strangersAmong(s, actor, users)).size === 0;
}

export function isGuest(user: Pick<UserRow, 'extranet'>): boolean {
  return user.extranet === 1;
}

/** After users have joined or left a chat: the private rows that come or go with it change for those whose rows they are. */
export async function touchMeetings(s: WriteSession, chat: ChatRow, moved: readonly UserRow[], at: number): Promise<void> {
  if (chat.type === 'P' || chat.extranet === 0) return;
  const guests = new Set([...moved.filter(isGuest).map(({ id }) => id), ...(await guestsIn(s, chat.id))]);
  if (guests.size === 0) return;
  // Those who speak in their other chats are known to them, or no longer.
  await markCircles(s, guests);
  const movedIds = moved.map(({ id }) => id);
  for (const { chat_id, hangs } of await dialogsHangingOn(s, chat.id, [...guests], movedIds)) {
    // Another chat that they share now may be left at this moment, by somebody who takes this one for shared.
    await (hangs === 1 ? touchMembers(s, chat_id, at) : recheckMembers(s, chat_id));
  }
}

/** After somebody has become a guest, or ceased to be one. */
export async function touchAllMeetings(s: WriteSession, user: Pick<UserRow, 'id' | 'extranet'>, at: number): Promise<void> {
  if (isGuest(user)) for (const chatId of await markGuestChats(s, user.id)) await touchMembers(s, chatId, at);
  await touchPrivateRows(s, user.id, at);
  await markCircles(s, [user.id]);
}
