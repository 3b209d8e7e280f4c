/** Brings the server's answers to the shape of view.ts. */
import { type Card, type Counters, normalText, type Row } from './view.ts';

/** A row as it comes over the wire; only what is looked at. */
export interface WireRow {
  id: number | string;
  chat_id: number;
  type: string;
  title: string;
  counter: number;
  last_id: number;
  unread: boolean;
  pinned: boolean;
  message: { id: number; text: string; author_id: number; status: string; uuid: string | null; date: string };
  date_update: string;
  date_last_activity: string;
  chat: { mute_list: [] | Record<string, true>; owner?: number; role?: string; user_counter?: number; manager_list?: number[]; color?: string; permissions?: { can_post: string }; text_field_enabled: boolean };
  user: { id: number; last_activity_date?: string | false };
}

type WireCard = Omit<Card, 'muted'> & { mute_list: number[] };
/** An empty map comes as an empty list. */
type PhpMap = [] | Record<string, number>;
export type WireCounters = Omit<Counters, MapName | 'CHANNEL_COMMENT'> & Record<MapName, PhpMap> & { CHANNEL_COMMENT: [] | Counters['CHANNEL_COMMENT'] };
type MapName = 'CHAT' | 'CHAT_MUTED' | 'LINES' | 'DIALOG';

export function toRow(wire: WireRow): Row {
  const { id, chat_id, type, title, counter, last_id, unread, pinned, date_update, date_last_activity, chat } = wire;
  const { id: messageId, author_id, status, uuid, date } = wire.message;
  return {
    id, chat_id, type, title, counter, last_id, unread, pinned,
    muted: !Array.isArray(chat.mute_list),
    message: { id: messageId, text: normalText(wire.message.text), author_id, status, uuid, date },
    user: wire.user.id,
    date_update,
    date_last_activity,
    group: type === 'user' ? null : groupOf(chat),
  };
}

function groupOf(chat: WireRow['chat']): Row['group'] {
  const { owner = 0, role = '', user_counter = 0, manager_list = [], color = '', permissions, text_field_enabled: may_post } = chat;
  return { owner, role, user_counter, manager_list, color, can_post: permissions?.can_post ?? '', may_post };
}

export function toCard(wire: WireCard): Card {
  const { dialog_id, name, counter, last_id, last_message_id, unread_id, message_count, user_counter, role } = wire;
  return {
    dialog_id, name, counter, last_id, last_message_id, unread_id, message_count, user_counter,
    muted: wire.mute_list.length > 0,
    role,
  };
}

export function toCounters(wire: WireCounters): Counters {
  const map = (value: PhpMap) => (Array.isArray(value) ? {} : value);
  return {
    ...wire,
    CHAT: map(wire.CHAT),
    CHAT_MUTED: map(wire.CHAT_MUTED),
    LINES: map(wire.LINES),
    DIALOG: map(wire.DIALOG),
    CHANNEL_COMMENT: Array.isArray(wire.CHANNEL_COMMENT) ? {} : wire.CHANNEL_COMMENT,
  };
}

/** The lists of marked chats have no order. */
export function sorted(counters: Counters): Counters {
  const ascending = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
  return { ...counters, CHAT_UNREAD: ascending(counters.CHAT_UNREAD), DIALOG_UNREAD: ascending(counters.DIALOG_UNREAD) };
}

/** When somebody was last active is noted apart from the calls, so it may move between two answers. */
export function withoutPresence(wire: WireRow): WireRow {
  return { ...wire, user: { ...wire.user, last_activity_date: false } };
}
