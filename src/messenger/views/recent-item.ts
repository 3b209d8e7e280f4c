import { z } from 'zod';
import type { ShownRecord } from '../../db/stores/recent-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { chatShape, chatStub, chatStubShape, viewChat } from './chat-view.ts';
import { hexOf } from './colors.ts';
import { isInstant, type Zone } from '../../base/dates.ts';
import { dialogIdOf } from '../access/dialogs.ts';
import { filledMentions, linkedText } from './linked-text.ts';
import { mentionedUserIds, plainText } from './markup.ts';
import { storedMap } from './presenting.ts';
import { atom, color, int } from './scalars.ts';
import { fullName, isOutsider, userShape, viewUser } from './user-view.ts';

const recentMessageShape = z.strictObject({
  id: int.describe('Number of the message; 0 when there is none'),
  text: z.string().regex(/^[^\r\n]*$/).describe('Text in one line, without BB codes'),
  file: z.boolean().describe('Whether it has files'),
  author_id: int.describe('Number of the author; 0 for the system'),
  attach: z.boolean().describe('Whether it has an attachment'),
  sticker: int.nullable().describe('Id of the sticker; null without one'),
  date: atom.describe('When it was sent'),
  status: z.enum(['received', 'delivered']).describe('delivered once somebody else has read it'),
  uuid: z.string().nullable().describe('Id given by the sender; null without one'),
});

export type RecentMessage = z.infer<typeof recentMessageShape>;

const openLineShape = z.strictObject({ id: int, status: int, date_create: atom });

export type OpenLine = z.infer<typeof openLineShape>;

/** A row of the recent list, as the page im.recent.get shows it. In `im.recent.list` the text may be the original, line breaks included. */
export const recentItemShape = z.strictObject({
  id: z.union([int.positive(), z.string().regex(/^chat\d+$/)]).describe('Number of the other user, or chatN'),
  chat_id: int.describe('Number of the chat'),
  type: z.enum(['user', 'chat']).describe('user for private dialogs, chat for all others'),
  avatar: z.strictObject({
    url: z.string().describe('Address of the picture; empty without one'),
    color: color.describe('Colour of the dialog'),
  }).describe('Picture of the row'),
  title: z.string().describe('Name of the user or title of the chat'),
  message: recentMessageShape.describe('Last message'),
  counter: int.nonnegative().describe('Unread messages'),
  last_id: int.nonnegative().describe('Last message that the caller has read'),
  pinned: z.boolean().describe('Whether it is pinned to the top'),
  unread: z.boolean().describe('Whether it is marked as unread by hand'),
  has_reminder: z.boolean().describe('Whether a reminder is due'),
  date_update: atom.describe('When the row last changed'),
  date_last_activity: atom.describe('When something last happened in the dialog'),
  chat: z.union([chatShape, chatStubShape]).describe('The chat; of private dialogs only three fields'),
  user: z.union([userShape, z.strictObject({ id: z.literal(0) })]).describe('The other user; of group chats the author of the last message, id 0 for the system'),
  lines: openLineShape.optional().describe('Session of an open line'),
  options: z.tuple([]).describe('Always empty here'),
}).meta({ id: 'RecentItem' });

export type RecentItem = z.infer<typeof recentItemShape>;

export const listItemShape = recentItemShape
  .extend({ message: recentMessageShape.extend({ text: z.string().describe('Text in one line, or as asked for') }).describe('Last message') })
  .meta({ id: 'RecentListItem' });

/** How the text of the last message is given. */
/** One line without codes; as it was written; or so with addresses as links. */
export type TextMode = 'plain' | 'original' | 'linked';

/** All that a row needs besides its record. */
export interface Surroundings {
  zone: Zone;
  /** Users the rows name: authors, partners, people mentioned in the texts. */
  users: ReadonlyMap<number, UserRow>;
  /** Those of them whom the viewer may not meet. */
  strangers: ReadonlySet<number>;
  /** Chats with a reminder that has come due. */
  reminded: ReadonlySet<number>;
  text: TextMode;
}

/** Ids of the users that {@link presentRow} will look up. */
export function usersNamedIn(rows: Iterable<Pick<ShownRecord, 'peer_id' | 'author_id' | 'text'>>): Set<number> {
  const ids = new Set<number>();
  for (const row of rows) {
    if (row.peer_id > 0) ids.add(row.peer_id);
    if (row.author_id) ids.add(row.author_id);
    if (row.text) for (const id of mentionedUserIds(row.text)) ids.add(id);
  }
  return ids;
}

/**
 * The row as the client sees it, or undefined where the list leaves it out: a group chat without any message, a private
 * dialog with somebody whom the viewer may not meet, and one with somebody dismissed once everything in it is read.
 *
 * @throws when what is stored cannot be shown at all
 */
export function presentRow(row: ShownRecord, around: Surroundings): RecentItem | undefined {
  if (row.type === 'P') return presentPrivate(row, around);
  if (row.message_id === null) return undefined;
  const author = row.author_id && isSeen(row) ? around.users.get(row.author_id) : undefined;
  return {
    ...presentCommon(row, around),
    type: 'chat',
    avatar: { url: row.avatar, color: hexOf(row.color) },
    title: row.title,
    chat: viewChat(row, around.zone),
    user: author ? viewUser(author, around.zone) : { id: 0 },
    ...(row.entity_type === 'LINES' && { lines: openLine(row, around.zone) }),
    options: [],
  };
}

