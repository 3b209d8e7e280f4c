/** What a user should be shown, in a shape to which the server's answers are brought too. */
import { type Chat, COLORS, hasRight, isListed, type Member, type Model, neededFor, newest, partnerOf, unreadOf } from './model.ts';
import { lastRead } from './rules.ts';

/** A row of im.recent.get and im.recent.list, without what no rule here is about. */
export interface Row {
  id: number | string;
  chat_id: number;
  type: string;
  title: string;
  counter: number;
  last_id: number;
  unread: boolean;
  pinned: boolean;
  muted: boolean;
  message: { id: number; text: string; author_id: number; status: string; uuid: string | null; date: string };
  /** The partner, or the author of the last message. */
  user: number;
  date_update: string;
  date_last_activity: string;
  group: { owner: number; role: string; user_counter: number; manager_list: number[]; color: string; can_post: string; may_post: boolean } | null;
}

export interface Card {
  dialog_id: string;
  name: string;
  counter: number;
  last_id: number;
  last_message_id: number;
  unread_id: number;
  message_count: number;
  user_counter: number;
  muted: boolean;
  role: string;
}

export interface Counters {
  TYPE: { ALL: number; NOTIFY: number; CHAT: number; LINES: number; DIALOG: number; MESSENGER: number };
  CHAT: Record<string, number>;
  CHAT_MUTED: Record<string, number>;
  CHAT_UNREAD: number[];
  LINES: Record<string, number>;
  DIALOG: Record<string, number>;
  DIALOG_UNREAD: number[];
  CHANNEL_COMMENT: Record<string, Record<string, number>>;
}

export interface Listed {
  chat: Chat;
  member: Member;
  row: Row;
}

/** The rows of a user's list in order: pinned first, then the last message's date, then the chat, all descending. */
export function listOf(model: Model, userId: number): Listed[] {
  const listed: Listed[] = [];
  for (const chat of model.chats.values()) {
    const member = chat.members.get(userId);
    if (member && isListed(model, chat, member)) listed.push({ chat, member, row: rowOf(model, chat, member) });
  }
  return listed.sort(
    (a, b) => Number(b.member.pinned) - Number(a.member.pinned) || b.chat.lastAt - a.chat.lastAt || b.chat.id - a.chat.id,
  );
}

export function rowOf(model: Model, chat: Chat, member: Member): Row {
  const isDialog = chat.type === 'P';
  const partner = partnerOf(chat, member.user);
  const message = messageOf(chat, member);
  return {
    id: isDialog ? partner : `chat${chat.id}`,
    chat_id: chat.id,
    type: isDialog ? 'user' : 'chat',
    title: isDialog ? model.user(partner).name : chat.title,
    counter: unreadOf(chat, member).length,
    last_id: lastRead(chat, member),
    unread: member.marked,
    pinned: member.pinned,
    muted: member.muted,
    message,
    user: isDialog ? partner : message.author_id,
    date_update: atom(member.changedAt),
    date_last_activity: atom(chat.lastAt),
    group: isDialog ? null : groupOf(chat, member),
  };
}

/** What was written before the member's part of the history is not theirs to see. */
function messageOf(chat: Chat, member: Member): Row['message'] {
  const last = newest(chat);
  const date = atom(chat.lastAt);
  if (!last || last.id < member.startsAt) return { id: 0, text: '', author_id: 0, status: 'received', uuid: null, date };
  const status = last.seen ? 'delivered' : 'received';
  return { id: last.id, text: normalText(last.text), author_id: last.author, status, uuid: last.uuid, date };
}

/** Who is named in an invitation, and in which order, is no rule: only how many they are. */
export function normalText(text: string): string {
  const [, actor, names] = /^(.*) invited (.*) to the chat$/.exec(text) ?? [];
  if (names === undefined) return text;
  const more = Number(/ and (\d+) more$/.exec(names)?.[1] ?? 0);
  return `${actor} invited ${names.split(', ').length + more} to the chat`;
}

function groupOf(chat: Chat, member: Member): NonNullable<Row['group']> {
  const { owner, managers } = chat;
  return {
    owner, role: member.role.toUpperCase(), user_counter: chat.members.size, manager_list: managers,
    color: COLORS[chat.color], can_post: neededFor(chat, 'post'), may_post: hasRight(chat, member, 'post'),
  };
}

/** The badge: what the rows of the list say, added up, and unread notifications. A mark counts as one where nothing else is unread. */
export function countersOf(rows: readonly Row[], notices: number, comments: Counters['CHANNEL_COMMENT'] = {}): Counters {
  const counters: Counters = {
    TYPE: { ALL: notices, NOTIFY: notices, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 },
    CHAT: {}, CHAT_MUTED: {}, CHAT_UNREAD: [], LINES: {}, DIALOG: {}, DIALOG_UNREAD: [], CHANNEL_COMMENT: comments,
  };
  const unread = Object.values(comments).flatMap((threads) => Object.values(threads)).reduce((sum, count) => sum + count, 0);
  counters.TYPE.ALL += unread;
  counters.TYPE.MESSENGER += unread;
  for (const row of rows) {
    const dialog = row.type === 'user';
    if (row.counter > 0 && row.muted) counters.CHAT_MUTED[row.chat_id] = row.counter;
    else if (row.counter > 0 && dialog) counters.DIALOG[row.id] = row.counter;
    else if (row.counter > 0) counters.CHAT[row.chat_id] = row.counter;
    if (row.unread && dialog) counters.DIALOG_UNREAD.push(Number(row.id));
    else if (row.unread) counters.CHAT_UNREAD.push(row.chat_id);
    if (row.muted) continue;
    const share = row.counter > 0 ? row.counter : Number(row.unread);
    counters.TYPE[dialog ? 'DIALOG' : 'CHAT'] += share;
    counters.TYPE.ALL += share;
    counters.TYPE.MESSENGER += share;
  }
  return counters;
}

export function cardOf(model: Model, chat: Chat, member: Member): Card {
  const unread = unreadOf(chat, member);
  const row = rowOf(model, chat, member);
  return {
    dialog_id: String(row.id),
    name: row.title,
    counter: unread.length,
    last_id: row.last_id,
    last_message_id: newest(chat)?.id ?? 0,
    unread_id: unread[0]?.id ?? 0,
    message_count: chat.messages.length,
    user_counter: chat.members.size,
    muted: member.muted,
    role: member.role,
  };
}

/** ISO 8601 with the offset of the portal's zone, which is UTC here. */
export function atom(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
