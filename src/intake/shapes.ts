/** What is read of a portal's answers, and nothing else of them: numbers come as numbers or texts, and what is missing is empty. */
import { z } from 'zod';
import { Zone } from '../base/dates.ts';

/** Ids of the original fit in 32 bits; larger ones are nobody's. */
const MOST_ID = 2 ** 40;

const numeric = z.union([z.number(), z.string().regex(/^\d{1,16}$/).transform(Number)]);
const id = numeric.pipe(z.int().positive().max(MOST_ID));
/** 0 or nothing for none. */
const optionalId = id.catch(0);
const count = numeric.pipe(z.int().min(0).max(1_000_000_000)).catch(0);

const UTC = new Zone('UTC');

/** Text of one line, cut to a length. */
const line = (most: number) => z.string().transform((text) => cleaned(text).replaceAll(/\s+/g, ' ').trim().slice(0, most).toWellFormed()).catch('');
/** The same that may have lines. */
const lines = (most: number) => z.string().transform((text) => cleaned(text).slice(0, most).toWellFormed()).catch('');
const code = (most: number) => z.string().regex(new RegExp(`^[\\w|.-]{0,${most}}$`)).catch('');
const yes = z.unknown().optional().transform((value) => value === true || value === 'Y' || value === 1 || value === '1');
const color = z.string().regex(/^#[\da-f]{6}$/i).catch('');
/** Milliseconds. */
const date = z.string().max(40).transform((text, context) => {
  const instant = UTC.parse(text);
  if (instant !== undefined && instant >= 0) return instant;
  context.addIssue({ code: 'custom', message: 'is not a date' });
  return z.NEVER;
});
const optionalDate = date.catch(0);
const ids = (most: number) => z.array(id).max(most).catch([]);

/** PostgreSQL has no way to store NUL. */
function cleaned(text: string): string {
  return text.replaceAll('\0', '');
}

export const userShape = z.object({
  id,
  active: z.boolean().catch(true),
  name: line(200), first_name: line(100), last_name: line(100), work_position: line(200),
  color, gender: z.enum(['M', 'F', '']).catch(''),
  birthday: z.string().regex(/^\d\d-\d\d$/).catch(''),
  extranet: yes, bot: yes, connector: yes, network: yes,
  external_auth_id: code(50),
  email: line(250),
});

export type RemoteUser = z.infer<typeof userShape>;

/** Somebody whom an answer names beside what it is about: whoever is not readable is not known. */
export const usersShape = z.array(z.unknown()).max(5000).catch([]).transform((given) =>
  given.flatMap((user) => userShape.safeParse(user).data ?? []));

const chatShape = z.object({
  id: optionalId, name: lines(255), owner: optionalId, color,
  entity_type: code(50), entity_id: line(255), entity_data_1: line(255), entity_data_2: line(255), entity_data_3: line(255),
  mute_list: z.unknown().optional(), manager_list: ids(10_000), date_create: optionalDate, message_type: code(1), user_counter: count,
});

export const rowShape = z.object({
  id: z.union([z.number(), z.string().max(40)]).transform(String),
  chat_id: id,
  type: z.enum(['user', 'chat']),
  title: lines(255),
  message: z.object({ id: optionalId, date: optionalDate, status: z.unknown().optional().transform((status) => status === 'delivered') }),
  counter: count, last_id: optionalId, pinned: yes, unread: yes,
  date_last_activity: optionalDate,
  chat: chatShape.catch(() => chatShape.parse({})),
  user: z.unknown().optional().transform((user) => userShape.safeParse(user).data),
});

export type RemoteRow = z.infer<typeof rowShape>;

/** Rows of one answer: a page, or the whole list of a month. */
export const rowsShape = z.array(rowShape).max(20_000);
export const pageShape = z.object({ items: rowsShape, hasMore: yes });

export const messageShape = z.object({
  id, author_id: optionalId, date,
  text: z.string().catch('').transform((text) => cleaned(text).slice(0, 20_100).toWellFormed()),
  unread: z.boolean().optional().catch(undefined),
  params: z.record(z.string(), z.unknown()).catch({}),
  forward: z.object({ id, userId: id, chatId: id, date }).optional().catch(undefined),
});

export type RemoteMessage = z.infer<typeof messageShape>;

const fileShape = z.object({ id, name: line(250), size: count, authorId: optionalId, date: optionalDate, urlDownload: z.string().max(4000).catch('') });

export type RemoteFile = z.infer<typeof fileShape>;

const reactionShape = z.object({ messageId: id, reactionUsers: z.record(z.string().max(64), z.array(id).max(10_000)).catch({}) });

const each = <T>(shape: z.ZodType<T>) =>
  z.array(z.unknown()).max(5000).catch([]).transform((given) => given.flatMap((item) => shape.safeParse(item).data ?? []));

export const historyShape = z.object({
  messages: z.array(messageShape).max(2000),
  users: usersShape,
  files: each(fileShape),
  reactions: each(reactionShape),
});

export type HistoryPage = z.infer<typeof historyShape>;

export const cardShape = z.object({
  description: lines(1000),
  readed_list: each(z.object({ user_id: id, message_id: optionalId })),
});

export type Card = z.infer<typeof cardShape>;

export const profileShape = z.object({ ID: id, NAME: line(100), LAST_NAME: line(100) });
export const currentShape = z.object({ ID: id, EMAIL: line(250) });
/** Of im.user.list.get: by number, or a list. */
export const directoryShape = z.union([z.record(z.string(), z.unknown()).transform((map) => Object.values(map)), z.array(z.unknown())]).pipe(usersShape);
export const memberIdsShape = z.array(id).max(100_000);
export const downloadShape = z.object({ downloadUrl: z.string().max(4000) });
export const diskFileShape = z.object({ DOWNLOAD_URL: z.string().max(4000) });
