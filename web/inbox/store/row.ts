/** A row of the list: what of `im.recent.list` the page shows, small enough that fifty thousand fit. */
import type { UserView } from './people.ts';

export type Kind = 'user' | 'group' | 'channel' | 'lines';

export interface Row {
  /** DIALOG_ID: `42` or `chat7`. */
  id: string;
  chatId: number;
  kind: Kind;
  title: string;
  avatar: string;
  color: string;
  counter: number;
  /** Last message that was read. */
  lastId: number;
  pinned: boolean;
  /** Marked as unread by hand. */
  unread: boolean;
  muted: boolean;
  reminder: boolean;
  /** Whether the chat may be muted. */
  mayMute: boolean;
  /** When something last happened, milliseconds. */
  at: number;
  /** 0 for none. */
  messageId: number;
  text: string;
  /** 0 for the system. */
  author: number;
  hasFile: boolean;
  /** Whether somebody else has read it. */
  seen: boolean;
}

/** What is used of an item of `im.recent.list`. */
export interface RecentItem {
  id: number | string;
  chat_id: number;
  type: 'user' | 'chat';
  avatar: { url: string; color: string };
  title: string;
  message: { id: number; text: string; file: boolean; author_id: number; status: string };
  counter: number;
  last_id: number;
  pinned: boolean;
  unread: boolean;
  has_reminder: boolean;
  date_last_activity: string;
  chat: { type?: string; mute_list: [] | Record<string, true>; restrictions?: { mute: boolean } };
  user: UserView | { id: 0 };
}

export function rowOfItem(item: RecentItem): Row {
  const { message, chat } = item;
  return {
    id: String(item.id),
    chatId: item.chat_id,
    kind: kindOf(item),
    title: item.title,
    avatar: item.avatar.url,
    color: item.avatar.color,
    counter: item.counter,
    lastId: item.last_id,
    pinned: item.pinned,
    unread: item.unread,
    muted: !Array.isArray(chat.mute_list),
    reminder: item.has_reminder,
    mayMute: chat.restrictions?.mute ?? true,
    at: Date.parse(item.date_last_activity),
    messageId: message.id,
    text: message.text,
    author: message.author_id,
    hasFile: message.file,
    seen: message.status === 'delivered',
  };
}

function kindOf({ type, chat }: RecentItem): Kind {
  if (type === 'user') return 'user';
  const name = chat.type ?? '';
  if (name === 'lines') return 'lines';
  return /channel/i.test(name) ? 'channel' : 'group';
}

/** The server's order: pinned first, then by the last message, the newest first. */
export function inOrder(a: Row, b: Row): number {
  return Number(b.pinned) - Number(a.pinned) || b.at - a.at || b.messageId - a.messageId || b.chatId - a.chatId;
}

/** Whether two rows look the same. */
export function isSameRow(a: Row, b: Row): boolean {
  return (Object.keys(b) as Array<keyof Row>).every((key) => a[key] === b[key]);
}