function presentPrivate(row: ShownRecord, around: Surroundings): RecentItem | undefined {
  const peer = around.users.get(row.peer_id);
  if (!peer || around.strangers.has(peer.id) || isDismissed(row, peer)) return undefined;
  const user = viewUser(peer, around.zone);
  return {
    ...presentCommon(row, around),
    type: 'user',
    avatar: { url: user.avatar, color: user.color },
    title: user.name,
    chat: chatStub(row),
    user,
    options: [],
  };
}

/** Whether all members of its role are shown the same row but for {@link presentSide}; of whoever may meet all others. */
export function isAlike(row: ShownRecord): boolean {
  return row.type !== 'P' && row.entity_type === '' && row.muted === 0 && isSeen(row);
}

export function isDismissed(row: { counter: number }, peer: UserRow): boolean {
  return peer.active === 0 && row.counter <= 0 && !isOutsider(peer);
}

function presentCommon(row: ShownRecord, around: Surroundings) {
  return {
    id: dialogIdOf(row),
    chat_id: row.chat_id,
    // The literals below keep the documented order of the keys.
    type: 'chat' as RecentItem['type'],
    avatar: { url: '', color: '' },
    title: '',
    message: presentMessage(row, around),
    ...presentSide(row, around.reminded.has(row.chat_id), around.zone),
    date_last_activity: around.zone.atom(row.last_message_at),
  };
}

/** What of a row is the viewer's own, however many share the rest. */
export function presentSide(
  row: Pick<ShownRecord, 'counter' | 'last_id' | 'pinned' | 'unread' | 'date_update'>, reminded: boolean, zone: Zone,
) {
  return {
    counter: row.counter,
    last_id: row.last_id,
    pinned: row.pinned === 1,
    unread: row.unread === 1,
    has_reminder: reminded,
    date_update: zone.atom(row.date_update),
  };
}

/** The JSON of a row, in three parts. */
export interface RowText {
  before: string;
  /** What of it is the viewer's own. */
  side: string;
  after: string;
}

/** The same text as that of JSON.stringify. */
export function textOf(item: RecentItem): RowText {
  const { id, chat_id, type, avatar, title, message, counter, last_id, pinned, unread, has_reminder, date_update, ...rest } = item;
  const before = JSON.stringify({ id, chat_id, type, avatar, title, message });
  return {
    before: `${before.slice(0, -1)},`,
    side: textOfSide({ counter, last_id, pinned, unread, has_reminder, date_update }),
    after: `,${JSON.stringify(rest).slice(1)}`,
  };
}

export function textOfSide(side: ReturnType<typeof presentSide>): string {
  return JSON.stringify(side).slice(1, -1);
}

/** A message from before the viewer's part of the history stays out of the row. */
function isSeen(row: Pick<ShownRecord, 'message_id' | 'start_id'>): boolean {
  return row.message_id !== null && row.message_id >= row.start_id;
}

function presentMessage(row: ShownRecord, around: Surroundings): RecentMessage {
  const shown = isSeen(row);
  const params = shown ? storedMap(row.params ?? '') : {};
  const sticker = params['STICKER_ID'];
  return {
    id: shown ? row.message_id! : 0,
    text: shown ? messageText(row, params, around) : '',
    file: Array.isArray(params['FILE_ID']) && params['FILE_ID'].length > 0,
    author_id: shown ? (row.author_id ?? 0) : 0,
    attach: params['ATTACH'] !== undefined,
    sticker: Number.isSafeInteger(sticker) ? (sticker as number) : null,
    date: around.zone.atom(row.last_message_at),
    status: shown && row.seen === 1 ? 'delivered' : 'received',
    uuid: shown ? row.uuid : null,
  };
}

function messageText(row: ShownRecord, params: Record<string, unknown>, around: Surroundings): string {
  const text = row.text ?? '';
  const userName = (id: number) => {
    const user = around.strangers.has(id) ? undefined : around.users.get(id);
    return user && fullName(user);
  };
  if (around.text === 'original') return filledMentions(text, userName);
  if (around.text === 'linked') return linkedText(filledMentions(text, userName));
  return plainText(text, {
    attach: params['ATTACH'] !== undefined,
    file: params['FILE_ID'] !== undefined,
    sticker: params['STICKER_ID'] !== undefined,
    userName,
  });
}

const SESSION_ID_FIELD = 5;
const SESSION_START_FIELD = 6;

/** The open line's session: its id and start are fields of the chat's entity data, which whoever made the chat wrote. */
function openLine(row: ShownRecord, zone: Zone): OpenLine {
  const fields = row.entity_data_1.split('|');
  const id = Number(fields[SESSION_ID_FIELD]);
  const start = Number(fields[SESSION_START_FIELD]) * 1000;
  return {
    id: Number.isSafeInteger(id) && id > 0 ? id : 0,
    status: 0,
    date_create: zone.atom(start > 0 && isInstant(start) ? start : row.date_update),
  };
}
