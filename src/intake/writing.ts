/** Writes a page of a chat's history, all or nothing: what comes of it is what has been noted as taken. */
import type { WriteSession } from '../db/database.ts';
import { type ChatRow, lockChat, updateChat } from '../db/stores/chat-store.ts';
import { foldChats } from '../db/stores/fold-store.ts';
import { keepCaughtUp, lastTaken, lockIntake, noteTaken, takenAmong } from '../db/stores/intake-store.ts';
import { linkFiles } from '../db/stores/message-file-store.ts';
import { insertMessage } from '../db/stores/message-store.ts';
import { insertReaction } from '../db/stores/reaction-store.ts';
import { REACTIONS } from '../messenger/messages/reactions.ts';
import { happened } from '../messenger/happenings.ts';
import { writtenOf } from '../messenger/posting/posting.ts';
import { DELETED_MESSAGE_TEXT, storedText } from '../messenger/views/markup.ts';
import { type FetchedFiles, writeFiles } from './files.ts';
import type { Ledger } from './ledger.ts';
import { namedIn, type Numbers, replaced } from './mapping.ts';
import { answered, filesShown, isDeleted, likers, paramsHere } from './params.ts';
import type { People } from './people.ts';
import type { HistoryPage, RemoteMessage } from './shapes.ts';

/** Where a page goes. */
export interface Destination {
  /** The chat here, and whose list it is brought for. */
  chatId: number;
  ownerId: number;
  /** How far the owner has read, and how far others have, by the numbers there. */
  readUpTo: number;
  readers: ReadonlyArray<{ user_id: number; message_id: number }>;
  /** What the row says of the last message. Its date is moved by so much within its second, so that rows of one second keep their order. */
  last: { id: number; ms: number; seen: boolean };
}

/** Whoever has written, and whoever else the page names and the portal knows, is here before it is written. */
export async function bringNamed(people: People, page: HistoryPage): Promise<void> {
  people.meet(page.users);
  const named = { users: new Set<number>(), messages: new Set<number>() };
  for (const message of page.messages) {
    namedIn(message.text, named);
    for (const id of [message.forward?.userId ?? 0, ...likers(message)]) named.users.add(id);
  }
  for (const { reactionUsers } of page.reactions) for (const ids of Object.values(reactionUsers)) for (const id of ids) named.users.add(id);
  await people.bring(page.messages.map(({ author_id }) => author_id));
  await people.bringKnown(named.users);
}

/** Messages that came before are passed over. */
export async function writePage(ledger: Ledger, people: People, page: HistoryPage, to: Destination, files: FetchedFiles): Promise<void> {
  const { db, sourceId, report } = ledger;
  const written = await db.write(async (s) => {
    await lockIntake(s, sourceId);
    const chat = (await lockChat(s, to.chatId))!;
    const before = (await lastTaken(s, sourceId, chat.id, Number.MAX_SAFE_INTEGER))?.remote_id ?? 0;
    const messages = page.messages.filter(({ id }) => id > before);
    if (messages.length === 0) return { count: 0, files: 0 };
    const from = chat.count_seq;
    const known = await takenAmong(s, sourceId, 'message', messages.flatMap((message) => linksOf(message)));
    const numbers: Numbers = { user: (id) => ledger.users.get(id), chat: (id) => ledger.chats.get(id), message: (id) => known.get(id) };
    const { ids: fileIds, added } = await writeFiles(s, ledger, people, chat.id, messages, files);
    for (const message of messages) known.set(message.id, await writeOne(s, ledger, people, chat, message, { numbers, to, fileIds, page }));
    await finish(s, ledger, chat, to.ownerId, from, messages.length);
    return { count: messages.length, files: added };
  });
  report.messages += written.count;
  report.files += written.files;
}

/** Other messages that one leads to. */
function linksOf(message: RemoteMessage): number[] {
  const named = { users: new Set<number>(), messages: new Set<number>() };
  namedIn(message.text, named);
  return [answered(message), message.forward?.id ?? 0, ...named.messages].filter((id) => id > 0);
}

interface Around {
  numbers: Numbers;
  to: Destination;
  fileIds: ReadonlyMap<number, number>;
  page: HistoryPage;
}

