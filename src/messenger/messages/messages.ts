import { type ChatRow, lockChat } from '../../db/stores/chat-store.ts';
import type { WriteSession } from '../../db/database.ts';
import type { MemberRow } from '../../db/stores/member-store.ts';
import { findMessage, lockMessage, type MessageRow, updateMessage } from '../../db/stores/message-store.ts';
import { ROLE } from '../access/rights.ts';
import { openMembership } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import { storedText } from '../views/markup.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { eraseMessage, touchAll } from '../posting/erasing.ts';
import { hasContent, type MessageParams } from '../posting/posting.ts';
import { storedMap } from '../views/presenting.ts';

export type ChangeRefusal = 'no_message' | 'not_allowed';

export interface Edit {
  /** Undefined leaves the text as it is; an empty text deletes the message. */
  text?: string | undefined;
  /** Parameters to set, or to remove where the value is null. */
  params: Record<string, unknown>;
  /** False leaves out the mark "edited" where only the parameters change. */
  marked: boolean;
}

/** Edits one's own message. Others' rows change when it is the chat's last. */
export async function editMessage(m: Messenger, actor: Viewer, messageId: number, edit: Edit): Promise<Outcome<true, ChangeRefusal>> {
  const { editLimit } = await m.settings();
  return m.db.write(async (s) => {
    const found = await lockVisible(s, actor, messageId);
    if (!found) return refused('no_message');
    const { chat, message } = found;
    if (message.author_id !== actor.userId || message.deleted === 1 || isTooOld(m, actor, message, editLimit)) return refused('not_allowed');
    const text = edit.text === undefined ? message.text : storedText(edit.text);
    const params = mergeParams(message, edit.params);
    if (text === '' && !hasContent(params)) {
      await eraseMessage(s, m, chat, actor, message);
      return done(true);
    }
    if (message.seen === 1 && (edit.marked || text !== message.text)) params['IS_EDITED'] = 'Y';
    await updateMessage(s, message.id, { text, params: Object.keys(params).length > 0 ? JSON.stringify(params) : '' });
    if (chat.last_message_id === message.id) await touchAll(s, m, chat);
    happened(s, m, 'message.updated', actor.userId, { chatId: chat.id, subjectId: messageId });
    return done(true);
  });
}

function mergeParams(message: MessageRow, changes: Record<string, unknown>): MessageParams {
  const merged = { ...storedMap(message.params), ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/**
 * Deletes a message: one's own, or another's as the chat's manager or the portal's administrator. What nobody else has
 * seen disappears; what was seen leaves a line that says so, unless an administrator deletes it.
 */
export async function removeMessage(m: Messenger, actor: Viewer, messageId: number): Promise<Outcome<true, ChangeRefusal>> {
  const { editLimit } = await m.settings();
  return m.db.write(async (s) => {
    const found = await lockVisible(s, actor, messageId);
    if (!found) return refused('no_message');
    const { chat, message, member } = found;
    if (message.deleted === 1 || !mayDelete(actor, message, member) || isTooOld(m, actor, message, editLimit)) return refused('not_allowed');
    await eraseMessage(s, m, chat, actor, message);
    return done(true);
  });
}

/** One's own messages can be changed for as long as the portal says; whoever is in charge of others' is not held to it. */
function isTooOld(m: Messenger, actor: Viewer, message: MessageRow, limit: number): boolean {
  return message.author_id === actor.userId && !actor.admin && m.clock.now() - message.created_at > limit;
}

function mayDelete(actor: Viewer, message: MessageRow, member: MemberRow): boolean {
  if (message.author_id === actor.userId || actor.admin) return true;
  return member.type !== 'P' && member.role >= ROLE.manager;
}

interface Found {
  chat: ChatRow;
  message: MessageRow;
  member: MemberRow;
}

/** A message that the actor may see, locked with its chat. */
async function lockVisible(s: WriteSession, actor: Viewer, messageId: number): Promise<Found | undefined> {
  const before = await findMessage(s, messageId);
  if (!before) return undefined;
  const member = await openMembership(s, actor, before.chat_id);
  if (!member || messageId < member.start_id) return undefined;
  const chat = (await lockChat(s, before.chat_id))!;
  const message = await lockMessage(s, messageId);
  return message && { chat, message, member };
}
