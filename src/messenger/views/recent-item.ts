import type { RecentRecord } from '../../db/stores/recent-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { type ChatStub, chatStub, type ChatView, viewChat } from './chat-view.ts';
import { hexOf } from './colors.ts';
import { isInstant, type Zone } from '../../base/dates.ts';
import { dialogIdOf } from '../access/dialogs.ts';
import { mentionedUserIds, plainText } from './markup.ts';
import { storedMap } from './presenting.ts';
import { fullName, isOutsider, type UserView, viewUser } from './user-view.ts';

export interface RecentMessage {
  id: number;
  text: string;
  file: boolean;
  author_id: number;
  attach: boolean;
  sticker: number | null;
  date: string;
  status: 'received' | 'delivered';
  uuid: string | null;
}

export interface OpenLine {
  id: number;
  status: number;
  date_create: string;
}

/** A row of the recent list, as the pages im.recent.get and im.recent.list show it. Dates are ATOM strings. */
export interface RecentItem {
  /** The partner's number, or `chatN`. */
  id: number | string;
  chat_id: number;
  type: 'user' | 'chat';
  avatar: { url: string; color: string };
  title: string;
  message: RecentMessage;
  counter: number;
  last_id: number;
  pinned: boolean;
  unread: boolean;
  has_reminder: boolean;
  date_update: string;
  date_last_activity: string;
  chat: ChatView | ChatStub;
  user: UserView | { id: 0 };
  lines?: OpenLine;
  options: [];
}

/** How the text of the last message is given. */
export type TextMode = 'plain' | 'original';

/** All that a row needs besides its record. */
export interface Surroundings {
  zone: Zone;
  /** Milliseconds. */
  now: number;
  /** Users the rows name: authors, partners, people mentioned in the texts. */
  users: ReadonlyMap<number, UserRow>;
  /** Those of them whom the viewer may not meet. */
  strangers: ReadonlySet<number>;
  /** Chats with a reminder that has come due. */
  reminded: ReadonlySet<number>;
  text: TextMode;
}

/** Ids of the users that {@link presentRow} will look up. */
export function usersNamedIn(rows: readonly RecentRecord[]): Set<number> {
  const ids = new Set<number>();
  for (const row of rows) {
    if (row.peer_id > 0) ids.add(row.peer_id);
    if (row.author_id) ids.add(row.author_id);
    if (row.text) for (const id of mentionedUserIds(row.text)) ids.add(id);
  }
  return ids;
}

/**
 * The row as the client sees it, or undefined where the list leaves it out: a group chat without any message, a private
 * dialog with somebody whom the viewer may not meet, and one with somebody dismissed once everything in it is read.
 *
 * @throws when what is stored cannot be shown at all
 */
export function presentRow(row: RecentRecord, around: Surroundings): RecentItem | undefined {
  if (row.type === 'P') return presentPrivate(row, around);
  if (row.message_id === null) return undefined;
  const author = row.author_id && isSeen(row) ? around.users.get(row.author_id) : undefined;
  return {
    ...presentCommon(row, around),
    type: 'chat',
    avatar: { url: row.avatar, color: hexOf(row.color) },
    title: row.title,
    chat: viewChat(row, around.zone),
    user: author ? viewUser(author, around.zone, around.now) : { id: 0 },
    ...(row.entity_type === 'LINES' && { lines: openLine(row, around.zone) }),
    options: [],
  };
}

function presentPrivate(row: RecentRecord, around: Surroundings): RecentItem | undefined {
  const peer = around.users.get(row.peer_id);
  if (!peer || around.strangers.has(peer.id) || isDismissed(row, peer)) return undefined;
  const user = viewUser(peer, around.zone, around.now);
  return {
    ...presentCommon(row, around),
    type: 'user',
    avatar: { url: user.avatar, color: user.color },
    title: user.name,
    chat: chatStub(row),
    user,
    options: [],
  };
}

export function isDismissed(row: { counter: number }, peer: UserRow): boolean {
  return peer.active === 0 && row.counter <= 0 && !isOutsider(peer);
}

function presentCommon(row: RecentRecord, around: Surroundings) {
  return {
    id: dialogIdOf(row),
    chat_id: row.chat_id,
    // The literals below keep the documented order of the keys.
    type: 'chat' as RecentItem['type'],
    avatar: { url: '', color: '' },
    title: '',
    message: presentMessage(row, around),
    counter: row.counter,
    last_id: row.last_id,
    pinned: row.pinned === 1,
    unread: row.unread === 1,
    has_reminder: around.reminded.has(row.chat_id),
    date_update: around.zone.atom(row.date_update),
    date_last_activity: around.zone.atom(row.last_message_at),
  };
}

/** A message from before the viewer's part of the history stays out of the row. */
function isSeen(row: RecentRecord): boolean {
  return row.message_id !== null && row.message_id >= row.start_id;
}

function presentMessage(row: RecentRecord, around: Surroundings): RecentMessage {
  const shown = isSeen(row);
  const params = shown ? storedMap(row.params ?? '') : {};
  const sticker = params['STICKER_ID'];
  return {
    id: shown ? row.message_id! : 0,
    text: shown ? messageText(row, params, around) : '',
    file: Array.isArray(params['FILE_ID']) && params['FILE_ID'].length > 0,
    author_id: shown ? (row.author_id ?? 0) : 0,
    attach: params['ATTACH'] !== undefined,
    sticker: Number.isSafeInteger(sticker) ? (sticker as number) : null,
    date: around.zone.atom(row.last_message_at),
    status: shown && row.seen === 1 ? 'delivered' : 'received',
    uuid: shown ? row.uuid : null,
  };
}

function messageText(row: RecentRecord, params: Record<string, unknown>, around: Surroundings): string {
  const text = row.text ?? '';
  if (around.text === 'original') return text;
  return plainText(text, {
    attach: params['ATTACH'] !== undefined,
    file: params['FILE_ID'] !== undefined,
    sticker: params['STICKER_ID'] !== undefined,
    userName: (id) => {
      const user = around.strangers.has(id) ? undefined : around.users.get(id);
      return user && fullName(user);
    },
  });
}

const SESSION_ID_FIELD = 5;
const SESSION_START_FIELD = 6;

/** The open line's session: its id and start are fields of the chat's entity data, which whoever made the chat wrote. */
function openLine(row: RecentRecord, zone: Zone): OpenLine {
  const fields = row.entity_data_1.split('|');
  const id = Number(fields[SESSION_ID_FIELD]);
  const start = Number(fields[SESSION_START_FIELD]) * 1000;
  return {
    id: Number.isSafeInteger(id) && id > 0 ? id : 0,
    status: 0,
    date_create: zone.atom(start > 0 && isInstant(start) ? start : row.date_update),
  };
}
