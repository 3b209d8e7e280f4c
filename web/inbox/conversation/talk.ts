/** One dialog as it stands open: its card, its messages, and how far they are shown and read. */
import { batch as atOnce, type Signal, signal } from '@preact/signals';
import { ApiError, call } from '../../lib/api.ts';
import { userId as me } from '../../lib/told.ts';
import { Latest } from '../store/latest.ts';
import { learnPeople } from '../store/people.ts';
import type { Card } from './card.ts';
import { endOf, find, lastIdOf, windowAt, withPage, withWindow } from './history.ts';
import { Known } from './known.ts';
import type { FileInfo, Message, Reactions, User } from './message.ts';
import { type Echo, writtenHere } from './outbox.ts';
import { forgetMessages, keepMessages, keptMessages } from './kept.ts';
import { type Around, endAt, messagesIn, PAGE, type Page, pagesAt, pinsIn, pinsOf, type PinsPage } from './pages.ts';
import { marked, type Side } from './sides.ts';
import { Quotes } from './quotes.ts';
import { Receipts } from './receipts.ts';
import type { ReadTracker } from './read-tracker.ts';
import { firstSlice, placeOf, type Slice } from './slice.ts';

export type TalkState = 'loading' | 'ready' | 'failed' | 'denied';

export class Talk {
  readonly dialogId: string;
  readonly card: Signal<Card | undefined> = signal(undefined);
  readonly state: Signal<TalkState> = signal('loading');
  readonly #known = new Known();
  readonly history = this.#known.history;
  /** Which part of the history is shown. */
  readonly slice: Signal<Slice> = signal(firstSlice);
  readonly pins = this.#known.pins;
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
  /** Up to where the server has told of all messages. What was sent from here may lie beyond, and others before it. */
  toldUpTo = 0;
  #fresh: Promise<void> | undefined;
  #again = false;
  readonly #cards = new Latest();
  readonly #pinned = new Latest();

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

  /** Takes the card and the end of the history as they are now: what is under way already may be from before. */
  refresh(): Promise<void> {
    this.#again = this.#fresh !== undefined;
    this.#fresh ??= this.#loadAll().finally(() => (this.#fresh = undefined));
    return this.#fresh;
  }

  async #loadAll(): Promise<void> {
    do {
      this.#again = false;
      await this.#load();
    } while (this.#again);
    this.#keep();
  }

