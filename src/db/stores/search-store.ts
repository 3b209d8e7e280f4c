/** Finds messages by their text and date: by the index of texts where it can, by reading where it cannot yet. */
import { fold } from '../fold.ts';
import { wantedGrams } from '../grams.ts';
import type { Session } from '../database.ts';
import type { TextIndex } from '../text-index.ts';
import { Slice } from '../../base/turns.ts';
import { datesToIds, type MessageSearch, messagesIn, messagesOf, newestId, ownChats, type OwnChat, type Range, rowsIn, spokenIn } from './found-store.ts';
import type { MessageRow } from './message-store.ts';
import { changedAfter, readExtent } from './text-store.ts';

/** Candidates that are read with one look at the index. */
const READ_AT_ONCE = 200;
/** Ids that the first look goes through; the next ones go through more while they are quick, and through less when they are not. */
const FIRST_SPAN = 65_536;
const [LEAST_SPAN, MOST_SPAN] = [1024, 262_144];
const [QUICK_MS, SLOW_MS] = [4, 10];
/** Of all the user's chats: so many candidates of others' chats, and for each of one's own so many more, and each is asked by itself. */
const MOST_FOREIGN = 500;
const FOREIGN_PER_CHAT = 4;
/** A chat of so many messages is read sooner than looked up. */
const FEW = 300;

/** The first messages that match, in the order of their ids. Deleted ones match nothing. */
export async function searchMessages(s: Session, texts: TextIndex, search: MessageSearch): Promise<MessageRow[]> {
  return new Search(s, texts, search).run();
}

class Search {
  readonly #s: Session;
  readonly #texts: TextIndex;
  readonly #search: MessageSearch;
  readonly #wanted: string;
  readonly #grams: readonly number[] | undefined;
  readonly #slice = new Slice();
  readonly #found: MessageRow[] = [];
  /** Messages that the index does not know as they are. */
  #changed: number[] = [];
  #foreign = 0;

  constructor(s: Session, texts: TextIndex, search: MessageSearch) {
    this.#s = s;
    this.#texts = texts;
    this.#search = search;
    this.#wanted = fold(search.text);
    this.#grams = wantedGrams(this.#wanted);
  }

