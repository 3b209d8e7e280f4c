import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { knownAmong } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';

/** Those of some users who are active and whom the viewer knows. */
export function reachable(m: Pick<Messenger, 'db'>, viewer: Viewer, ids: readonly number[]): Promise<UserRow[]> {
  return m.db.read(async (s) => knownAmong(s, viewer, (await findUsers(s, ids)).filter(({ active }) => active === 1)));
}
