/** What a unit of work changes: entries for the journal, and signals that only this process hears. */

/** What an entry of the journal tells. */
export type What =
  | 'message.added' | 'message.updated' | 'message.deleted'
  | 'link.previewed' | 'message.pinned' | 'message.unpinned'
  | 'reaction.added' | 'reaction.deleted'
  | 'notice.added' | 'notice.changed' | 'notice.deleted'
  | 'chat.joined' | 'chat.left' | 'chat.changed' | 'member.changed'
  | 'user.added' | 'user.changed'
  | 'app.event'
  | 'credentials' | 'settings' | 'rehearsals' | 'handlers';

/** One change. Ids are 0 where there is none. */
export interface Entry {
  what: What;
  chatId: number;
  /** Whom it concerns: 0 for all members of the chat, or for everybody. */
  userId: number;
  /** Whose action it was; 0 for nobody's. */
  actorId: number;
  /** The message or notification, or the user who joined, left or was added; of a reading the first message that is seen with it. */
  subjectId: number;
  /** How many events may still follow one from another. */
  hops: number;
  /** By which exchange of which application; empty for none. */
  via: string;
  /** What it needs besides ids: the code of a reaction, or what of a chat or of one's side of it changed. Empty for nothing. */
  detail: string;
}

const NOTHING: Omit<Entry, 'what'> = { chatId: 0, userId: 0, actorId: 0, subjectId: 0, hops: 0, via: '', detail: '' };

/** What a user has done to their own side of a chat. */
export type SideChange =
  | 'read' | 'unread' | 'mark' | 'pin' | 'unpin' | 'mute' | 'unmute' | 'hide'
  /** Of a channel: a thread of comments that they are subscribed to went on, or all of those were read. Of such a thread: it began for them. */
  | 'comments' | 'readComments' | 'subscribe'
  /** Of no chat: everything is being read. */
  | 'readAll'
  | '';

function placeOf({ chatId, userId }: Entry): string {
  return `${chatId} ${userId}`;
}

/** Collected while a unit of work runs, written to the journal at its end, published once it is committed. */
export class Changes {
  readonly #entries = new Map<string, Entry>();
  readonly #kinds = new Set<What>();
  /** Chats of which an entry concerns all members. */
  readonly chats = new Set<number>();
  /** Users of whom something changed that others are shown: their activity too, which is no entry. */
  readonly users = new Set<number>();
  /** Users whose standing changed, or what their tokens stand for: who they are to the server, not how they look. */
  readonly accounts = new Set<number>();
  /** There may be something to deliver to handlers. */
  deliveries = false;
  /** Lanes of deliveries that need not rest any longer. */
  readonly lanes = new Set<string>();
  /** Rows may look different that nobody has written: see mark-store.ts. */
  marked = false;
  /** When the first of what has been set changes by time alone, milliseconds; Infinity for nothing. */
  due = Infinity;
  /** Of the transaction, where transactions that write entries are numbered one after the other: on SQLite. */
  rev = 0;
  /** Something outside the unit's own knowledge changed: believe no cache. */
  everything = false;

  note(entry: Partial<Entry> & Pick<Entry, 'what'>): void {
    const whole = { ...NOTHING, ...entry };
    this.#kinds.add(whole.what);
    this.#entries.set(`${whole.what} ${whole.chatId} ${whole.userId} ${whole.subjectId} ${whole.detail}`, whole);
    if (whole.chatId > 0 && whole.userId === 0) this.chats.add(whole.chatId);
  }

  /** One user's side of a chat. @param detail what of it, where that can be said @param seenFrom of a reading: the first message that is seen with it, 0 for none */
  member(userId: number, chatId: number, detail: SideChange = '', seenFrom = 0): void {
    this.note({ what: 'member.changed', userId, chatId, detail, subjectId: seenFrom });
  }

  /** What all members of a chat are shown. @param detail what of it, comma-separated, where that can be said */
  chat(chatId: number, detail = ''): void {
    this.note({ what: 'chat.changed', chatId, detail });
  }

  /** @param standing whether it may decide what the user may do and see */
  user(userId: number, standing: boolean): void {
    this.note({ what: 'user.changed', subjectId: userId });
    this.users.add(userId);
    if (standing) this.accounts.add(userId);
  }

  /** @param at when something comes due, milliseconds; 0 for never */
  dueAt(at: number): void {
    if (at > 0) this.due = Math.min(this.due, at);
  }

  has(what: What): boolean {
    return this.#kinds.has(what);
  }

  /** Users' own sides of chats that changed. */
  sides(): Array<Pick<Entry, 'userId' | 'chatId'>> {
    return [...this.#entries.values()].filter(({ what }) => what === 'member.changed');
  }

  /** Users whose notifications changed. */
  notified(): number[] {
    return [...this.#entries.values()].filter(({ what }) => what.startsWith('notice.')).map(({ userId }) => userId);
  }

  /** Without what another entry of the same chat says already. */
  entries(): Entry[] {
    const entries = [...this.#entries.values()];
    if (entries.length < 2) return entries;
    const told = new Set(entries.filter(({ what, userId, detail }) => userId === 0 && (what !== 'chat.changed' || detail !== '')).map(({ chatId }) => chatId));
    const detailed = new Set(entries.filter(({ what, detail }) => what === 'member.changed' && detail !== '').map(placeOf));
    return entries.filter((entry) => {
      const { what, chatId, detail } = entry;
      if (detail !== '') return true;
      if (what === 'chat.changed') return !told.has(chatId);
      return what !== 'member.changed' || !(this.chats.has(chatId) || detailed.has(placeOf(entry)));
    });
  }

  /** Whether anything may have got a date: whatever has one is an entry. */
  get dated(): boolean {
    return this.#entries.size > 0;
  }

  get empty(): boolean {
    return this.#entries.size === 0 && this.users.size === 0 && this.due === Infinity && !this.deliveries && !this.marked && !this.everything;
  }
}
