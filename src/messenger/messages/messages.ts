import { type MessageRow, updateMessage } from '../../db/stores/message-store.ts';
import { hindrance } from '../access/actions.ts';
import type { Viewer } from '../access/viewer.ts';
import { happened } from '../happenings.ts';
import { mayHaveLink } from '../views/links.ts';
import { storedText } from '../views/markup.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Messenger } from '../messenger.ts';
import { eraseMessage, touchAll } from '../posting/erasing.ts';
import { hasContent, type MessageParams } from '../posting/posting.ts';
import { lockVisible, type VisibleMessage } from '../posting/visible-message.ts';
import { storedMap } from '../views/presenting.ts';
import { storedForward } from '../views/forward-view.ts';

export type ChangeRefusal = 'no_message' | 'not_allowed';

export interface Edit {
  /** Undefined leaves the text as it is; an empty text deletes the message. */
  text?: string | undefined;
  /** Parameters to set, or to remove where the value is null. */
  params: Record<string, unknown>;
  /** False leaves out the mark "edited" where only the parameters change. */
  marked: boolean;
}

/** Edits one's own message; what was forwarded says what it said. Others' rows change when it is the chat's last. */
export async function editMessage(m: Messenger, actor: Viewer, messageId: number, edit: Edit): Promise<Outcome<true, ChangeRefusal>> {
  const edited = await writeEdit(m, actor, messageId, edit);
  if (edited.ok && (mayHaveLink(edit.text ?? '') || 'URL_PREVIEW' in edit.params)) for (const tell of m.linked) tell(messageId);
  return edited;
}

async function writeEdit(m: Messenger, actor: Viewer, messageId: number, edit: Edit): Promise<Outcome<true, ChangeRefusal>> {
  const { editLimit } = await m.settings();
  return m.db.write(async (s) => {
    const found = await lockVisible(s, actor, messageId);
    if (!found) return refused('no_message');
    const { chat, message } = found;
    const foreign = message.author_id !== actor.userId || storedForward(storedMap(message.params)) !== undefined;
    if (foreign || message.deleted === 1 || isTooOld(m, actor, message, editLimit)) return refused('not_allowed');
    const text = edit.text === undefined ? message.text : storedText(edit.text);
    const params = mergeParams(message, edit.params, text !== message.text);
    if (text === '' && !hasContent(params)) {
      await eraseMessage(s, m, actor, found);
      return done(true);
    }
    if (message.seen === 1 && (edit.marked || text !== message.text)) params['IS_EDITED'] = 'Y';
    await updateMessage(s, message.id, { text, params: Object.keys(params).length > 0 ? JSON.stringify(params) : '' });
    if (chat.last_message_id === message.id) await touchAll(s, m, chat);
    happened(s, m, 'message.updated', actor.userId, { chatId: chat.id, subjectId: messageId });
    return done(true);
  });
}

/** A link's preview goes with the text that it was made of, and where something else takes its place or nobody wants it. */
function mergeParams(message: MessageRow, changes: Record<string, unknown>, newText: boolean): MessageParams {
  const stored = storedMap(message.params);
  const stale = 'URL_ID' in stored && (newText || 'ATTACH' in changes || changes['URL_PREVIEW'] === 'N');
  const merged = { ...stored, ...(stale && { ATTACH: null, URL_ID: null, URL_ONLY: null }), ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

/**
 * Deletes a message: one's own, or another's as the chat's manager or the portal's administrator. What nobody else has
 * seen disappears; what was seen leaves a line that says so, unless an administrator deletes it, or it was posted in a channel.
 */
export async function removeMessage(m: Messenger, actor: Viewer, messageId: number): Promise<Outcome<true, ChangeRefusal>> {
  const { editLimit } = await m.settings();
  return m.db.write(async (s) => {
    const found = await lockVisible(s, actor, messageId);
    if (!found) return refused('no_message');
    if (found.message.deleted === 1 || !mayDelete(actor, found) || isTooOld(m, actor, found.message, editLimit)) return refused('not_allowed');
    await eraseMessage(s, m, actor, found);
    return done(true);
  });
}

/** One's own messages can be changed for as long as the portal says; whoever is in charge of others' is not held to it. */
function isTooOld(m: Messenger, actor: Viewer, message: MessageRow, limit: number): boolean {
  return message.author_id === actor.userId && !actor.admin && m.clock.now() - message.created_at > limit;
}

function mayDelete(actor: Viewer, { chat, message, member }: VisibleMessage): boolean {
  return message.author_id === actor.userId || actor.admin || hindrance('deleteMessages', chat, member.role) === undefined;
}
