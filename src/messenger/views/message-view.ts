import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import { fileShape } from './file-view.ts';
import { forwardShape, viewParams } from './forward-view.ts';
import { reactionShape } from './reaction-view.ts';
import { atom, int } from './scalars.ts';
import { userShape } from './user-view.ts';

/** A message of the history (page im.dialog.messages.get). */
export const messageShape = z.strictObject({
  id: int.describe('Number of the message'),
  chat_id: int.describe('Number of the chat'),
  author_id: int.describe('Number of the author; 0 for the system'),
  date: atom.describe('When it was sent'),
  text: z.string().describe('Text with its BB codes'),
  unread: z.boolean().describe('Whether the caller has not read it'),
  uuid: z.string().nullable().describe('Id given by the sender; null without one'),
  replaces: z.tuple([]).describe('Always empty here'),
  params: z.union([z.record(z.string(), z.unknown()), z.tuple([])]).describe('Attachment, keyboard and other parts by name; an empty list for none'),
  disappearing_date: z.null().describe('Always null here'),
  forward: forwardShape.nullable().describe('Ours: where a forwarded message comes from; null for one written here'),
}).meta({ id: 'Message' });

export type MessageView = z.infer<typeof messageShape>;

/** A page of a dialog's history, with the users who wrote it, the files that it shows and who has reacted to it. */
export const historyPageShape = z.strictObject({
  chat_id: int,
  messages: z.array(messageShape),
  users: z.array(userShape),
  files: z.array(fileShape),
  reactions: z.array(reactionShape).describe('Ours: reactions to the messages that have any'),
});

export type HistoryPage = z.infer<typeof historyPageShape>;

/** A dialog's pinned messages, with the users who wrote them. */
export const pinnedPageShape = z.strictObject({
  chat_id: int,
  pins: z.array(z.strictObject({ message: messageShape, pinned_by: int.describe('Who has pinned it'), pinned_date: atom.describe('When') })),
  users: z.array(userShape),
});

export type PinnedPage = z.infer<typeof pinnedPageShape>;

/**
 * @param unread whether the viewer has not read it
 * @param likes who likes it
 */
export function viewMessage(row: MessageRow, zone: Zone, unread: boolean, likes: readonly number[] = []): MessageView {
  const { params: own, forward } = viewParams(row.params, zone);
  const params = likes.length > 0 ? { ...own, LIKE: likes } : own;
  return {
    id: row.id,
    chat_id: row.chat_id,
    author_id: row.author_id,
    date: zone.atom(row.created_at),
    text: row.text,
    unread,
    uuid: row.uuid,
    replaces: [],
    params: Object.keys(params).length > 0 ? params : [],
    disappearing_date: null,
    forward,
  };
}
