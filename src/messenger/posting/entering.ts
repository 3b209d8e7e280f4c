/**
 * Whoever writes into a chat enters it first: it is found and kept from others, made where two people have not talked yet,
 * joined where it is open. Comments are entered through their channel.
 */
import { type ChatRow, findChat, lockChat, recordBump } from '../../db/stores/chat-store.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import { findMember, type MemberRow } from '../../db/stores/member-store.ts';
import { touchSubscribers } from '../../db/stores/thread-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, lockDialog, openDialog } from '../access/dialogs.ts';
import { canPost, isOpen } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import { mentionedUserIds } from '../views/markup.ts';
import type { Messenger } from '../messenger.ts';
import { joinByWriting } from './joining.ts';
import { post, type Post, privateChat } from './posting.ts';
import { subscribe } from './subscribing.ts';

export type EntryRefusal = 'unknown_user' | 'no_chat' | 'not_allowed';

/** A chat that was entered, locked; `member` is one's side of it, where there is one already. */
export interface Entry {
  chat: ChatRow;
  member: MemberRow | undefined;
  /** Of comments: the channel, locked too. */
  channel?: ChatRow;
}

/** `is_thread`, and nothing done, for comments: their channel is to be locked before them. */
export async function enterChat(s: WriteSession, m: Messenger, sender: Viewer, ref: DialogRef): Promise<Outcome<Entry, EntryRefusal | 'is_thread'>> {
  const dialog = await lockDialog(s, sender, ref);
  if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return refused(await whyClosed(s, ref));
  if (dialog.chat?.type === 'T') return refused('is_thread');
  const chat = dialog.chat ?? (await privateChat(s, m, sender.userId, ref.id));
  return done({ chat, member: dialog.member });
}

/** Comments with their channel. The post may have been deleted meanwhile. */
export async function enterThread(s: WriteSession, threadId: number): Promise<Outcome<Entry & { channel: ChatRow }, 'not_allowed'>> {
  const before = await findChat(s, threadId);
  const channel = before && (await lockChat(s, before.parent_chat_id));
  const thread = channel && (await lockChat(s, threadId));
  return channel && thread?.parent_chat_id === channel.id ? done({ chat: thread, member: undefined, channel }) : refused('not_allowed');
}

/** What of somebody's side of a chat says which of its messages they may see. */
export type Side = Pick<MemberRow, 'chat_id' | 'start_id'>;

/** One's place in a chat that was entered, which one may have joined by this. Undefined where one may not write. */
export async function placeToWrite(s: WriteSession, m: Messenger, sender: Viewer, { chat, member, channel }: Entry): Promise<Side | undefined> {
  const open = channel ?? chat;
  const place = member ?? (await findMember(s, sender.userId, open.id)) ?? (await joinByWriting(s, m, open, sender));
  if (!place || !canPost(chat, place.role)) return undefined;
  if (!channel) return place;
  return place.start_id > chat.parent_message_id ? undefined : { chat_id: chat.id, start_id: 0 };
}

/**
 * Posts into a chat that was entered. Who comments is subscribed, with whomever they mention; the channel's row of all who
 * are subscribed counts as changed.
 */
export async function postInto(s: WriteSession, m: Messenger, sender: Viewer, { chat, channel }: Entry, message: Post): Promise<number> {
  if (channel) {
    await subscribe(s, m, chat, [sender.userId, ...mentionedUserIds(message.text)]);
    if (chat.wide === 1) await recordBump(s, channel, m.stamp);
    else await touchSubscribers(s, channel.id, chat.id, m.stamp(channel.bumped_at));
  }
  return post(s, m, chat, message);
}

/** Enters whatever chat it is, to write into it. */
export async function enterToWrite(s: WriteSession, m: Messenger, sender: Viewer, ref: DialogRef): Promise<Outcome<Entry, EntryRefusal>> {
  // The kind of a chat never changes.
  const isThread = ref.kind === 'chat' && (await findChat(s, ref.id))?.type === 'T';
  const entry = isThread ? await enterThread(s, ref.id) : await enterChat(s, m, sender, ref);
  if (!entry.ok) return refused(entry.reason === 'is_thread' ? 'not_allowed' : entry.reason);
  return (await placeToWrite(s, m, sender, entry.value)) ? entry : refused('not_allowed');
}

/** Why one could not enter a chat and write into it, as it is now; undefined for nothing. For whoever has much to do before. */
export async function whatBars(s: Session, sender: Viewer, ref: DialogRef): Promise<EntryRefusal | undefined> {
  const dialog = await openDialog(s, sender, ref);
  if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return whyClosed(s, ref);
  const { chat, member } = dialog;
  if (!chat || chat.type === 'T' || (!member && (chat.type === 'P' || isOpen(chat.type)))) return undefined;
  return member && canPost(chat, member.role) ? undefined : 'not_allowed';
}

/** Why somebody cannot write into a dialog: it does not exist, or it is closed to them. */
async function whyClosed(s: Session, ref: DialogRef): Promise<EntryRefusal> {
  if (ref.kind === 'user') return (await findUser(s, ref.id)) ? 'not_allowed' : 'unknown_user';
  return ref.kind === 'chat' && (await findChat(s, ref.id)) ? 'not_allowed' : 'no_chat';
}