async function writeOne(s: WriteSession, ledger: Ledger, people: People, chat: ChatRow, message: RemoteMessage, { numbers, to, fileIds, page }: Around): Promise<number> {
  const { m, sourceId } = ledger;
  const [authorId, deleted] = [people.here(message.author_id), isDeleted(message)];
  const shown = filesShown(message).flatMap((id) => fileIds.get(id) ?? []);
  const counts = !deleted && (message.id <= to.readUpTo || (message.unread ?? authorId !== to.ownerId)) ? 1 : 0;
  const at = dateOf(message, chat, to, m.clock.now());
  const { params } = writtenOf({ authorId, actorId: authorId, text: '', params: paramsHere(message, numbers, shown) });
  const id = await insertMessage(s, {
    chat_id: chat.id, author_id: authorId, sender_id: authorId, text: deleted ? DELETED_MESSAGE_TEXT : textOf(message, page, fileIds, numbers), params, created_at: at,
    count_seq: chat.count_seq + counts, counts, system: authorId === 0 ? 1 : 0, seen: isSeen(message, to) ? 1 : 0, deleted: deleted ? 1 : 0, uuid: null,
  });
  await noteTaken(s, sourceId, 'message', message.id, id, chat.id);
  if (shown.length > 0 && !deleted) await linkFiles(s, id, shown);
  if (!deleted) await writeReactions(s, people, message, id, page, at);
  // Nothing new to whoever is connected, but something to find.
  happened(s, m, 'message.updated', 0, { chatId: chat.id, subjectId: id });
  Object.assign(chat, { count_seq: chat.count_seq + counts, last_message_id: id, top_message_id: id, last_message_at: Math.max(at, chat.last_message_at) });
  return id;
}

/** By somebody else than its author. */
function isSeen({ id, author_id }: RemoteMessage, { readers, last }: Destination): boolean {
  if (id === last.id) return last.seen;
  return readers.some(({ user_id, message_id }) => user_id !== author_id && message_id >= id);
}

/** Dates of the other portal are of whole seconds: in one second each message is a millisecond later than the one before. */
function dateOf({ id, date }: RemoteMessage, chat: ChatRow, { last }: Destination, now: number): number {
  const second = Math.floor(date / 1000) * 1000;
  const after = Math.floor(chat.last_message_at / 1000) * 1000 === second ? chat.last_message_at + 1 : date;
  return Math.min(id === last.id ? Math.max(after, second + last.ms) : after, second + 999, Math.max(now, chat.created_at));
}

/** Files that do not come are named, so that no message is without words. */
function textOf(message: RemoteMessage, page: HistoryPage, fileIds: ReadonlyMap<number, number>, numbers: Numbers): string {
  const missing = filesShown(message).filter((id) => !fileIds.has(id));
  const names = missing.map((id) => page.files.find((file) => file.id === id)?.name || 'file');
  return storedText([replaced(message.text, numbers), ...names.map((name) => `[i]${name.replaceAll(/[[\]]/g, '')}[/i]`)].join('\n'));
}

async function writeReactions(s: WriteSession, people: People, message: RemoteMessage, id: number, page: HistoryPage, at: number): Promise<void> {
  const given = page.reactions.find(({ messageId }) => messageId === message.id)?.reactionUsers ?? { like: likers(message) };
  for (const [reaction, users] of Object.entries(given)) {
    if (!(REACTIONS as readonly string[]).includes(reaction)) continue;
    for (const user of users) {
      const userId = people.here(user);
      if (userId > 0) await insertReaction(s, { messageId: id, userId, reaction }, at);
    }
  }
}

async function finish(s: WriteSession, { m }: Ledger, chat: ChatRow, ownerId: number, from: number, count: number): Promise<void> {
  const { count_seq, last_message_id, top_message_id, last_message_at } = chat;
  await keepCaughtUp(s, chat.id, ownerId, from, count_seq, last_message_id);
  await updateChat(s, chat.id, {
    message_count: chat.message_count + count, count_seq, last_message_id, top_message_id, last_message_at, bumped_at: m.stamp(chat.bumped_at), warm: chat.wide === 1 ? 0 : 1,
  });
  if (chat.wide === 0) await foldChats(s, [chat.id]);
}
