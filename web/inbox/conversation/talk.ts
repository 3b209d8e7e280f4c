/** One dialog as it stands open: its card, its messages, and how far they are shown and read. */
import { batch as atOnce, computed, type Signal, signal } from '@preact/signals';
import { ApiError, batch, call } from '../../lib/api.ts';
import { userId as me } from '../../lib/told.ts';
import { cache } from '../store/cache.ts';
import { learnPeople } from '../store/people.ts';
import type { Card } from './card.ts';
import {
  endOf, find, type History, interrupted, lastIdOf, NOTHING, windowAt, withMessage, without, withPage, withReactions, withUpdate, withWindow,
} from './history.ts';
import { type FileInfo, type Message, type Reactions, readReactions, toMessage, type User, type WireMessage } from './message.ts';
import type { Echo } from './outbox.ts';
import { ReadTracker } from './read-tracker.ts';
import { firstSlice, type Slice } from './slice.ts';

export interface Page {
  messages: WireMessage[];
  users: User[];
  files: FileInfo[];
  reactions?: unknown[];
}

export interface Pin {
  message: Message;
  by: number;
}

interface Kept {
  card: Card;
  messages: Message[];
  files: FileInfo[];
  users: User[];
}

const PAGE = 50;
/** Messages that are kept for reading without a connection. */
const KEPT = 50;

export type TalkState = 'loading' | 'ready' | 'failed' | 'denied';
type Side = 'older' | 'newer';

export class Talk {
  readonly dialogId: string;
  readonly card: Signal<Card | undefined> = signal(undefined);
  readonly state: Signal<TalkState> = signal('loading');
  readonly history: Signal<History> = signal(NOTHING);
  /** Which part of the history is shown. */
  readonly slice: Signal<Slice> = signal(firstSlice);
  readonly pins: Signal<readonly Pin[]> = signal([]);
  /** The first message below the line before what is new; 0 for no line. */
  readonly divider = signal(0);
  /** How far the others have read, by user. */
  readonly readers: Signal<ReadonlyMap<number, { upTo: number; date: string | null }>> = signal(new Map());
  readonly busy: Signal<ReadonlySet<Side>> = signal(new Set());
  readonly failed: Signal<ReadonlySet<Side>> = signal(new Set());
  readonly answering: Signal<Message | undefined> = signal(undefined);
  readonly editing: Signal<Message | undefined> = signal(undefined);
  /** A message to be shown and marked for a moment. */
  readonly target: Signal<{ id: number; align: 'center' | 'divider' } | undefined> = signal(undefined);
  readonly files = new Map<number, FileInfo>();
  /** The highest message that any other has read. */
  readonly readByOthers = computed(() => Math.max(0, ...[...this.readers.value.values()].map(({ upTo }) => upTo)));
  /** Arrived while something else was looked at. */
  readonly below = signal(0);
  reader: ReadTracker;
  #kept: Kept | undefined;
  #toldUpTo = 0;
  #fresh: Promise<void> | undefined;

  constructor(dialogId: string, reader: (talk: Talk) => ReadTracker) {
    this.dialogId = dialogId;
    this.reader = reader(this);
  }

  /** Shows what was kept at once, and then what the server says. */
  async open(): Promise<void> {
    if (this.state.value !== 'ready' && this.history.value.length === 0) await this.#restore();
    await this.refresh();
  }

  /** Takes the card and the end of the history as they are now. */
  refresh(): Promise<void> {
    this.#fresh ??= this.#load().finally(() => (this.#fresh = undefined));
    return this.#fresh;
  }

