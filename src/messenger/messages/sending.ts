import type { KnownPlace } from '../../db/known-places.ts';
import type { WriteSession } from '../../db/database.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, findSentMessageId } from '../../db/stores/message-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, openMembership } from '../access/dialogs.ts';
import { canPost } from '../access/rights.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { enterChat, type EntryRefusal, placeToWrite } from '../posting/entering.ts';
import { bringFiles, filesParam, showFiles } from '../posting/message-files.ts';
import { hasContent, type MessageParams, type Post, post, writtenOf } from '../posting/posting.ts';
import { storedText } from '../views/markup.ts';

export interface Send {
  dialog: DialogRef;
  text: string;
  params: MessageParams;
  system: boolean;
  replyId?: number | undefined;
  /** Files that it shows. */
  fileIds?: readonly number[];
  /** Lower-case UUID v4. A second send with it, by the same user into the same chat, returns the first message's id and changes nothing. */
  uuid?: string | undefined;
}

export type SendRefusal = EntryRefusal | 'empty' | 'reply_no_access' | 'reply_other_chat' | 'no_file';

/** Sends a message. In an open chat the sender becomes a member by writing. */
export async function sendMessage(m: Messenger, sender: Viewer, send: Send): Promise<Outcome<number, SendRefusal>> {
  const text = storedText(send.text);
  if (text === '' && !send.fileIds?.length && !hasContent(send.params)) return refused('empty');
  const id = !send.fileIds?.length && m.postings.opens() ? await sendAtOnce(m, sender, send, text) : undefined;
  return id === undefined ? decideAndSend(m, sender, send, text) : done(id);
}

/**
 * Lets a message in by what was last known of its chat and its sender, of which the store then makes sure. Undefined, and nothing
 * sent, where that is not so any more, or where more has to be decided: whoever joins by writing, replies, meets a guest.
 */
async function sendAtOnce(m: Messenger, sender: Viewer, send: Send, text: string): Promise<number | undefined> {
  const { kind, id } = send.dialog;
  if (send.replyId !== undefined || kind === 'group') return undefined;
  const place = await m.places.find(sender.userId, kind, id);
  if (!place || meetsGuest(place, sender)) return undefined;
  const posting = { ...place, ...writtenOf(postOf(send, text, sender.userId, place)), hops: m.hops };
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
function decideAndSend(m: Messenger, sender: Viewer, send: Send, text: string): Promise<Outcome<number, SendRefusal>> {
  const { userId: senderId } = sender;
  return m.db.write(async (s) => {
    const entry = await enterChat(s, m, sender, send.dialog);
    if (!entry.ok) return entry;
    const { chat } = entry.value;
    // Under the chat's lock: of the same send come twice at once, the second finds the first.
    const known = send.uuid && (await findSentMessageId(s, { senderId, chatId: chat.id, uuid: send.uuid }));
    if (known) return done(known);
    const member = await placeToWrite(s, m, sender, entry.value);
    if (!member) return refused('not_allowed');
    const reply = await checkReply(s, sender, member, send.replyId);
    if (reply) return refused(reply);
    const files = send.fileIds?.length ? await bringFiles(s, m, sender, chat.id, send.fileIds) : [];
    if (!files) return refused('no_file');
    const shown = { ...send, params: { ...send.params, ...filesParam(files) } };
    const id = await post(s, m, chat, postOf(shown, text, senderId, chat));
    await showFiles(s, id, files);
    return done(id);
  });
}

async function checkReply(s: WriteSession, sender: Viewer, member: MemberRow, replyId: number | undefined): Promise<SendRefusal | undefined> {
  if (replyId === undefined) return undefined;
  const message = await findMessage(s, replyId);
  if (!message || message.deleted === 1) return 'reply_no_access';
  if (message.chat_id === member.chat_id) return message.id >= member.start_id ? undefined : 'reply_no_access';
  return (await openMembership(s, sender, message.chat_id)) ? 'reply_other_chat' : 'reply_no_access';
}
