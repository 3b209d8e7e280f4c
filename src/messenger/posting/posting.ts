import { type ChatRow, findPrivateChat, insertPrivateChat, lockChat, pairKey, recordPosted } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { insertMembers, type NewMember, recordAuthored } from '../../db/stores/member-store.ts';
import type { Written } from '../../db/stores/post-store.ts';
import { insertMessage } from '../../db/stores/message-store.ts';
import { ROLE } from '../access/rights.ts';
import { happened } from '../happenings.ts';
import type { Messenger } from '../messenger.ts';

/** What a message carries besides its text, as clients see it in `params`. */
export interface MessageParams {
  [name: string]: unknown;
}

export interface Post {
  /** 0 for a system message of a group chat. */
  authorId: number;
  /** Whose action this is: they have read the chat up to it. 0 for nobody's. */
  actorId: number;
  text: string;
  params?: MessageParams;
  system?: boolean;
  /** False for lines that must not raise anybody's counter. */
  counts?: boolean;
  uuid?: string | undefined;
}

/**
 * Puts a message into a chat: the message, the chat's row, the row of whoever acts, however many members there are. The
 * caller holds the chat's lock; `chat` is brought up to date, so several posts may follow one another.
 */
export async function post(s: WriteSession, m: Messenger, chat: ChatRow, message: Post): Promise<number> {
  const counts = message.counts ?? true;
  const at = m.stamp(chat.bumped_at);
  const countSeq = chat.count_seq + (counts ? 1 : 0);
  const { senderId, authorId, text, params, system, uuid } = writtenOf(message);
  const inserted = insertMessage(s, {
    chat_id: chat.id,
    author_id: authorId,
    sender_id: senderId,
    text,
    params,
    created_at: at,
    count_seq: countSeq,
    counts: counts ? 1 : 0,
    system,
    seen: 0,
    deleted: 0,
    uuid,
  });
  // In this order, but without waiting for one before the next is sent.
  const [id] = await Promise.all([
    inserted,
    recordPosted(s, { id: chat.id, countSeq, at }),
    message.actorId > 0 && recordAuthored(s, { userId: message.actorId, chatId: chat.id, countSeq, at }),
  ]);
  happened(s, m, 'message.added', message.actorId, { chatId: chat.id, subjectId: id });
  Object.assign(chat, { count_seq: countSeq, top_message_id: id, last_message_id: id, last_message_at: at, bumped_at: at });
  return id;
}

/** What of a post is stored with the message, wherever it goes. */
export function writtenOf({ actorId, authorId, text, params, system, uuid }: Post): Written {
  return {
    senderId: actorId,
    authorId,
    text,
    params: params && Object.keys(params).length > 0 ? JSON.stringify(params) : '',
    system: system ? 1 : 0,
    uuid: uuid ?? null,
  };
}

/** Whether a message says something without a text. */
export function hasContent(params: MessageParams): boolean {
  return 'ATTACH' in params || 'FILE_ID' in params || 'STICKER_ID' in params;
}

/** A member's row that has read everything so far. */
export function newMember(chat: ChatRow, userId: number, role: number, at: number): NewMember {
  return {
    user_id: userId,
    chat_id: chat.id,
    peer_id: 0,
    type: chat.type,
    role,
    muted: 0,
    pinned: 0,
    unread: 0,
    last_id: chat.last_message_id,
    read_count_seq: chat.count_seq,
    own_seq: 0,
    viewed_id: chat.last_message_id,
    start_id: 0,
    hidden_to: 0,
    sort_at: chat.wide || chat.last_message_id === 0 ? 0 : chat.last_message_at,
    updated_at: at,
    has_unread: 0,
    wide: chat.wide,
    joined_at: at,
    left_at: 0,
  };
}

/** A chat's row before anything has happened in it. */
export function emptyChat(at: number): Omit<ChatRow, 'id' | 'type' | 'rev' | 'rev_seen' | 'warm'> {
  return {
    title: '',
    description: '',
    owner_id: 0,
    color: '',
    avatar: '',
    entity_type: '',
    entity_id: '',
    entity_data_1: '',
    entity_data_2: '',
    entity_data_3: '',
    parent_chat_id: 0,
    parent_message_id: 0,
    pair_key: null,
    manager_ids: '[]',
    permissions: '',
    extranet: 0,
    member_count: 0,
    message_count: 0,
    count_seq: 0,
    gone_seq: 0,
    top_message_id: 0,
    last_message_id: 0,
    last_message_at: 0,
    bumped_at: at,
    wide: 0,
    created_at: at,
  };
}

/** The private dialog of two users, locked; made when it does not exist. It shows in no list until it has a message. */
export async function privateChat(s: WriteSession, m: Messenger, userId: number, peerId: number): Promise<ChatRow> {
  const existing = await findPrivateChat(s, userId, peerId);
  if (existing) return (await lockChat(s, existing.id))!;
  const at = m.stamp();
  const pair = userId === peerId ? [userId] : [userId, peerId];
  const chat = await insertPrivateChat(s, {
    ...emptyChat(at),
    type: 'P',
    owner_id: userId,
    pair_key: pairKey(userId, peerId),
    member_count: pair.length,
  });
  if (!chat) return privateChat(s, m, userId, peerId);
  const rows = pair.map((id) => ({ ...newMember(chat, id, ROLE.member, at), peer_id: id === userId ? peerId : userId }));
  await insertMembers(s, rows);
  return chat;
}
