/**
 * The same as post-store.ts where the store is in the process: there a statement costs microseconds, and one unit with few of
 * them is quicker than a statement that does it all. Nobody else writes while it runs.
 */
import type { WriteSession } from '../database.ts';
import { statement } from '../statement.ts';
import { afterPosts } from './chat-store.ts';
import { afterAuthoring } from './member-store.ts';
import { findSentMessageId, insertMessage } from './message-store.ts';
import { placesOf, type Posted, type Posting, samePlace } from './post-store.ts';

const sideOf = statement((q, p: { userId: number; chatId: number }) =>
  placesOf(q).select(['c.count_seq', 'c.bumped_at', 'c.warm', 'c.wide', 'm.has_unread']).where('m.user_id', '=', p.userId).where('m.chat_id', '=', p.chatId),
);

type Side = (typeof sideOf)['row'];

/** What one row comes to. */
interface Row {
  chatId: number;
  countSeq: number;
  at: number;
  lastId: number;
  /** Whether what it is found by stays as it is: SQLite would write such an index anew, whatever it is given. */
  inPlace: boolean;
}

const chatPosted = (inPlace: boolean) =>
  statement((q, p: Row & { posts: number }) => {
    const { warm, ...rest } = afterPosts(p.posts, p.lastId, p.countSeq, p.at);
    return q.updateTable('chat').set(inPlace ? rest : { ...rest, warm }).where('id', '=', p.chatId);
  });

const memberPosted = (inPlace: boolean) =>
  statement((q, p: Row & { userId: number }) => {
    const { has_unread, ...rest } = afterAuthoring(p.lastId, p.countSeq, p.at);
    return q.updateTable('member').set(inPlace ? rest : { ...rest, has_unread }).where('user_id', '=', p.userId).where('chat_id', '=', p.chatId);
  });

const [chatAsBefore, chatWarmed] = [chatPosted(true), chatPosted(false)];
const [memberAsBefore, memberHasRead] = [memberPosted(true), memberPosted(false)];

/** What chats and their members come to. */
class Tally {
  readonly chats = new Map<number, Row & { posts: number }>();
  /** By the last message of each who has written. */
  readonly authors = new Map<string, Row & { userId: number }>();

  /** The number and the date of what comes next. @param stamp gives a date later than another */
  next(side: Side, stamp: (after: number) => number): { countSeq: number; at: number } {
    const chat = this.chats.get(side.chatId) ?? { countSeq: side.count_seq, at: side.bumped_at };
    return { countSeq: chat.countSeq + 1, at: stamp(chat.at) };
  }

  add({ chatId, senderId }: Posting, side: Side, { countSeq, at }: { countSeq: number; at: number }): void {
    const row = { chatId, countSeq, at, lastId: 0 };
    this.chats.set(chatId, { ...row, posts: (this.chats.get(chatId)?.posts ?? 0) + 1, inPlace: side.warm === 1 - side.wide });
    this.authors.set(`${senderId} ${chatId}`, { ...row, userId: senderId, inPlace: side.has_unread === 0 });
  }

  /** Messages are numbered in the order in which they were added. */
  numbered({ chatId, senderId }: Posting, id: number): void {
    this.chats.get(chatId)!.lastId = id;
    this.authors.get(`${senderId} ${chatId}`)!.lastId = id;
  }

  async write(s: WriteSession): Promise<void> {
    const written: Array<Promise<unknown>> = [];
    for (const chat of this.chats.values()) {
      written.push(s.all(chat.inPlace ? chatAsBefore : chatWarmed, chat));
      s.changes.chat(chat.chatId);
    }
    for (const author of this.authors.values()) {
      written.push(s.all(author.inPlace ? memberAsBefore : memberHasRead, author));
      s.changes.member(author.userId, author.chatId);
    }
    await Promise.all(written);
  }
}

/**
 * Writes those that are still let in, in their order; no two of them with the same uuid.
 *
 * @param stamp gives a date later than another
 * @returns undefined for each that was left out
 */
export async function postInUnit(s: WriteSession, postings: readonly Posting[], stamp: (after: number) => number): Promise<Array<Posted | undefined>> {
  const sides = await sidesOf(s, postings);
  const repeated = await repeatedOf(s, postings);
  const tally = new Tally();
  // Sent in their order, but without waiting for one before the next is sent.
  const posted = await Promise.all(postings.map(async (posting, index) => {
    const side = sides[index];
    return side && samePlace(side, posting) && !repeated.has(posting) ? insert(s, posting, side, tally, stamp) : undefined;
  }));
  await tally.write(s);
  return posted;
}

/** Those that were sent before. */
async function repeatedOf(s: WriteSession, postings: readonly Posting[]): Promise<Set<Posting>> {
  const repeated = new Set<Posting>();
  await Promise.all(postings.flatMap((posting) => {
    const { uuid, chatId, senderId } = posting;
    return uuid === null ? [] : [findSentMessageId(s, { uuid, chatId, senderId }).then((id) => id !== undefined && repeated.add(posting))];
  }));
  return repeated;
}

/** One look for what somebody has sent into one chat. */
function sidesOf(s: WriteSession, postings: readonly Posting[]): Promise<Array<Side | undefined>> {
  const looks = new Map<string, Promise<Side | undefined>>();
  return Promise.all(postings.map(({ senderId: userId, chatId }) => {
    const key = `${userId} ${chatId}`;
    const look = looks.get(key) ?? s.first(sideOf, { userId, chatId });
    looks.set(key, look);
    return look;
  }));
}

async function insert(s: WriteSession, posting: Posting, side: Side, tally: Tally, stamp: (after: number) => number): Promise<Posted> {
  const { chatId, senderId, authorId, text, params, system, uuid, hops, via } = posting;
  const next = tally.next(side, stamp);
  tally.add(posting, side, next);
  const id = await insertMessage(s, {
    chat_id: chatId, author_id: authorId, sender_id: senderId, text, params, created_at: next.at, count_seq: next.countSeq, counts: 1, system, seen: 0,
    deleted: 0, uuid,
  });
  tally.numbered(posting, id);
  s.changes.note({ what: 'message.added', chatId, actorId: senderId, subjectId: id, hops, via });
  return { id, at: next.at };
}
