import type { Viewer } from '../access/viewer.ts';
import { countUnreadNotifications } from '../../db/stores/notification-store.ts';
import { type UnreadRow, unreadChats } from '../../db/stores/unread-store.ts';
import { yieldToOthers } from '../../base/turns.ts';
import type { Messenger } from '../messenger.ts';
import type { Counters } from '../views/counters-view.ts';
import { shownRows } from './list-filter.ts';

/**
 * The same numbers as on the rows, by the same subtraction.
 *
 * @param counted told of each row that counts
 */
export function countUnread(m: Messenger, viewer: Viewer, counted: (row: UnreadRow) => void = () => {}): Promise<Counters> {
  return m.db.read(async (s) => {
    const counters: Counters = {
      TYPE: { ALL: 0, NOTIFY: 0, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 },
      CHAT: {},
      CHAT_MUTED: {},
      CHAT_UNREAD: [],
      LINES: {},
      DIALOG: {},
      DIALOG_UNREAD: [],
      CHANNEL_COMMENT: {},
    };
    for await (const chunk of unreadChats(s, viewer.userId)) {
      for (const row of chunk) {
        if (row.type !== 'T') continue;
        count(counters, row);
        counted(row);
      }
      // What the list leaves out counts nowhere.
      const visible = chunk.filter((row) => row.shown === 1);
      for (const row of await shownRows(s, viewer, visible)) {
        count(counters, row);
        counted(row);
      }
      await yieldToOthers();
    }
    const notices = await countUnreadNotifications(s, viewer.userId);
    counters.TYPE.NOTIFY = notices;
    counters.TYPE.ALL += notices;
    return counters;
  });
}

function count(counters: Counters, row: UnreadRow): void {
  addTo(counters.TYPE, shareOf(row), 1);
  if (row.type === 'T') addComments(counters, row);
  else addRow(counters, row);
}

/** Comments have no row of their own: they count below their channel. */
function addComments({ CHANNEL_COMMENT }: Counters, row: UnreadRow): void {
  if (row.counter > 0 && row.muted === 0) (CHANNEL_COMMENT[row.parent_chat_id] ??= {})[row.chat_id] = row.counter;
}

function addRow(counters: Counters, row: UnreadRow): void {
  if (row.counter > 0) addUnread(counters, row);
  if (row.unread === 0) return;
  if (row.type === 'P') counters.DIALOG_UNREAD.push(row.peer_id);
  else counters.CHAT_UNREAD.push(row.chat_id);
}

function addUnread(counters: Counters, row: UnreadRow): void {
  if (row.muted === 1) counters.CHAT_MUTED[row.chat_id] = row.counter;
  else if (row.type === 'P') counters.DIALOG[row.peer_id] = row.counter;
  else if (row.type === 'L') counters.LINES[row.chat_id] = row.counter;
  else counters.CHAT[row.chat_id] = row.counter;
}

/** What a row adds to the totals: how much, and to which besides those of all. */
export interface Share {
  count: number;
  of: 'DIALOG' | 'LINES' | 'CHAT' | undefined;
}

/** Of a row that the list shows, or a thread of comments. A mark counts as one, and only where no message is unread: nothing is counted twice. */
export function shareOf(row: Pick<UnreadRow, 'type' | 'muted' | 'unread' | 'counter'>): Share {
  const of = row.type === 'T' ? undefined : row.type === 'P' ? 'DIALOG' : row.type === 'L' ? 'LINES' : 'CHAT';
  if (row.muted === 1) return { count: 0, of };
  const mark = of !== undefined && row.unread === 1 ? 1 : 0;
  return { count: row.counter > 0 ? row.counter : mark, of };
}

/** @param sign -1 takes away what was added */
export function addTo(totals: Counters['TYPE'], { count, of }: Share, sign: 1 | -1): void {
  totals.ALL += sign * count;
  totals.MESSENGER += sign * count;
  if (of) totals[of] += sign * count;
}
