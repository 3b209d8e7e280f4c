/**
 * The same as post-store.ts where the store is in the process: there a statement costs microseconds, and one unit with few of
 * them is quicker than a statement that does it all. Nobody else writes while it runs.
 */
import type { WriteSession } from '../database.ts';
import { statement } from '../statement.ts';
import { recordAllPosted } from './chat-store.ts';
import { recordLastAuthored } from './member-store.ts';
import { findSentMessageId, insertMessage } from './message-store.ts';
import { placesOf, type Posted, type Posting, samePlace } from './post-store.ts';

const sideOf = statement((q, p: { userId: number; chatId: number }) =>
  placesOf(q).select(['c.count_seq', 'c.bumped_at']).where('m.user_id', '=', p.userId).where('m.chat_id', '=', p.chatId),
);

type Side = (typeof sideOf)['row'];

/** What chats and their members come to. */
class Tally {
  /** By chat: what its row says by now. */
  readonly chats = new Map<number, { posts: number; countSeq: number; at: number; lastId: number }>();
  /** The last message of each who has written. */
  readonly authors = new Map<string, { userId: number; chatId: number; countSeq: number; at: number; lastId: number }>();

  /** The number and the date of what comes next. @param stamp gives a date later than another */
  next(side: Side, stamp: (after: number) => number): { countSeq: number; at: number } {
    const chat = this.chats.get(side.chatId) ?? { countSeq: side.count_seq, at: side.bumped_at };
    return { countSeq: chat.countSeq + 1, at: stamp(chat.at) };
  }

  add({ chatId, senderId }: Posting, { countSeq, at }: { countSeq: number; at: number }): void {
    this.chats.set(chatId, { posts: (this.chats.get(chatId)?.posts ?? 0) + 1, countSeq, at, lastId: 0 });
    this.authors.set(`${senderId} ${chatId}`, { userId: senderId, chatId, countSeq, at, lastId: 0 });
  }

  /** Messages are numbered in the order in which they were added. */
  numbered({ chatId, senderId }: Posting, id: number): void {
    this.chats.get(chatId)!.lastId = id;
    this.authors.get(`${senderId} ${chatId}`)!.lastId = id;
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
  await Promise.all([
    ...[...tally.chats].map(([id, chat]) => recordAllPosted(s, { id, ...chat })),
    ...[...tally.authors.values()].map((author) => recordLastAuthored(s, author)),
  ]);
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
  tally.add(posting, next);
  const id = await insertMessage(s, {
    chat_id: chatId, author_id: authorId, sender_id: senderId, text, params, created_at: next.at, count_seq: next.countSeq, counts: 1, system, seen: 0,
    deleted: 0, uuid,
  });
  tally.numbered(posting, id);
  s.changes.note({ what: 'message.added', chatId, actorId: senderId, subjectId: id, hops, via });
  return { id, at: next.at };
}
