/** One dialog as it stands open: its card, its messages, and how far they are shown and read. */
import { batch as atOnce, type Signal, signal } from '@preact/signals';
import { ApiError, batch, call } from '../../lib/api.ts';
import { userId as me } from '../../lib/told.ts';
import { learnPeople } from '../store/people.ts';
import type { Card } from './card.ts';
import {
  endOf, find, type History, interrupted, lastIdOf, NOTHING, windowAt, withMessage, without, withPage, withReactions, withUpdate, withWindow,
} from './history.ts';
import type { FileInfo, Message, Reactions, User } from './message.ts';
import { type Echo, writtenHere } from './outbox.ts';
import { forgetMessages, keepMessages, keptMessages } from './kept.ts';
import { messagesIn, type Page, pagesAt, type Pin, pinsIn, type PinsPage } from './pages.ts';
import { marked, type Side } from './sides.ts';
import { Quotes } from './quotes.ts';
import { Receipts } from './receipts.ts';
import type { ReadTracker } from './read-tracker.ts';
import { firstSlice, type Slice } from './slice.ts';

const PAGE = 50;
export type TalkState = 'loading' | 'ready' | 'failed' | 'denied';

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
  readonly receipts = new Receipts();
  readonly busy: Signal<ReadonlySet<Side>> = signal(new Set());
  readonly failed: Signal<ReadonlySet<Side>> = signal(new Set());
  readonly answering: Signal<Message | undefined> = signal(undefined);
  readonly editing: Signal<Message | undefined> = signal(undefined);
  /** A message to be shown and marked for a moment. */
  readonly target: Signal<{ id: number; align: 'center' | 'divider' } | undefined> = signal(undefined);
  readonly files = new Map<number, FileInfo>();
  /** Arrived while something else was looked at. */
  readonly below = signal(0);
  reader: ReadTracker;
  #toldUpTo = 0;
  #fresh: Promise<void> | undefined;

  constructor(dialogId: string, reader: (talk: Talk) => ReadTracker) {
    this.dialogId = dialogId;
    this.reader = reader(this);
    this.#quotes = new Quotes(dialogId, (page) => {
      this.#learn(page);
      // Whoever shows the answer looks again.
      this.history.value = [...this.history.value];
    });
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
      else await this.#loaded(results.card as Card, results.page as Page, results.pins as PinsPage | undefined);
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
    forgetMessages(this.dialogId);
  }

  async #loaded(card: Card, page: Page, pins: PinsPage | undefined): Promise<void> {
    const first = this.state.value !== 'ready';
    // It opens at the line before what is new, and nothing counts as seen before it does.
    const unread = first && card.counter > 0 ? card.unread_id : 0;
    const around = unread > 0 && !page.messages.some(({ id }) => id === unread) ? await pagesAt(this.dialogId, unread, PAGE).catch(() => undefined) : undefined;
    atOnce(() => {
      this.takeCard(card);
      this.#learn(page);
      this.#takePage(page, { newest: true });
      this.#toldUpTo = Math.max(this.#toldUpTo, ...page.messages.map(({ id }) => id));
      if (around) this.#takeAround(around);
      if (pins) this.#takePins(pins);
      if (unread > 0 && find(this.history.value, unread)) {
        this.divider.value = unread;
        this.show(unread, 'divider');
      }
      this.state.value = 'ready';
    });
    this.#keep();
  }

  takeCard(card: Card): void {
    this.card.value = card;
    this.receipts.take(card.readed_list);
    this.reader.heard(card.last_id);
  }

  async #restore(): Promise<void> {
    const kept = await keptMessages(this.dialogId);
    if (!kept || this.state.value === 'ready') return;
    atOnce(() => {
      learnPeople(kept.users);
      for (const file of kept.files) this.files.set(file.id, file);
      this.card.value = kept.card;
      this.history.value = kept.messages.length > 0 ? [{ messages: kept.messages, atStart: false, atEnd: true }] : NOTHING;
    });
  }

  readonly #users = new Map<number, User>();
  readonly #quotes: Quotes;

  /** What the messages' pages said of somebody. */
  person(id: number): User | undefined {
    return this.#users.get(id);
  }

  /** A message that another answers and that lies outside of what is loaded: fetched once, by whoever draws the answer. */
  quoted(id: number): Message | undefined {
    return this.#quotes.of(id);
  }

  #learn(page: Pick<Page, 'users'> & Partial<Pick<Page, 'files'>>): void {
    learnPeople(page.users);
    for (const user of page.users) this.#users.set(user.id, user);
    for (const file of page.files ?? []) this.files.set(file.id, file);
  }

  #keep(): void {
    const [card, end] = [this.card.value, endOf(this.history.value)];
    if (card && end) keepMessages(this.dialogId, card, end.messages, this.files, this.#users);
  }

  #takePage(page: Page, asked: Parameters<typeof withPage>[2]): void {
    this.history.value = withPage(this.history.value, messagesIn(page), asked, page.messages.length < ('newest' in asked ? PAGE : 1));
  }

  #takePins({ pins, users }: PinsPage): void {
    this.#learn({ users });
    this.pins.value = pinsIn(pins);
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
    this.busy.value = marked(this.busy.value, side, true);
    this.failed.value = marked(this.failed.value, side, false);
    try {
      const cursor = side === 'older' ? { LAST_ID: edge } : { FIRST_ID: edge };
      const page = await call<Page>('im.dialog.messages.get', { DIALOG_ID: this.dialogId, LIMIT: PAGE, ...cursor });
      atOnce(() => {
        this.#learn(page);
        this.#takePage(page, side === 'older' ? { before: edge } : { after: edge });
      });
    } catch {
      this.failed.value = marked(this.failed.value, side, true);
    } finally {
      this.busy.value = marked(this.busy.value, side, false);
    }
  }

  #takeAround({ older, newer }: { older: Page; newer: Page }): void {
    this.#learn(older);
    this.#learn(newer);
    this.history.value = withWindow(this.history.value, [...messagesIn(newer), ...messagesIn(older)], older.messages.length === 0, false);
  }

  /** Shows a message, wherever it lies. @returns whether there is one */
  async jumpTo(id: number): Promise<boolean> {
    if (!windowAt(this.history.value, id)) {
      const pages = await pagesAt(this.dialogId, id, PAGE).catch(() => undefined);
      if (pages) atOnce(() => this.#takeAround(pages));
    }
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
      if (message.authorId !== me && message.authorId > 0) this.receipts.saw(message.authorId, message.id - 1);
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

  reacted(id: number, reactions: Reactions): void {
    this.history.value = withReactions(this.history.value, id, reactions);
  }

  /** The server has taken what was written here. */
  async accepted(echo: Echo, id: number): Promise<void> {
    const message = { ...writtenHere(echo, id), chatId: this.card.value?.id ?? 0, authorId: me };
    this.reader.heard(id);
    if (echo.forwardId > 0 || echo.fileIds.length > 0) await this.refresh();
    else if (!find(this.history.value, id)) this.history.value = withMessage(this.history.value, message);
  }

  readBy(userId: number, upTo: number, date: string | null): void {
    if (userId === me) this.reader.heard(upTo);
    else this.receipts.saw(userId, upTo, date);
  }

  /** Events may have been missed. */
  interrupted(): void {
    this.history.value = interrupted(this.history.value);
  }
}
