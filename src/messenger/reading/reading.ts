import type { WriteSession } from '../../db/database.ts';
import { lockChat, recordBump } from '../../db/stores/chat-store.ts';
import { type MemberRow, readChats, updateMember } from '../../db/stores/member-store.ts';
import { markSeen, type MessageRow, newestMessageUpTo, unseenMessages } from '../../db/stores/message-store.ts';
import { membershipRow, RECENT_CHUNK } from '../../db/stores/recent-store.ts';
import { unreadAfter } from '../../db/stores/unread-store.ts';
import { dialogIdOf, type DialogRef, openDialog } from '../access/dialogs.ts';
import { lockOwnSide, readWhole } from '../access/own-side.ts';
import type { Viewer } from '../access/viewer.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { ReadResult } from '../views/dialog-view.ts';
import type { Messenger } from '../messenger.ts';

/** Reads up to a message, or the whole chat. Also takes the unread mark away. */
export function readDialog(
  m: Messenger,
  viewer: Viewer,
  ref: DialogRef,
  messageId: number | undefined,
): Promise<Outcome<ReadResult, 'no_dialog'>> {
  return m.db.write(async (s) => {
    const reached = messageId === undefined ? undefined : await seeUpTo(s, m, viewer, ref, messageId);
    const locked = await lockOwnSide(s, viewer, ref);
    if (!locked) return refused('no_dialog');
    const { chat, member } = locked;
    if (messageId === undefined) await readWhole(s, chat, member, m.stamp());
    else await readUpTo(s, member, reached, m.stamp());
    const row = (await membershipRow(s, member.user_id, chat.id))!;
    await updateMember(s, member.user_id, chat.id, { has_unread: row.counter > 0 ? 1 : 0 });
    return done({ dialogId: dialogIdOf(row), chatId: chat.id, lastId: row.last_id, counter: row.counter });
  });
}

/** Marks what the user has seen with this. Messages are locked before members are. Gives the newest message it reaches. */
async function seeUpTo(s: WriteSession, m: Messenger, viewer: Viewer, ref: DialogRef, messageId: number): Promise<MessageRow | undefined> {
  const { chat, member } = (await openDialog(s, viewer, ref)) ?? {};
  if (!chat || !member) return undefined;
  const target = await newestMessageUpTo(s, chat.id, messageId);
  if (!target || target.id < member.start_id) return undefined;
  await see(s, m, chat.id, await unseenMessages(s, chat.id, viewer.userId, seenBefore(member), target.id));
  return target;
}

/** The last message that the user has seen before. */
function seenBefore({ viewed_id, start_id }: MemberRow): number {
  return Math.max(viewed_id, start_id - 1);
}

/** Everybody's row says whether the chat's last message has been seen. */
async function see(s: WriteSession, m: Messenger, chatId: number, messageIds: readonly number[]): Promise<void> {
  if (messageIds.length === 0) return;
  const chat = (await lockChat(s, chatId))!;
  await markSeen(s, messageIds);
  if (!messageIds.includes(chat.last_message_id)) return;
  await recordBump(s, chat, m.stamp);
}

async function readUpTo(s: WriteSession, member: MemberRow, reached: MessageRow | undefined, at: number): Promise<void> {
  const before = seenBefore(member);
  const seenFrom = reached && reached.id > before ? before + 1 : 0;
  await updateMember(s, member.user_id, member.chat_id, {
    last_id: Math.max(member.last_id, reached?.id ?? 0),
    read_count_seq: Math.max(member.read_count_seq, reached?.count_seq ?? 0),
    viewed_id: Math.max(member.viewed_id, reached?.id ?? 0),
    unread: 0,
    updated_at: at,
  }, seenFrom);
}

/** Makes a message and all later ones unread again; what was unread before it stays unread. */
export function unreadFrom(m: Messenger, viewer: Viewer, ref: DialogRef, messageId: number): Promise<boolean> {
  return m.db.write(async (s) => {
    const locked = await lockOwnSide(s, viewer, ref);
    if (!locked) return false;
    const { chat, member } = locked;
    const before = await newestMessageUpTo(s, chat.id, Math.max(messageId, member.start_id) - 1);
    await updateMember(s, viewer.userId, chat.id, {
      last_id: Math.min(member.last_id, before?.id ?? 0),
      read_count_seq: Math.min(member.read_count_seq, before?.count_seq ?? 0),
      own_seq: chat.count_seq,
      has_unread: 1,
      updated_at: m.stamp(),
    });
    return true;
  });
}

/**
 * Reads everything but open lines and takes all marks away, a part of the chats at a time: nobody else waits for all of
 * it, and each part has the instant at which it is done. Its work grows with what is unread, not with the chats.
 */
export async function readEverything(m: Messenger, userId: number): Promise<void> {
  // What is folded meanwhile is no longer live, but in the index.
  for (const live of [true, false]) {
    for (let from: number | undefined = 0; from !== undefined; ) {
      const after: number = from;
      from = await m.db.write((s) => {
        // First of all: what is written meanwhile is newer than it.
        if (live && after === 0) s.changes.member(userId, 0, 'readAll');
        return readSome(s, userId, live, after, m.stamp());
      });
    }
  }
}

/** Reads the next chats after one; gives the last of them, or undefined at the end. */
async function readSome(s: WriteSession, userId: number, live: boolean, after: number, at: number): Promise<number | undefined> {
  const rows = await unreadAfter(s, userId, live, after);
  const ids = rows.filter((row) => row.type !== 'L' && (row.counter > 0 || row.unread === 1)).map((row) => row.chat_id);
  if (ids.length > 0) await readChats(s, userId, ids, at);
  return rows.length < RECENT_CHUNK ? undefined : rows.at(-1)?.chat_id;
}