  async #load(): Promise<void> {
    const [isLatestCard, arePinsLatest] = [this.#cards.ask(), this.#pinned.ask()];
    try {
      await this.#known.ask(() => endAt(this.dialogId, this.#beginning), ({ card, page, pins, around, error }) => {
        if (!card || !page) return this.#refused(error);
        if (pins && arePinsLatest()) this.#takePins(pins);
        return this.#loaded(card, isLatestCard(), page, around);
      });
    } catch (error) {
      if (this.state.value !== 'ready') this.state.value = error instanceof ApiError && error.code === 'SESSION' ? this.state.value : 'failed';
    }
  }

  /** It opens at the line before what is new, and nothing counts as seen before it does. What is loaded anew stays where it was. */
  readonly #beginning = ({ counter, unread_id: id }: Card): number => {
    if (this.state.value !== 'ready') return counter > 0 ? id : 0;
    return this.#known.isStale ? placeOf(this.slice.value) : 0;
  };

  #refused(code: string): void {
    if (code === 'ACCESS_ERROR' || code === 'DIALOG_ID_EMPTY') this.deny();
    else if (this.state.value !== 'ready') this.state.value = 'failed';
  }

  /** Nothing of it is to be seen any more, nor kept. */
  deny(): void {
    atOnce(() => {
      this.state.value = 'denied';
      this.#known.forget();
      this.card.value = undefined;
    });
    forgetMessages(this.dialogId);
  }

  #loaded(card: Card, isLatest: boolean, page: Page, around: Around | undefined): void {
    const beginning = this.#beginning(card);
    const isFirst = this.state.value !== 'ready';
    this.#known.renew();
    if (isLatest) this.takeCard(card);
    this.#learn(page);
    this.#takePage(page, { newest: true });
    this.toldUpTo = Math.max(this.toldUpTo, ...page.messages.map(({ id }) => id));
    if (around) this.#takeAround(around);
    const isThere = beginning > 0 && find(this.history.value, beginning);
    if (isFirst && isThere) {
      this.divider.value = beginning;
      this.show(beginning, 'divider');
    } else if (!isFirst && beginning > 0) this.slice.value = isThere ? { around: beginning } : firstSlice;
    this.state.value = 'ready';
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
      // What came since is not known: where it goes on, only the server can say.
      if (kept.messages.length > 0) this.history.value = [{ messages: kept.messages, atStart: false, atEnd: false }];
    });
  }

  readonly #users = new Map<number, User>();
  readonly #quotes: Quotes;

  /** What the messages' pages said of somebody. */
  readonly person = (id: number): User | undefined => this.#users.get(id);

  /** A message that another answers and that lies outside of what is loaded: fetched once, by whoever draws the answer. */
  readonly quoted = (id: number): Message | undefined => this.#quotes.of(id);

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
    const isLatest = this.#pinned.ask();
    await this.#known.ask(() => pinsOf(this.dialogId), (pins) => isLatest() && this.#takePins(pins)).catch(() => undefined);
  }

  async readCard(): Promise<void> {
    try {
      const isLatest = this.#cards.ask();
      await this.#known.ask(() => call<Card>('im.dialog.get', { DIALOG_ID: this.dialogId }), (card) => isLatest() && this.takeCard(card));
    } catch (error) {
      if (error instanceof ApiError) this.#refused(error.code);
    }
  }

  /** Loads a page beyond the window that is shown. */
  async more(side: Side): Promise<void> {
    const window = this.shownWindow;
    const edge = side === 'older' ? window?.messages[0]?.id : window?.messages.at(-1)?.id;
    // What was kept is joined to the end first.
    if (!edge || this.busy.value.has(side) || (side === 'newer' && this.#fresh)) return;
    this.busy.value = marked(this.busy.value, side, true);
    this.failed.value = marked(this.failed.value, side, false);
    try {
      const cursor = side === 'older' ? { LAST_ID: edge } : { FIRST_ID: edge };
      await this.#known.ask(() => call<Page>('im.dialog.messages.get', { DIALOG_ID: this.dialogId, LIMIT: PAGE, ...cursor }), (page) => {
        this.#learn(page);
        this.#takePage(page, side === 'older' ? { before: edge } : { after: edge });
      });
    } catch {
      this.failed.value = marked(this.failed.value, side, true);
    } finally {
      this.busy.value = marked(this.busy.value, side, false);
    }
  }

  #takeAround({ older, newer }: Around): void {
    this.#learn(older);
    this.#learn(newer);
    this.history.value = withWindow(this.history.value, [...messagesIn(newer), ...messagesIn(older)], older.messages.length === 0, false);
  }

  /** Shows a message, wherever it lies. @returns whether there is one */
  async jumpTo(id: number): Promise<boolean> {
    if (!windowAt(this.history.value, id)) {
      await this.#known.ask(() => pagesAt(this.dialogId, id), (pages) => this.#takeAround(pages)).catch(() => undefined);
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

  get shownWindow() {
    const { around } = this.slice.value;
    return around === 'end' ? (endOf(this.history.value) ?? this.history.value.at(-1)) : windowAt(this.history.value, around);
  }

  /** A message of the event stream, with whoever it names. */
  arrived(message: Message, page: { users?: User[] | undefined; files?: FileInfo[] | undefined }, looking: boolean): void {
    const isNew = message.id > lastIdOf(this.history.value);
    this.toldUpTo = Math.max(this.toldUpTo, message.id);
    atOnce(() => {
      this.#learn({ users: page.users ?? [], files: page.files ?? [] });
      if (isNew && message.authorId !== me && message.authorId !== 0 && !looking) this.#newRun(message);
      this.#known.arrived(message);
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
    this.#known.changed(message);
    this.#keep();
  }

  erased(id: number): void {
    this.#known.erased(id);
    this.#keep();
  }

  readonly reacted = (id: number, reactions: Reactions): void => this.#known.reacted(id, reactions);

  /** The server has taken what was written here. */
  async accepted(echo: Echo, id: number): Promise<void> {
    const message = { ...writtenHere(echo, id), chatId: this.card.value?.id ?? 0, authorId: me };
    this.reader.heard(id);
    if (echo.forwardId > 0 || echo.fileIds.length > 0) await this.refresh();
    else this.#known.sent(message);
  }

  readBy(userId: number, upTo: number, date: string | null): void {
    if (userId === me) this.reader.heard(upTo);
    else this.receipts.saw(userId, upTo, date);
  }

  /** Events may have been missed. */
  readonly interrupted = (): void => this.#known.interrupted();
}
