/** What entries of the journal tell those who listen: facts are loaded once, and only of what concerns somebody. */
import type { Session } from '../../db/database.ts';
import type { ChatRow } from '../../db/stores/chat-store.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import { chatsAmong, connectedMembers } from '../../db/stores/live-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import type { ReactionsByCode } from '../../db/stores/reaction-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { type Facts, loadFacts } from './facts.ts';
import type { ChatNews, Happening, MessageNews, SideNews, UserNews, WatchedNews } from './happening.ts';
import type { Gathered, Told } from './told.ts';
import { findWatchers, type Onlookers, type Watched } from './watchers.ts';

/** In larger chats only one's own reading is told. */
export const TOLD_READING = 200;

/** @param listening whom somebody is to be told of it for */
export async function gather(s: Session, entries: readonly JournalRow[], listening: ReadonlySet<number>, onlookers: Onlookers): Promise<Gathered> {
  const gathering = await Gathering.of(s, entries, listening, onlookers);
  return gathering.gather(s, gathering.heard);
}

const NO_REACTIONS: ReactionsByCode = new Map();

/** Who is to be told of entries, and what: of all of them at once, or of one piece after another. */
export class Gathering {
  readonly #listening: ReadonlySet<number>;
  readonly #chats: ReadonlyMap<number, ChatRow>;
  /** Only clients of the vendor's protocol are told; they are those who may look on. */
  readonly #tellsSeen: boolean;
  /** Those who listen among the members of each chat. */
  #audiences: ReadonlyMap<number, readonly number[]> = new Map();
  #watched: ReadonlyMap<number, Watched> = new Map();
  /** Entries that somebody is told of. Found once: who comes to listen meanwhile is told of them by what they have missed. */
  heard: readonly JournalRow[] = [];
  #told = new Map<number, Told>();
  /** People who join one after another are told of together. */
  #joining: ChatNews | undefined;

  private constructor(listening: ReadonlySet<number>, chats: ReadonlyMap<number, ChatRow>, tellsSeen: boolean) {
    this.#listening = listening;
    this.#tellsSeen = tellsSeen;
    this.#chats = chats;
  }

