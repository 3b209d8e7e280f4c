/** Looking into open chats without being a member of them, by the vendor's tags. */
import { extendWatches } from '../../../db/stores/watch-store.ts';
import { openDialog } from '../../../messenger/access/dialogs.ts';
import type { Viewer } from '../../../messenger/access/viewer.ts';
import type { Messenger } from '../../../messenger/messenger.ts';

/** Clients extend every 29 minutes. */
export const WATCH_MS = 35 * 60_000;

const TAG = /^IM_PUBLIC_([1-9]\d{0,14})$/i;

/** @returns the tags that are not watched: of no kind that is known, or of chats that the viewer may not look into */
export async function watch(m: Messenger, viewer: Viewer, tags: readonly string[]): Promise<string[]> {
  const ids = tags.map((tag) => Number(TAG.exec(tag)?.[1] ?? 0));
  const open = await m.db.read(async (s) => {
    const found = new Set<number>();
    for (const id of new Set(ids)) if (id > 0 && (await openDialog(s, viewer, { kind: 'chat', id }))) found.add(id);
    return found;
  });
  const now = m.clock.now();
  await m.db.write((s) => extendWatches(s, viewer.userId, [...open], { now, until: now + WATCH_MS }));
  return tags.filter((_, index) => !open.has(ids[index]!));
}
