import type { KnownPlace } from '../../db/known-places.ts';
import { type ChatRow, findChat, lockChat, recordBump } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMember, type MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, findSentMessageId } from '../../db/stores/message-store.ts';
import { touchSubscribers } from '../../db/stores/thread-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, lockDialog, openMembership } from '../access/dialogs.ts';
import { canPost } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { forwardable } from '../posting/forwarding.ts';
import { joinByWriting } from '../posting/joining.ts';
import { type MessageParams, type Post, post, privateChat, writtenOf } from '../posting/posting.ts';
import { subscribe } from '../posting/subscribing.ts';
import { mayHaveLink } from '../views/links.ts';
import { mentionedUserIds, storedText } from '../views/markup.ts';

export interface Send {
  dialog: DialogRef;
  text: string;
  params: MessageParams;
  system: boolean;
  replyId?: number | undefined;
  /** A message that is sent on, in the place of text and params. */
  forwardId?: number | undefined;
  /** Lower-case UUID v4. A second send with it, by the same user into the same chat, returns the first message's id and changes nothing. */
  uuid?: string | undefined;
}

export type SendRefusal = 'empty' | 'unknown_user' | 'no_chat' | 'not_allowed' | 'reply_no_access' | 'reply_other_chat' | 'forward_no_access';

/** Sends a message. In an open chat the sender becomes a member by writing. */
export async function sendMessage(m: Messenger, sender: Viewer, send: Send): Promise<Outcome<number, SendRefusal>> {
  const text = storedText(send.text);
  const sent = await sendText(m, sender, send, text);
  if (sent.ok && mayHaveLink(text)) for (const tell of m.linked) tell(sent.value);
  return sent;
}