  async #load(): Promise<void> {
    try {
      const { results, errors } = await batch({
        card: ['im.dialog.get', { DIALOG_ID: this.dialogId }],
        page: ['im.dialog.messages.get', { DIALOG_ID: this.dialogId, LIMIT: PAGE }],
        pins: ['tidemark.message.pinned.list', { DIALOG_ID: this.dialogId }],
      });
      if (errors.card || errors.page) this.#refused((errors.card ?? errors.page)!.error);
      else this.#loaded(results.card as Card, results.page as Page, results.pins as PinsPage | undefined);
    } catch (error) {
      if (this.state.value !== 'ready') this.state.value = error instanceof ApiError && error.code === 'SESSION' ? this.state.value : 'failed';
    }
  }

  #refused(code: string): void {
    if (code === 'ACCESS_ERROR' || code === 'DIALOG_ID_EMPTY') this.deny();
    else if (this.state.value !== 'ready') this.state.value = 'failed';
  }

  /** Nothing of it is to be seen any more, nor kept. */
  deny(): void {
    atOnce(() => {
      this.state.value = 'denied';
      this.history.value = NOTHING;
      this.card.value = undefined;
      this.pins.value = [];
    });
    void cache.put('messages', this.dialogId, undefined);
  }

  #loaded(card: Card, page: Page, pins: PinsPage | undefined): void {
    const first = this.state.value !== 'ready';
    atOnce(() => {
      this.takeCard(card);
      this.#learn(page);
      this.#takePage(page, { newest: true });
      this.#toldUpTo = Math.max(this.#toldUpTo, ...page.messages.map(({ id }) => id));
      if (pins) this.#takePins(pins);
      if (first) this.state.value = 'ready';
    });
    this.#keep();
    if (first && card.unread_id > 0 && card.counter > 0) void this.#toUnread(card.unread_id);
  }

  takeCard(card: Card): void {
    this.card.value = card;
    this.readers.value = new Map(card.readed_list.map(({ user_id: id, message_id: upTo, date }) => [id, { upTo, date }]));
    this.reader.heard(card.last_id);
  }

  /** Opens at the line before what is new. */
  async #toUnread(id: number): Promise<void> {
    this.divider.value = id;
    if (!windowAt(this.history.value, id)) await this.#loadAround(id);
    if (find(this.history.value, id)) this.show(id, 'divider');
  }

  async #restore(): Promise<void> {
    const kept = await cache.get<Kept>('messages', this.dialogId);
    if (!kept || this.state.value === 'ready') return;
    atOnce(() => {
      learnPeople(kept.users);
      for (const file of kept.files) this.files.set(file.id, file);
      this.card.value = kept.card;
      this.history.value = kept.messages.length > 0 ? [{ messages: kept.messages, atStart: false, atEnd: true }] : NOTHING;
    });
  }

  readonly #users = new Map<number, User>();

  /** What the messages' pages said of somebody. */
  person(id: number): User | undefined {
    return this.#users.get(id);
  }

  readonly #quoted = new Map<number, Message | undefined>();

  /** A message that another answers and that lies outside of what is loaded: fetched once, by whoever draws the answer. */
  quoted(id: number): Message | undefined {
    if (!this.#quoted.has(id)) void this.#fetchQuoted(id);
    return this.#quoted.get(id);
  }

  async #fetchQuoted(id: number): Promise<void> {
    this.#quoted.set(id, undefined);
    const { newer } = await this.#pagesAt(id, 1).catch(() => ({ newer: undefined }));
    const wire = newer?.messages.find((message) => message.id === id);
    if (!newer || !wire) return;
    atOnce(() => {
      this.#learn(newer);
      this.#quoted.set(id, toMessage(wire));
      // Whoever shows the answer looks again.
      this.history.value = [...this.history.value];
    });
  }

  #learn(page: Pick<Page, 'users'> & Partial<Pick<Page, 'files'>>): void {
    learnPeople(page.users);
    for (const user of page.users) this.#users.set(user.id, user);
    for (const file of page.files ?? []) this.files.set(file.id, file);
  }

  #keep(): void {
    const end = endOf(this.history.value);
    const card = this.card.value;
    if (!end || !card) return;
    const messages = end.messages.slice(-KEPT);
    const fileIds = new Set(messages.flatMap(({ params }) => (Array.isArray(params['FILE_ID']) ? params['FILE_ID'] : [])));
    this.#kept = { card, messages, files: [...this.files.values()].filter(({ id }) => fileIds.has(id)), users: [...this.#users.values()] };
    void cache.put('messages', this.dialogId, this.#kept);
  }

  #takePage(page: Page, asked: Parameters<typeof withPage>[2]): void {
    this.history.value = withPage(this.history.value, messagesIn(page), asked, page.messages.length < ('newest' in asked ? PAGE : 1));
  }

  #takePins({ pins, users }: PinsPage): void {
    this.#learn({ users });
    this.pins.value = pins.map(({ message, pinned_by: by }) => ({ message: toMessage(message), by }));
  }

  async readPins(): Promise<void> {
    const pins = await call<PinsPage>('tidemark.message.pinned.list', { DIALOG_ID: this.dialogId }).catch(() => undefined);
    if (pins) this.#takePins(pins);
  }

  async readCard(): Promise<void> {
    try {
      this.takeCard(await call<Card>('im.dialog.get', { DIALOG_ID: this.dialogId }));
    } catch (error) {
      if (error instanceof ApiError) this.#refused(error.code);
    }
  }

  /** Loads a page beyond the window that is shown. */
  async more(side: Side): Promise<void> {
    const window = this.shownWindow;
    const edge = side === 'older' ? window?.messages[0]?.id : window?.messages.at(-1)?.id;
    if (!edge || this.busy.value.has(side)) return;
    this.#mark('busy', side, true);
    this.#mark('failed', side, false);
    try {
      const cursor = side === 'older' ? { LAST_ID: edge } : { FIRST_ID: edge };
      const page = await call<Page>('im.dialog.messages.get', { DIALOG_ID: this.dialogId, LIMIT: PAGE, ...cursor });
      atOnce(() => {
        this.#learn(page);
        this.#takePage(page, side === 'older' ? { before: edge } : { after: edge });
      });
    } catch {
      this.#mark('failed', side, true);
    } finally {
      this.#mark('busy', side, false);
    }
  }

  #mark(what: 'busy' | 'failed', side: Side, on: boolean): void {
    const marks = new Set(this[what].value);
    if (on) marks.add(side);
    else marks.delete(side);
    this[what].value = marks;
  }

  /** What is before a message, and the message with what is after it: a cursor has to be a message of the dialog. */
  async #pagesAt(id: number, limit: number): Promise<{ older: Page; newer: Page }> {
    const at = { DIALOG_ID: this.dialogId, LIMIT: limit };
    const older = await call<Page>('im.dialog.messages.get', { ...at, LAST_ID: id });
    const newer = await call<Page>('im.dialog.messages.get', { ...at, FIRST_ID: older.messages[0]?.id ?? 0 });
    return { older, newer };
  }

  async #loadAround(id: number): Promise<void> {
    const { older, newer } = await this.#pagesAt(id, PAGE);
    atOnce(() => {
      this.#learn(older);
      this.#learn(newer);
      this.history.value = withWindow(this.history.value, [...messagesIn(newer), ...messagesIn(older)], older.messages.length === 0, false);
    });
  }

  /** Shows a message, wherever it lies. @returns whether there is one */
  async jumpTo(id: number): Promise<boolean> {
    if (!windowAt(this.history.value, id)) await this.#loadAround(id).catch(() => undefined);
    if (!find(this.history.value, id)) return false;
    this.show(id, 'center');
    return true;
  }

  show(id: number, align: 'center' | 'divider'): void {
    atOnce(() => {
      this.slice.value = { around: id };
      this.target.value = { id, align };
    });
  }

  /** Back to where what arrives is shown. */
  async toEnd(): Promise<void> {
    if (!endOf(this.history.value)) await this.refresh();
    atOnce(() => {
      this.slice.value = firstSlice;
      this.below.value = 0;
      this.target.value = undefined;
    });
  }

  /** Up to where the server has told of all messages. What was sent from here may lie beyond, and others before it. */
  get toldUpTo(): number {
    return this.#toldUpTo;
  }

  get shownWindow() {
    const { around } = this.slice.value;
    return around === 'end' ? (endOf(this.history.value) ?? this.history.value.at(-1)) : windowAt(this.history.value, around);
  }

  /** A message of the event stream, with whoever it names. */
  arrived(message: Message, page: { users?: User[] | undefined; files?: FileInfo[] | undefined }, looking: boolean): void {
    const isNew = message.id > lastIdOf(this.history.value);
    this.#toldUpTo = Math.max(this.#toldUpTo, message.id);
    atOnce(() => {
      this.#learn({ users: page.users ?? [], files: page.files ?? [] });
      if (isNew && message.authorId !== me && message.authorId !== 0 && !looking) this.#newRun(message);
      this.history.value = withMessage(this.history.value, message);
      if (message.authorId !== me && message.authorId > 0) this.#sawBy(message.authorId, message.id - 1);
    });
    this.#keep();
  }

  /** Where all before was read, what comes unseen begins below a new line. */
  #newRun(message: Message): void {
    if (this.reader.readUpTo >= lastIdOf(this.history.value) || this.divider.value === 0) this.divider.value = message.id;
    this.below.value += 1;
  }

  changed(message: Message): void {
    this.history.value = withUpdate(this.history.value, message);
    this.pins.value = this.pins.value.map((pin) => (pin.message.id === message.id ? { ...pin, message } : pin));
    this.#keep();
  }

  erased(id: number): void {
    this.history.value = without(this.history.value, id);
    this.pins.value = this.pins.value.filter(({ message }) => message.id !== id);
    this.#keep();
  }

  /** A message as it reads now, where no event tells: gone, or with a line in its place. */
  async refreshed(id: number): Promise<void> {
    const { newer } = await this.#pagesAt(id, 1).catch(() => ({ newer: undefined }));
    const [wire] = newer?.messages ?? [];
    if (wire?.id === id) this.changed(toMessage(wire));
    else this.erased(id);
  }

  reacted(id: number, reactions: Reactions): void {
    this.history.value = withReactions(this.history.value, id, reactions);
  }

  /** The server has taken what was written here. */
  async accepted(echo: Echo, id: number): Promise<void> {
    const params = { ...(echo.replyId ? { REPLY_ID: echo.replyId } : {}) };
    const message = { ...toMessage({ id, chat_id: this.card.value?.id ?? 0, author_id: me, date: '', text: echo.text, uuid: echo.uuid, params }), at: Date.now() };
    this.reader.heard(id);
    if (echo.forwardId > 0 || echo.fileIds.length > 0) await this.refresh();
    else if (!find(this.history.value, id)) this.history.value = withMessage(this.history.value, message);
  }

  readBy(userId: number, upTo: number, date: string | null): void {
    if (userId === me) this.reader.heard(upTo);
    else this.#sawBy(userId, upTo, date);
  }

  #sawBy(userId: number, upTo: number, date: string | null = null): void {
    if ((this.readers.value.get(userId)?.upTo ?? 0) >= upTo) return;
    this.readers.value = new Map(this.readers.value).set(userId, { upTo, date });
  }

  /** Events may have been missed. */
  interrupted(): void {
    this.history.value = interrupted(this.history.value);
  }
}

interface PinsPage {
  pins: Array<{ message: WireMessage; pinned_by: number }>;
  users: User[];
}

function messagesIn({ messages, reactions = [] }: Page): Message[] {
  const byId = new Map((reactions as Array<{ messageId: number }>).map((one) => [one.messageId, readReactions(one)]));
  return messages.map((wire) => {
    const message = toMessage(wire);
    const all = byId.get(wire.id);
    return all ? { ...message, reactions: all } : message;
  });
}
