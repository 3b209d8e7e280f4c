import type { KnownPlace } from '../../db/known-places.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import { findMessage, findSentMessageId } from '../../db/stores/message-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, openMembership } from '../access/dialogs.ts';
import { canPost } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { enterChat, enterThread, type Entry, type EntryRefusal, placeToWrite, postInto, type Side } from '../posting/entering.ts';
import { forwardable } from '../posting/forwarding.ts';
import { type Brought, bringFiles, bringForwarded, filesParam, showFiles, withoutFiles } from '../posting/message-files.ts';
import { hasContent, type MessageParams, type Post, writtenOf } from '../posting/posting.ts';
import { mayHaveLink } from '../views/links.ts';
import { storedText } from '../views/markup.ts';

export interface Send {
  dialog: DialogRef;
  text: string;
  params: MessageParams;
  system: boolean;
  replyId?: number | undefined;
  /** Files that it shows. */
  fileIds?: readonly number[];
  /** A message that is sent on, in the place of text and params. */
  forwardId?: number | undefined;
  /** Lower-case UUID v4. A second send with it, by the same user into the same chat, returns the first message's id and changes nothing. */
  uuid?: string | undefined;
}

export type SendRefusal = EntryRefusal | 'empty' | 'reply_no_access' | 'reply_other_chat' | 'forward_no_access' | 'no_file';

/** Sends a message. In an open chat the sender becomes a member by writing. */
export async function sendMessage(m: Messenger, sender: Viewer, send: Send): Promise<Outcome<number, SendRefusal>> {
  const text = storedText(send.text);
  const sent = await sendText(m, sender, send, text);
  if (sent.ok && mayHaveLink(text)) for (const tell of m.linked) tell(sent.value);
  return sent;
}

async function sendText(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal>> {
  if (text === '' && !send.fileIds?.length && !hasContent(send.params) && send.forwardId === undefined) return refused('empty');
  const id = !send.fileIds?.length && m.postings.opens() ? await sendAtOnce(m, sender, send, text) : undefined;
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
  return m.db.write(async (s) => {
    const entry = await enterChat(s, m, sender, send.dialog);
    return entry.ok ? sendInto(s, m, sender, send, text, entry.value) : entry;
  });
}

/** The same into a thread of comments: whoever is in the channel, or joins it by this, may write. */
function sendComment(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal>> {
  return m.db.write(async (s) => {
    const entry = await enterThread(s, send.dialog.id);
    return entry.ok ? sendInto(s, m, sender, send, text, entry.value) : entry;
  });
}

async function sendInto(s: WriteSession, m: Messenger, sender: Viewer, send: Send, text: string, entry: Entry): Promise<Outcome<number, SendRefusal>> {
  const { chat } = entry;
  // Under the chat's lock: of the same send come twice at once, the second finds the first.
  const known = send.uuid && (await findSentMessageId(s, { senderId: sender.userId, chatId: chat.id, uuid: send.uuid }));
  if (known) return done(known);
  const side = await placeToWrite(s, m, sender, entry);
  if (!side) return refused('not_allowed');
  const message = await composed(s, m, sender, send, text, chat, side);
  if (!message.ok) return message;
  const { files, ...posted } = message.value;
  const id = await postInto(s, m, sender, entry, posted);
  await showFiles(s, id, files);
  return done(id);
}

/** What is to be posted, where what it answers, shows or sends on is the sender's to see. */
async function composed(
  s: WriteSession, m: Messenger, sender: Viewer, send: Send, text: string, chat: ChatRow, side: Side,
): Promise<Outcome<Post & { files: Brought[] }, SendRefusal>> {
  const reply = await checkReply(s, sender, side, send.replyId);
  if (reply) return refused(reply);
  if (send.forwardId === undefined) {
    const files = send.fileIds?.length ? await bringFiles(s, m, sender, chat.id, send.fileIds) : [];
    return files ? done({ ...postOf({ ...send, params: { ...send.params, ...filesParam(files) } }, text, sender.userId, chat), files }) : refused('no_file');
  }
  const forwarded = await forwardable(s, sender, send.forwardId);
  if (!forwarded) return refused('forward_no_access');
  const files = await bringForwarded(s, m, sender, chat.id, forwarded.params);
  return done({ ...postOf({ ...send, params: { ...withoutFiles(forwarded.params), ...filesParam(files) } }, forwarded.text, sender.userId, chat), files });
}

async function checkReply(s: WriteSession, sender: Viewer, member: Side, replyId: number | undefined): Promise<SendRefusal | undefined> {
  if (replyId === undefined) return undefined;
  const message = await findMessage(s, replyId);
  if (!message || message.deleted === 1) return 'reply_no_access';
  if (message.chat_id === member.chat_id) return message.id >= member.start_id ? undefined : 'reply_no_access';
  return (await openMembership(s, sender, message.chat_id)) ? 'reply_other_chat' : 'reply_no_access';
}