  get #full(): boolean {
    return this.#found.length >= this.#search.limit;
  }

  async run(): Promise<MessageRow[]> {
    const range = await this.#range();
    if (this.#grams) await this.#byIndex(range);
    else await this.#byReading(range);
    return this.#found.slice(0, this.#search.limit);
  }

  async #range(): Promise<Range> {
    const { scope, after, descending } = this.#search;
    const range = { low: 'chatId' in scope ? scope.startId : 0, high: (await newestId(this.#s)) + 1 };
    if (after !== undefined && descending) range.high = Math.min(range.high, after);
    if (after !== undefined && !descending) range.low = Math.max(range.low, after + 1);
    return datesToIds(this.#s, this.#search, range);
  }

  /** In a chat what is wanted is mostly near the beginning; and many chats are read sooner than looked up. */
  async #byIndex(range: Range): Promise<void> {
    const rest = 'chatId' in this.#search.scope ? await this.#readSome(range) : range;
    if (!rest || this.#full) return;
    const { floor, ...place } = await readExtent(this.#s);
    const chatId = 'chatId' in this.#search.scope ? this.#search.scope.chatId : undefined;
    this.#changed = [...(await changedAfter(this.#s, place, chatId, () => this.#pause()))].sort((a, b) => a - b);
    const [before, indexed] = [{ ...rest, high: Math.min(rest.high, floor) }, { ...rest, low: Math.max(rest.low, floor) }];
    if (this.#search.descending) await this.#lookUpAll(indexed);
    await this.#byReading(before);
    if (!this.#search.descending) await this.#lookUpAll(indexed);
  }

  async #byReading(range: Range): Promise<void> {
    for (let rest: Range | undefined = range; rest && !this.#full; rest = await this.#readSome(rest)) await this.#pause();
  }

  /** @returns what is left to be read */
  async #readSome(range: Range): Promise<Range | undefined> {
    if (range.low >= range.high) return undefined;
    const { rows, rest } = await messagesIn(this.#s, this.#search, range);
    await this.#keep(rows);
    return rest;
  }

  async #lookUpAll(range: Range): Promise<void> {
    const { scope } = this.#search;
    if ('chatId' in scope) return void (await this.#lookUp(range, scope.chatId, () => false));
    const chats = await ownChats(this.#s, scope);
    const most = MOST_FOREIGN + FOREIGN_PER_CHAT * chats.length;
    const rest = await this.#lookUp(range, undefined, () => this.#foreign > most);
    if (rest) await this.#chatByChat(rest, chats);
  }

  /** Looks until enough is found, or it is time to stop. @returns what is left then */
  async #lookUp(range: Range, chatId: number | undefined, stop: () => boolean): Promise<Range | undefined> {
    const { descending } = this.#search;
    let span = FIRST_SPAN;
    for (let rest = range; rest.low < rest.high && !this.#full; ) {
      if (stop()) return rest;
      if (chatId !== undefined) rest = await spokenIn(this.#s, chatId, rest, descending);
      if (rest.low >= rest.high) break;
      const began = performance.now();
      const part = descending ? { low: Math.max(rest.low, rest.high - span), high: rest.high } : { low: rest.low, high: Math.min(rest.high, rest.low + span) };
      const ids = await this.#texts.find(this.#s, { grams: this.#grams!, chatId, from: part.low, below: part.high, descending, limit: READ_AT_ONCE });
      const taken = performance.now() - began;
      const seen = ids.length < READ_AT_ONCE ? part : descending ? { ...part, low: ids.at(-1)! } : { ...part, high: ids.at(-1)! + 1 };
      await this.#read(ids, seen);
      rest = descending ? { ...rest, high: seen.low } : { ...rest, low: seen.high };
      if (ids.length < READ_AT_ONCE && taken < QUICK_MS) span = Math.min(MOST_SPAN, span * 2);
      else if (taken > SLOW_MS) span = Math.max(LEAST_SPAN, span / 2);
      await this.#pause();
    }
    return undefined;
  }

  /** Candidates of the index, and what it does not know within the same range. */
  async #read(ids: readonly number[], { low, high }: Range): Promise<void> {
    const { descending } = this.#search;
    const changed = this.#changed.filter((id) => id >= low && id < high);
    const all = changed.length > 0 ? [...new Set([...ids, ...changed])].sort((a, b) => (descending ? b - a : a - b)) : ids;
    for (let i = 0; i < all.length && !this.#full; i += READ_AT_ONCE) {
      const some = all.slice(i, i + READ_AT_ONCE);
      const rows = await rowsIn(this.#s, this.#search, some);
      this.#foreign += some.length - rows.length;
      await this.#keep(rows);
    }
  }

  /** What nearly all candidates of others' chats would have to be passed over for. The chats come with the newest first. */
  async #chatByChat(range: Range, chats: readonly OwnChat[]): Promise<void> {
    const { descending, limit } = this.#search;
    const order = (a: MessageRow, b: MessageRow) => (descending ? b.id - a.id : a.id - b.id);
    let best = this.#found.splice(0);
    for (const { chat_id: chatId, start_id: startId, top_message_id: top, message_count: count } of chats) {
      const worst = best.length < limit ? undefined : best.at(-1)!.id;
      const own = { low: Math.max(range.low, startId), high: Math.min(range.high, top + 1) };
      if (worst !== undefined && descending) own.low = Math.max(own.low, worst + 1);
      if (worst !== undefined && !descending) own.high = Math.min(own.high, worst);
      if (own.low >= own.high) continue;
      if (count <= FEW) await this.#keep(await messagesOf(this.#s, this.#search, chatId, own));
      else await this.#lookUp(own, chatId, () => false);
      best = [...best, ...this.#found.splice(0)].sort(order).slice(0, limit);
    }
    this.#found.push(...best);
  }

  /** Those of the rows that match, in their order. */
  async #keep(rows: readonly MessageRow[]): Promise<void> {
    for (const row of rows) {
      if (fold(row.text).includes(this.#wanted)) this.#found.push(row);
      if (this.#slice.isOver()) await this.#slice.next();
    }
  }

  async #pause(): Promise<void> {
    if (this.#slice.isOver()) await this.#slice.next();
  }
}
