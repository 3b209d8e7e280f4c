import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { knownAmong } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';

/** Those of some users who are active and whom the viewer knows. */
export function reachable(m: Pick<Messenger, 'db'>, viewer: Viewer, ids: readonly number[]): Promise<UserRow[]> {
  return m.db.read(async (s) => knownAmong(m.db, s, viewer, (await findUsers(s, ids)).filter(({ active }) => active === 1)));
}

/** How many seconds ago users were active last, 0 for who is connected; without who never was. @param now milliseconds */
export function secondsSince(users: readonly UserRow[], isConnected: (userId: number) => boolean, now: number): Record<string, number> {
  const seen = users.filter((user) => isConnected(user.id) || user.last_activity_at > 0);
  return Object.fromEntries(seen.map(({ id, last_activity_at: at }) => [id, isConnected(id) ? 0 : Math.max(0, Math.floor((now - at) / 1000))]));
}
