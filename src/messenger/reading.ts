import { type ChatRow, findChat } from '../db/chat-store.ts';
import type { WriteSession } from '../db/database.ts';
import { lockMember, type MemberRow, readChats, updateMember } from '../db/member-store.ts';
import { markSeen, newestMessageUpTo } from '../db/message-store.ts';
import { membershipRow, unreadChats } from '../db/recent-store.ts';
import { dialogIdOf, type DialogRef, openDialog } from './dialogs.ts';
import { breathe, done, type Messenger, type Outcome, refused } from './messenger.ts';

export interface ReadResult {
  dialogId: number | string;
  chatId: number;
  lastId: number;
  counter: number;
}

/** Reads up to a message, or the whole chat. Also takes the unread mark away. */
export function readDialog(
  m: Messenger,
  userId: number,
  ref: DialogRef,
  messageId: number | undefined,
): Promise<Outcome<ReadResult, 'no_dialog'>> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, userId, ref);
    if (!locked) return refused('no_dialog');
    const { chat, member } = locked;
    if (messageId === undefined) await readWhole(s, chat, member, m.clock.now());
    else await readUpTo(s, chat, member, messageId, m.clock.now());
    const row = (await membershipRow(s, userId, chat.id))!;
    await updateMember(s, userId, chat.id, { has_unread: row.counter > 0 ? 1 : 0 });
    return done({ dialogId: dialogIdOf(row), chatId: chat.id, lastId: row.last_id, counter: row.counter });
  });
}

/** The user's own row of a dialog, kept from other writers; what others do to the chat meanwhile stays visible. */
export async function lockOwnSide(
  s: WriteSession,
  userId: number,
  ref: DialogRef,
): Promise<{ chat: ChatRow; member: MemberRow } | undefined> {
  const dialog = await openDialog(s, userId, ref);
  if (!dialog?.chat) return undefined;
  const member = await lockMember(s, userId, dialog.chat.id);
  const chat = member && (await findChat(s, dialog.chat.id));
  return chat && { chat, member };
}

export async function readWhole(s: WriteSession, chat: ChatRow, member: MemberRow, at: number): Promise<void> {
  await updateMember(s, member.user_id, chat.id, {
    last_id: Math.max(member.last_id, chat.last_message_id),
    read_count_seq: Math.max(member.read_count_seq, chat.count_seq),
    own_seq: 0,
    unread: 0,
    has_unread: 0,
    updated_at: at,
  });
}

async function readUpTo(s: WriteSession, chat: ChatRow, member: MemberRow, messageId: number, at: number): Promise<void> {
  const target = await newestMessageUpTo(s, chat.id, messageId);
  const reached = target && target.id >= member.start_id ? target : undefined;
  await updateMember(s, member.user_id, chat.id, {
    last_id: Math.max(member.last_id, reached?.id ?? 0),
    read_count_seq: Math.max(member.read_count_seq, reached?.count_seq ?? 0),
    viewed_id: Math.max(member.viewed_id, reached?.id ?? 0),
    unread: 0,
    updated_at: at,
  });
  if (!reached) return;
  const after = Math.max(member.viewed_id, member.start_id - 1);
  const changed = await markSeen(s, chat.id, member.user_id, after, reached.id);
  if (changed) s.touched.chats.add(chat.id);
}

/** Makes a message and all later ones unread again; what was unread before it stays unread. */
export function unreadFrom(m: Messenger, userId: number, ref: DialogRef, messageId: number): Promise<boolean> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, userId, ref);
    if (!locked) return false;
    const { chat, member } = locked;
    const before = await newestMessageUpTo(s, chat.id, Math.max(messageId, member.start_id) - 1);
    await updateMember(s, userId, chat.id, {
      last_id: Math.min(member.last_id, before?.id ?? 0),
      read_count_seq: Math.min(member.read_count_seq, before?.count_seq ?? 0),
      own_seq: chat.count_seq,
      has_unread: 1,
      updated_at: m.clock.now(),
    });
    return true;
  });
}

/** Reads everything but open lines and takes all marks away. Its work grows with what is unread, not with the chats. */
export function readEverything(m: Messenger, userId: number): Promise<void> {
  return m.db.write(async (s) => {
    for await (const chunk of unreadChats(s, userId)) {
      const ids = chunk.filter((row) => row.type !== 'L' && (row.counter > 0 || row.unread === 1)).map((row) => row.chat_id);
      if (ids.length > 0) await readChats(s, userId, ids, m.clock.now());
      await breathe();
    }
  });
}
