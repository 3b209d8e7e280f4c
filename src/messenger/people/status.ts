import { findUser, lockUser, updateUser } from '../../db/stores/user-store.ts';
import type { Messenger } from '../messenger.ts';

export const STATUSES = ['online', 'dnd', 'away', 'break'] as const;
export type Status = (typeof STATUSES)[number];

/** What a user has said they do; undefined when they have said nothing. Others always see them as online. */
export async function statusOf(m: Messenger, userId: number): Promise<Status | undefined> {
  const user = await m.db.read((s) => findUser(s, userId));
  return STATUSES.find((status) => status === user?.status);
}

export function setStatus(m: Messenger, userId: number, status: Status): Promise<void> {
  return change(m, userId, () => ({ status }));
}

/** Says that a user has been idle for so long, milliseconds, or is no longer. Others' rows show since when. */
export function setIdle(m: Messenger, userId: number, ago: number | undefined): Promise<void> {
  return change(m, userId, (now) => ({ idle_at: ago === undefined ? 0 : now - ago }));
}

type Said = { status: Status } | { idle_at: number };

async function change(m: Messenger, userId: number, said: (now: number) => Said): Promise<void> {
  await m.db.write(async (s) => {
    await lockUser(s, userId);
    const user = (await findUser(s, userId))!;
    const changes = said(m.clock.now());
    const same = 'status' in changes ? user.status === changes.status : user.idle_at === changes.idle_at;
    if (!same) await updateUser(s, userId, { ...changes, updated_at: m.stamp() });
  });
}
