import type { Session } from '../db/database.ts';
import { history, type MessageRow, wasMessageOf } from '../db/message-store.ts';
import { findUsers } from '../db/user-store.ts';
import type { Zone } from './dates.ts';
import { type DialogRef, openDialog } from './dialogs.ts';
import { paramsOf } from './messages.ts';
import { done, flatMapGently, type Messenger, type Outcome, refused } from './messenger.ts';
import { type UserView, viewUser } from './user-view.ts';

/** A message of the history (page im.dialog.messages.get). */
export interface MessageView {
  id: number;
  chat_id: number;
  /** 0 for system messages. */
  author_id: number;
  date: string;
  text: string;
  unread: boolean;
  uuid: string | null;
  replaces: [];
  params: Record<string, unknown> | [];
  disappearing_date: null;
}

export interface HistoryPage {
  chat_id: number;
  messages: MessageView[];
  users: UserView[];
  files: [];
}

export interface HistoryQuery {
  /** Messages with lower ids. */
  lastId?: number | undefined;
  /** Messages with higher ids. */
  firstId?: number | undefined;
  limit: number;
}

/**
 * A page of a dialog's messages, newest first. A cursor that was never a message of this dialog gives an empty page;
 * one that has been deleted since still works, so a walk through the history loses nothing.
 */
export async function readHistory(
  m: Messenger,
  viewerId: number,
  ref: DialogRef,
  query: HistoryQuery,
): Promise<Outcome<HistoryPage, 'no_access'>> {
  const { zone } = await m.settings();
  return m.large.run(() => m.db.read(async (s) => {
    const dialog = await openDialog(s, viewerId, ref);
    if (!dialog) return refused('no_access');
    const { chat, member } = dialog;
    if (!chat || !(await cursorsExist(s, chat.id, query))) return done({ chat_id: chat?.id ?? 0, messages: [], users: [], files: [] });
    const rows = await history(s, {
      chatId: chat.id,
      startId: member?.start_id ?? 0,
      below: query.lastId,
      above: query.firstId,
      limit: query.limit,
    });
    const users = await authorsOf(s, rows, zone, m.clock.now());
    const readTo = member?.last_id ?? Infinity;
    const messages = await flatMapGently(rows, (row) => viewMessage(row, zone, row.id > readTo && row.author_id !== viewerId));
    return done({ chat_id: chat.id, messages, users, files: [] });
  }));
}

/** FIRST_ID=0 asks for the very first messages. */
async function cursorsExist(s: Session, chatId: number, query: HistoryQuery): Promise<boolean> {
  for (const id of [query.lastId, query.firstId]) {
    if (id !== undefined && id !== 0 && !(await wasMessageOf(s, chatId, id))) return false;
  }
  return true;
}

async function authorsOf(s: Session, rows: readonly MessageRow[], zone: Zone, now: number): Promise<UserView[]> {
  const ids = new Set(rows.map((row) => row.author_id).filter((id) => id > 0));
  const users = await findUsers(s, ids);
  return users.sort((a, b) => a.id - b.id).map((user) => viewUser(user, zone, now));
}

function viewMessage(row: MessageRow, zone: Zone, unread: boolean): MessageView {
  const params = paramsOf(row.params);
  return {
    id: row.id,
    chat_id: row.chat_id,
    author_id: row.author_id,
    date: zone.atom(row.created_at),
    text: row.text,
    unread,
    uuid: row.uuid,
    replaces: [],
    params: Object.keys(params).length > 0 ? params : [],
    disappearing_date: null,
  };
}
