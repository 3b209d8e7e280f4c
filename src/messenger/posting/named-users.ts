import type { Session } from '../../db/database.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { strangersAmong } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { asStranger } from '../views/user-view.ts';

/** Who wrote something. A guest reads what people who have left said, and learns no address by it. */
export async function authorsOf(s: Session, viewer: Viewer, rows: ReadonlyArray<{ author_id: number }>): Promise<UserRow[]> {
  const ids = new Set(rows.map((row) => row.author_id).filter((id) => id > 0));
  const users = await findUsers(s, ids);
  if (viewer.insider) return users;
  const strangers = await strangersAmong(s, viewer, users);
  return users.map((user) => (strangers.has(user.id) ? asStranger(user) : user));
}
