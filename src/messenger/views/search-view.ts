import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { chatTypeName } from '../access/rights.ts';
import { camelCased, camelKey } from './camel-case.ts';
import { fileShape } from './file-view.ts';
import { forwardShape, viewParams } from './forward-view.ts';
import { reactionShape } from './reaction-view.ts';
import { atom, int } from './scalars.ts';
import { fullName, userShape, viewUser } from './user-view.ts';

/** A user with the same fields as everywhere, their names in camel case. */
export const camelUserShape: z.ZodType<Record<string, unknown>> = z
  .strictObject(Object.fromEntries(Object.entries(userShape.shape).map(([key, shape]) => [camelKey(key), shape])))
  .meta({ id: 'CamelUser' });

/** A message that was found (page im.dialog.messages.search). */
const foundMessageShape = z.strictObject({
  id: int.describe('Number of the message'),
  chatId: int.describe('Number of the chat'),
  chat_id: int.describe('The same'),
  authorId: int.describe('Number of the author; 0 for the system'),
  author_id: int.describe('The same'),
  date: atom.describe('When it was sent'),
  text: z.string().describe('Text with its BB codes'),
  isSystem: z.boolean().describe('Whether the messenger wrote it'),
  uuid: z.string().nullable().describe('Id given by the sender; null without one'),
  forward: forwardShape.nullable().describe('Where a forwarded message comes from; null for one written here'),
  params: z.union([z.record(z.string(), z.unknown()), z.tuple([])]).describe('Attachment, keyboard and other parts by name; an empty list for none'),
  viewedByOthers: z.boolean().describe('Whether another member has seen it'),
  block: z.null().describe('Always null here'),
  unread: z.boolean().describe('Whether the caller has not read it'),
  viewed: z.boolean().describe('Whether the caller has read it'),
  viewedCount: int.describe('1 where another member has seen it, else 0'),
});

export type FoundMessage = z.infer<typeof foundMessageShape>;

/** What a search in a chat finds, with the users who wrote it. */
export const foundShape = z.strictObject({
  users: z.array(camelUserShape),
  files: z.array(fileShape).describe('Files that the messages show'),
  additionalMessages: z.tuple([]).describe('Always empty here'),
  copilot: z.null().describe('Always null here'),
  stickers: z.tuple([]).describe('Always empty here'),
  reactions: z.array(reactionShape).describe('Reactions to the messages that have any'),
  tariffRestrictions: z.strictObject({ isHistoryLimitExceeded: z.literal(false) }),
  usersShort: z.array(z.strictObject({ id: int, name: z.string(), avatar: z.string() })),
  messages: z.array(foundMessageShape),
});

export type Found = z.infer<typeof foundShape>;

/** What a search in all the caller's chats finds: the same with the chats. */
export const foundAnywhereShape = z.strictObject({
  ...foundShape.shape,
  chats: z.array(z.strictObject({
    id: int.describe('Number of the chat'),
    dialogId: z.string().describe('Dialog id: a user number or chatN'),
    type: z.string().describe('Kind of chat'),
    title: z.string().describe('Title; the name of the other one where it is private'),
  })).describe('The chats of the messages'),
});

export type FoundAnywhere = z.infer<typeof foundAnywhereShape>;

export const viewFoundChat = (chat: ChatRow, peer: UserRow | undefined): FoundAnywhere['chats'][number] => ({
  id: chat.id,
  dialogId: peer ? String(peer.id) : `chat${chat.id}`,
  type: chatTypeName(chat),
  title: peer ? fullName(peer) : chat.title,
});

export function viewFoundMessage(row: MessageRow, zone: Zone, unread: boolean): FoundMessage {
  const { params, forward } = viewParams(row.params, zone);
  return {
    id: row.id,
    chatId: row.chat_id,
    chat_id: row.chat_id,
    authorId: row.author_id,
    author_id: row.author_id,
    date: zone.atom(row.created_at),
    text: row.text,
    isSystem: row.system === 1,
    uuid: row.uuid,
    forward,
    params: Object.keys(params).length > 0 ? params : [],
    viewedByOthers: row.seen === 1,
    block: null,
    unread,
    viewed: !unread,
    viewedCount: row.seen,
  };
}

export const viewCamelUser = (user: UserRow, zone: Zone): Record<string, unknown> => camelCased(viewUser(user, zone));

export const viewShortUser = (user: UserRow) => ({ id: user.id, name: fullName(user), avatar: user.avatar });
