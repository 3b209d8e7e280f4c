import type { Session } from '../../db/database.ts';
import { findMet } from '../../db/stores/meeting-store.ts';
import type { RecentRecord } from '../../db/stores/recent-store.ts';
import { remindedChats } from '../../db/stores/reminder-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { zoneOf } from '../../portal/settings.ts';
import { isGuest } from '../access/meeting.ts';
import { type Surroundings, type TextMode, usersNamedIn } from '../views/recent-item.ts';
import { asStranger } from '../views/user-view.ts';

/** Loads what presenting the rows needs. */
export async function surroundings(
  s: Session,
  userId: number,
  rows: readonly RecentRecord[],
  text: TextMode,
): Promise<Surroundings> {
  const [found, reminded] = await Promise.all([findMet(s, userId, usersNamedIn(rows).add(userId)), remindedChats(s, userId)]);
  const users = new Map<number, UserRow>(found.map((user) => [user.id, user]));
  const guest = isGuest(users.get(userId)!);
  const peers = new Set(rows.map((row) => row.peer_id));
  const strangers = new Set(found.filter((user) => user.stranger === 1 && (guest || peers.has(user.id))).map(({ id }) => id));
  // Guests read what others have said in their chats; that gives them nobody's address.
  if (guest) for (const id of strangers) users.set(id, asStranger(users.get(id)!));
  return { zone: zoneOf(found[0]?.portal_zone), text, users, strangers, reminded };
}