  static async of(s: Session, entries: readonly JournalRow[], listening: ReadonlySet<number>, onlookers: Onlookers): Promise<Gathering> {
    const chats = await chatsAmong(s, [...new Set(entries.flatMap(({ chat_id }) => (chat_id > 0 ? [chat_id] : [])))]);
    const gathering = new Gathering(listening, byId(chats), onlookers.users.size > 0);
    await gathering.#findAudiences(s, entries, onlookers);
    gathering.heard = entries.filter((entry) => gathering.#isHeard(entry));
    return gathering;
  }

  /** @param entries of those that are heard */
  async gather(s: Session, entries: readonly JournalRow[]): Promise<Gathered> {
    const facts = await loadFacts(s, entries, this.#listening, this.#tellsSeen);
    [this.#told, this.#joining] = [new Map(), undefined];
    for (const entry of entries) this.#add(entry, facts);
    return this.#told;
  }

  async #findAudiences(s: Session, entries: readonly JournalRow[], onlookers: Onlookers): Promise<void> {
    const chatIds = new Set(entries.filter((entry) => this.#isForAll(entry)).map(({ chat_id }) => chat_id));
    [this.#audiences, this.#watched] = await Promise.all([
      connectedMembers(s, [...chatIds], this.#listening), findWatchers(s, [...this.#chats.values()], onlookers),
    ]);
  }

  /** Whether it is told to all members of its chat. */
  #isForAll({ chat_id: chatId, user_id: userId, detail }: JournalRow): boolean {
    if (userId === 0) return chatId > 0;
    return (detail === 'read' || detail === 'unread') && (this.#chats.get(chatId)?.member_count ?? 0) <= TOLD_READING;
  }

  #isHeard(entry: JournalRow): boolean {
    if (this.#isForAll(entry) && (this.#audiences.get(entry.chat_id)!.length > 0 || this.#watched.get(entry.chat_id)?.users.length)) return true;
    if (entry.what === 'chat.left') return this.#listening.has(entry.subject_id);
    return (entry.chat_id === 0 && entry.user_id === 0) || this.#listening.has(entry.user_id);
  }

  #add(entry: JournalRow, facts: Facts): void {
    if (entry.what !== 'chat.joined') this.#joining = undefined;
    if (entry.what.startsWith('notice.')) return this.#addNotice(entry, facts);
    if (entry.what === 'user.changed') return this.#addUser(entry, facts);
    if (entry.what === 'app.event') return this.#tellAll({ kind: 'application', entry });
    if (entry.detail === 'readAll') return this.#tellOne(entry.user_id, { kind: 'allRead', entry });
    const chat = this.#chats.get(entry.chat_id);
    if (!chat) return;
    if (entry.what === 'member.changed') return this.#addSide(entry, chat, facts);
    if (!(entry.what === 'chat.joined' && this.#joining?.chat.id === chat.id)) this.#addToRows(entry);
    const news = this.#newsOf(entry, chat, facts);
    if (!news) return;
    for (const userId of this.#audienceOf(entry)) this.#tell(userId, news);
    this.#tellOnlookers(entry, news);
  }

  /** Members hear as such. */
  #tellOnlookers(entry: JournalRow, news: WatchedNews['news']): void {
    const { chat } = news;
    const { users, open } = this.#watched.get(chat.id) ?? { users: [], open: false };
    const members = new Set(users.length > 0 ? this.#audienceOf(entry) : []);
    const watched: WatchedNews = { kind: 'watched', entry, chat, news, open };
    for (const userId of users) {
      if (members.has(userId)) continue;
      this.#tell(userId, watched);
      if (chat.parent_chat_id > 0) this.#of(userId).chats.add(chat.parent_chat_id);
    }
  }

  #audienceOf({ what, chat_id, subject_id }: JournalRow): Iterable<number> {
    const members = this.#audiences.get(chat_id) ?? [];
    return what === 'chat.left' && this.#listening.has(subject_id) ? new Set([...members, subject_id]) : members;
  }

  #addToRows(entry: JournalRow): void {
    for (const userId of this.#audienceOf(entry)) this.#of(userId).rows.add(entry.chat_id);
  }

  #newsOf(entry: JournalRow, chat: ChatRow, facts: Facts): WatchedNews['news'] | undefined {
    const { what, subject_id: messageId } = entry;
    const [message, reactions] = [facts.messages.get(messageId), facts.reactions.get(messageId) ?? NO_REACTIONS];
    if (what === 'reaction.added' || what === 'reaction.deleted') {
      return { kind: 'reaction', entry, chat, messageId, message, userId: entry.actor_id, code: entry.detail, set: what === 'reaction.added', reactions };
    }
    const action = actionOf(what, message);
    if (action) return messageNews(entry, chat, action, facts);
    const person = facts.users.get(messageId);
    if (what === 'chat.joined') return this.#join(entry, chat, person);
    if (what === 'chat.left') return { kind: 'chat', entry, chat, change: 'members', joined: [], left: person ? [person] : [] };
    if (what === 'message.pinned' || what === 'message.unpinned') return { kind: 'chat', entry, chat, change: 'pins', joined: [], left: [] };
    return what === 'chat.changed' && entry.detail !== '' ? { kind: 'chat', entry, chat, change: changeOf(entry.detail), joined: [], left: [] } : undefined;
  }

  #join(entry: JournalRow, chat: ChatRow, person: UserRow | undefined): ChatNews | undefined {
    if (this.#joining?.chat.id === chat.id) {
      if (person) (this.#joining.joined as UserRow[]).push(person);
      return undefined;
    }
    this.#joining = { kind: 'chat', entry, chat, change: 'members', joined: person ? [person] : [], left: [] };
    return this.#joining;
  }

  #addSide(entry: JournalRow, chat: ChatRow, facts: Facts): void {
    const { user_id: userId, detail } = entry;
    if (this.#listening.has(userId)) {
      this.#of(userId).rows.add(chat.id);
      this.#of(userId).chats.add(chat.id);
    }
    if (detail === '') return;
    if (detail !== 'read' && detail !== 'unread') return this.#tellOne(userId, { kind: 'side', entry, chat, userId, change: detail as SideNews['change'] });
    const reader = facts.users.get(userId);
    const side = facts.sides.get(chat.id)?.get(userId);
    if (!reader || !side) return;
    const news: Happening = { kind: 'read', entry, chat, reader, unread: detail === 'unread', lastId: side.last_id, seen: facts.seen.get(entry) ?? [], at: entry.created_at };
    this.#tellOne(userId, news);
    if (!this.#isForAll(entry)) return;
    for (const id of this.#audiences.get(chat.id) ?? []) if (id !== userId) this.#tell(id, news);
  }

  #addNotice(entry: JournalRow, { notices: { added, newest, unread }, users }: Facts): void {
    const { user_id: userId, what, subject_id: id } = entry;
    const action = what.slice('notice.'.length) as 'added' | 'changed' | 'deleted';
    const one = added.get(id);
    const notices = action === 'changed' ? newest.get(userId)! : action === 'added' && one ? [one] : [];
    const authors = new Set(notices.map(({ author_id }) => author_id));
    const count = unread.get(userId) ?? 0;
    this.#of(userId).notices = count;
    this.#tellOne(userId, { kind: 'notice', entry, userId, action, notices, users: [...authors].flatMap((author) => users.get(author) ?? []), unread: count });
  }

  #addUser(entry: JournalRow, { users, dialogs }: Facts): void {
    const user = users.get(entry.subject_id);
    if (!user) return;
    const news: UserNews = { kind: 'user', entry, user };
    for (const userId of this.#listening) {
      this.#of(userId).news.push(news);
      this.#of(userId).users.push(user);
    }
    for (const { user_id, chat_id } of dialogs.get(user.id)!) {
      this.#of(user_id).rows.add(chat_id);
      this.#of(user_id).chats.add(chat_id);
    }
  }

  #tellAll(news: Happening): void {
    for (const userId of this.#listening) this.#of(userId).news.push(news);
  }

  #tellOne(userId: number, news: Happening): void {
    if (this.#listening.has(userId)) this.#tell(userId, news);
  }

  #tell(userId: number, news: Happening): void {
    const told = this.#of(userId);
    told.news.push(news);
    if ('chat' in news) told.chats.add(news.chat.id);
  }

  #of(userId: number): Told {
    let told = this.#told.get(userId);
    if (!told) this.#told.set(userId, (told = { news: [], chats: new Set(), rows: new Set(), notices: undefined, users: [] }));
    return told;
  }
}

function actionOf(what: string, message: MessageRow | undefined): MessageNews['action'] | undefined {
  if (what === 'message.deleted') return message ? 'deleted' : 'erased';
  if (!message) return undefined;
  if (what === 'message.added') return 'added';
  return what === 'message.updated' || what === 'link.previewed' ? 'updated' : undefined;
}

function messageNews(entry: JournalRow, chat: ChatRow, action: MessageNews['action'], facts: Facts): MessageNews {
  const messageId = entry.subject_id;
  const [message, files] = [facts.messages.get(messageId), facts.files.get(messageId) ?? []];
  const userIds = new Set([message?.author_id ?? 0, ...files.map(({ created_by }) => created_by)]);
  return {
    kind: 'message', entry, chat, action, messageId, message, files, reactions: facts.reactions.get(messageId) ?? NO_REACTIONS,
    users: [...userIds].flatMap((id) => facts.users.get(id) ?? []),
  };
}

/** The words that clients are told. */
function changeOf(detail: string): string {
  return detail.replace(/\bmanager\b/, 'managers');
}

function byId<T extends { id: number }>(rows: readonly T[]): Map<number, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
