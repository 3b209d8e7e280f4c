/** Looking into chats that one is no member of: for as long as whoever looks says so again and again. */
import type { Session } from '../../db/database.ts';
import { renewWatches, type WatchRow, watchesOf } from '../../db/stores/watch-store.ts';
import { openDialog } from '../access/dialogs.ts';
import { isChannel, isOpen } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';

/** How long one goes on without being renewed, milliseconds: clients renew every 29 minutes. */
export const WATCH_MS = 40 * 60_000;
/** Watches of one user. */
export const MOST_WATCHES = 200;

type Watched = Pick<WatchRow, 'chat_id' | 'kind'>;

const TAG = /^IM_PUBLIC_(COMMENT_)?([1-9]\d{0,14})$/;
const ALL_CHANNELS = 'IM_SHARED_CHANNEL_LIST';

/** What a tag names; undefined for what nobody can watch. */
function readTag(tag: string): Watched | undefined {
  if (tag === ALL_CHANNELS) return { chat_id: 0, kind: 'channels' };
  const [, comments, id] = TAG.exec(tag) ?? [];
  return id === undefined ? undefined : { chat_id: Number(id), kind: comments === undefined ? 'chat' : 'comments' };
}

/**
 * Watches what the tags name from now on.
 *
 * @returns the tags of what is not watched: it is not there, is not for the viewer, or would be too many
 */
export async function extendWatches(m: Messenger, viewer: Viewer, tags: readonly string[]): Promise<string[]> {
  const now = m.clock.now();
  const { renewed, refused } = await m.db.read((s) => sift(s, viewer, tags, now));
  const rows = renewed.map((watched) => ({ ...watched, user_id: viewer.userId, expires_at: now + WATCH_MS }));
  // In one order, whoever else renews the same.
  rows.sort((a, b) => a.chat_id - b.chat_id || a.kind.localeCompare(b.kind));
  if (rows.length > 0) await m.db.write((s) => renewWatches(s, viewer.userId, rows, now));
  return refused;
}

async function sift(s: Session, viewer: Viewer, tags: readonly string[], now: number): Promise<{ renewed: Watched[]; refused: string[] }> {
  const known = new Set((await watchesOf(s, viewer.userId, now)).map(keyOf));
  const renewed = new Map<string, Watched>();
  const refused: string[] = [];
  for (const tag of new Set(tags)) {
    const watched = readTag(tag);
    const key = watched ? keyOf(watched) : '';
    const isRoom = known.has(key) || known.size < MOST_WATCHES;
    if (!watched || !isRoom || !(await mayWatch(s, viewer, watched))) refused.push(tag);
    else {
      known.add(key);
      renewed.set(key, watched);
    }
  }
  return { renewed: [...renewed.values()], refused };
}

function keyOf({ chat_id, kind }: Watched): string {
  return `${kind} ${chat_id}`;
}

/** As now; it is asked again whenever something is told. */
async function mayWatch(s: Session, viewer: Viewer, { kind, chat_id: id }: Watched): Promise<boolean> {
  if (kind === 'channels') return viewer.insider;
  const { chat, member } = (await openDialog(s, viewer, { kind: 'chat', id })) ?? {};
  if (!chat) return false;
  if (kind === 'comments') return isChannel(chat.type) && (member !== undefined || mayLookInto(viewer, chat));
  return mayLookInto(viewer, chat);
}

/** Without being a member. */
export function mayLookInto({ insider }: Viewer, { type }: { type: string }): boolean {
  return insider && isOpen(type);
}
