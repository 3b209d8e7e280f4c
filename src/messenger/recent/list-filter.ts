/** Which rows a list shows: by its filters, and by whom the viewer may meet. */
import { yieldToOthers } from '../../base/turns.ts';
import type { Session } from '../../db/database.ts';
import { type RecentKey, type RecentRecord, recentRows } from '../../db/stores/recent-store.ts';
import { unreadChats } from '../../db/stores/unread-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { strangersAmong } from '../access/meeting.ts';
import { allows, isChannel, permissionsOf } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { isDismissed } from '../views/recent-item.ts';

export interface ListFilter {
  skipOpenLines: boolean;
  skipChats: boolean;
  skipDialogs: boolean;
  skipUndistributed: boolean;
  onlyChannels: boolean;
  onlyCopilot: boolean;
  unreadOnly: boolean;
  canManageMessages: boolean;
}

export type RowFilter = (keys: RecentKey[]) => Promise<RecentKey[]>;

/** Decides by the key alone where it can, and looks at the row only where it must. */
export async function makeFilter(s: Session, viewer: Viewer, filter: ListFilter): Promise<RowFilter> {
  const { userId } = viewer;
  const unread = filter.unreadOnly ? await unreadIds(s, userId) : undefined;
  return async (keys) => {
    const typed = keys.filter((key) => acceptsType(filter, key.type) && (!unread || unread.has(key.chat_id)));
    const accepted = typed.filter((key) => key.stranger === 0);
    const doubtful = accepted.filter(
      (key) => key.peer_active === 0 || filter.canManageMessages || (filter.skipUndistributed && key.type === 'L'),
    );
    if (doubtful.length === 0) return accepted;
    const [found, peers] = await Promise.all([
      recentRows(s, userId, doubtful.map((key) => key.chat_id)),
      findUsers(s, doubtful.filter((key) => key.peer_active === 0).map((key) => key.peer_id)),
    ]);
    const rows = new Map(found.map((row) => [row.chat_id, row]));
    const dismissed = new Map(peers.map((user) => [user.id, user]));
    const refused = new Set(doubtful.filter((key) => !acceptsRow(filter, rows.get(key.chat_id), dismissed)));
    return accepted.filter((key) => !refused.has(key));
  };
}

function acceptsRow(filter: ListFilter, row: RecentRecord | undefined, dismissed: ReadonlyMap<number, UserRow>): boolean {
  if (!row) return false;
  const peer = dismissed.get(row.peer_id);
  if (peer && isDismissed(row, peer)) return false;
  if (filter.canManageMessages && !allows(permissionsOf(row).can_post, row.role)) return false;
  return !(filter.skipUndistributed && row.type === 'L' && row.owner_id === 0);
}

/** What decides whether private rows are shown. */
interface Peers {
  /** The partners who are no longer active. */
  dismissed: ReadonlyMap<number, UserRow>;
  /** The partners whom the viewer may not meet. */
  strangers: ReadonlySet<number>;
}

/** The rows without the private ones that the list leaves out for their partner's sake. */
export async function shownRows<R extends { peer_id: number; counter: number }>(s: Session, viewer: Viewer, rows: readonly R[]): Promise<R[]> {
  const { dismissed, strangers } = await peersOf(s, viewer, rows);
  return rows.filter((row) => {
    const peer = dismissed.get(row.peer_id);
    return !strangers.has(row.peer_id) && !(peer && isDismissed(row, peer));
  });
}

async function peersOf(s: Session, viewer: Viewer, keys: ReadonlyArray<{ peer_id: number }>): Promise<Peers> {
  const peers = await findUsers(s, keys.map((key) => key.peer_id).filter((id) => id > 0));
  const dismissed = new Map(peers.filter((user) => user.active === 0).map((user) => [user.id, user]));
  return { dismissed, strangers: await strangersAmong(s, viewer, peers) };
}

export function acceptsType(filter: ListFilter, type: string): boolean {
  if (filter.onlyCopilot) return type === 'A';
  if (filter.onlyChannels) return isChannel(type);
  return acceptsKind(filter, type);
}

/** The three SKIP_ flags: open lines, private dialogs, and every group-like chat. */
export function acceptsKind(filter: Pick<ListFilter, 'skipOpenLines' | 'skipChats' | 'skipDialogs'>, type: string): boolean {
  if (type === 'L') return !filter.skipOpenLines;
  if (type === 'P') return !filter.skipDialogs;
  return !filter.skipChats;
}

async function unreadIds(s: Session, userId: number): Promise<Set<number>> {
  const ids = new Set<number>();
  for await (const chunk of unreadChats(s, userId)) {
    for (const row of chunk) if (row.counter > 0 || row.unread === 1) ids.add(row.chat_id);
    await yieldToOthers();
  }
  return ids;
}