async function sendText(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal>> {
  if (text === '' && !hasContent(send.params) && send.forwardId === undefined) return refused('empty');
  const id = m.postings.opens() ? await sendAtOnce(m, sender, send, text) : undefined;
  if (id !== undefined) return done(id);
  const decided = await decideAndSend(m, sender, send, text);
  if (decided.ok) return decided;
  return decided.reason === 'is_thread' ? sendComment(m, sender, send, text) : refused(decided.reason);
}

/**
 * Lets a message in by what was last known of its chat and its sender, of which the store then makes sure. Undefined, and nothing
 * sent, where that is not so any more, or where more has to be decided: whoever joins by writing, replies, sends something on, meets a guest.
 */
async function sendAtOnce(m: Messenger, sender: Viewer, send: Send, text: string): Promise<number | undefined> {
  const { kind, id } = send.dialog;
  if (send.replyId !== undefined || send.forwardId !== undefined || kind === 'group') return undefined;
  const place = await m.places.find(sender.userId, kind, id);
  if (!place || place.type === 'T' || meetsGuest(place, sender)) return undefined;
  const posting = { ...place, ...writtenOf(postOf(send, text, sender.userId, place)), hops: m.hops, via: m.via };
  const sent = canPost(place, place.role) ? await m.postings.add(posting) : undefined;
  if (sent === undefined) m.places.forget(sender.userId, kind, id);
  return sent;
}

function meetsGuest({ type, met }: KnownPlace, { insider }: Viewer): boolean {
  return type === 'P' && (!insider || met === 0);
}

function postOf(send: Send, text: string, senderId: number, chat: { type: string }): Post {
  const params = send.replyId ? { ...send.params, REPLY_ID: send.replyId } : send.params;
  const authorId = send.system && chat.type !== 'P' ? 0 : senderId;
  return { authorId, actorId: senderId, text, params, system: send.system, uuid: send.uuid };
}

/** Decides under the chat's lock. */
function decideAndSend(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal | 'is_thread'>> {
  const { userId: senderId } = sender;
  return m.db.write(async (s) => {
    const dialog = await lockDialog(s, sender, send.dialog);
    if (!dialog || (send.dialog.kind !== 'user' && !dialog.chat)) return refused(await whyClosed(s, send.dialog));
    // The channel is to be locked before its comments.
    if (dialog.chat?.type === 'T') return refused('is_thread');
    const chat = dialog.chat ?? (await privateChat(s, m, senderId, send.dialog.id));
    // Under the chat's lock: of the same send come twice at once, the second finds the first.
    const known = send.uuid && (await findSentMessageId(s, { senderId, chatId: chat.id, uuid: send.uuid }));
    if (known) return done(known);
    const member = dialog.member ?? (await findMember(s, senderId, chat.id)) ?? (await joinByWriting(s, m, chat, sender));
    if (!member || !canPost(chat, member.role)) return refused('not_allowed');
    const message = await composed(s, sender, send, text, chat, member);
    return message.ok ? done(await post(s, m, chat, message.value)) : message;
  });
}

/** What is to be posted, where what it answers or sends on is the sender's to see. */
async function composed(s: WriteSession, sender: Viewer, send: Send, text: string, chat: ChatRow, side: Side): Promise<Outcome<Post, SendRefusal>> {
  const reply = await checkReply(s, sender, side, send.replyId);
  if (reply) return refused(reply);
  if (send.forwardId === undefined) return done(postOf(send, text, sender.userId, chat));
  const forwarded = await forwardable(s, sender, send.forwardId);
  return forwarded ? done(postOf({ ...send, params: forwarded.params }, forwarded.text, sender.userId, chat)) : refused('forward_no_access');
}

/**
 * The same into a thread of comments: whoever is in the channel, or joins it by this, may write, and is subscribed with
 * whomever they mention. The channel's row of all who are subscribed counts as changed.
 */
function sendComment(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal>> {
  const { userId: senderId } = sender;
  return m.db.write(async (s) => {
    const before = await findChat(s, send.dialog.id);
    const channel = before && (await lockChat(s, before.parent_chat_id));
    const thread = channel && (await lockChat(s, send.dialog.id));
    // The post may have been deleted meanwhile.
    if (!channel || thread?.parent_chat_id !== channel.id) return refused('not_allowed');
    const known = send.uuid && (await findSentMessageId(s, { senderId, chatId: thread.id, uuid: send.uuid }));
    if (known) return done(known);
    const member = (await findMember(s, senderId, channel.id)) ?? (await joinByWriting(s, m, channel, sender));
    if (!member || member.start_id > thread.parent_message_id || !canPost(thread, member.role)) return refused('not_allowed');
    const message = await composed(s, sender, send, text, thread, { chat_id: thread.id, start_id: 0 });
    if (!message.ok) return message;
    await subscribe(s, m, thread, [senderId, ...mentionedUserIds(message.value.text)]);
    if (thread.wide === 1) await recordBump(s, channel, m.stamp);
    else await touchSubscribers(s, channel.id, thread.id, m.stamp(channel.bumped_at));
    return done(await post(s, m, thread, message.value));
  });
}

/** What of somebody's side of a chat says which of its messages they may see. */
type Side = Pick<MemberRow, 'chat_id' | 'start_id'>;

/** Why somebody cannot write into a dialog: it does not exist, or it is closed to them. */
async function whyClosed(s: WriteSession, ref: DialogRef): Promise<SendRefusal> {
  if (ref.kind === 'user') return (await findUser(s, ref.id)) ? 'not_allowed' : 'unknown_user';
  return ref.kind === 'chat' && (await findChat(s, ref.id)) ? 'not_allowed' : 'no_chat';
}

async function checkReply(s: WriteSession, sender: Viewer, member: Side, replyId: number | undefined): Promise<SendRefusal | undefined> {
  if (replyId === undefined) return undefined;
  const message = await findMessage(s, replyId);
  if (!message || message.deleted === 1) return 'reply_no_access';
  if (message.chat_id === member.chat_id) return message.id >= member.start_id ? undefined : 'reply_no_access';
  return (await openMembership(s, sender, message.chat_id)) ? 'reply_other_chat' : 'reply_no_access';
}

export function hasContent(params: MessageParams): boolean {
  return 'ATTACH' in params || 'FILE_ID' in params || 'STICKER_ID' in params;
}
