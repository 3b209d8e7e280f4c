/**
 * Tells those who listen what was gathered. Who is a member is asked last of all; what follows from it is made and sent in slices of the
 * event loop's time, each beginning with the question who has left or lost the right meanwhile.
 */
import { Slice, yieldToOthers } from '../../base/turns.ts';
import type { Database } from '../../db/database.ts';
import type { Snapshot } from '../../db/stores/generation-store.ts';
import type { SideRow } from '../../db/stores/live-store.ts';
import { dialogIdOf } from '../../messenger/access/dialogs.ts';
import { present } from '../../messenger/views/presenting.ts';
import { presentRow, type RecentItem } from '../../messenger/views/recent-item.ts';
import { asStranger, type UserView, viewUser } from '../../messenger/views/user-view.ts';
import type { Departures } from './departures.ts';
import type { Around, Dialect, Happening, ListNews, Recipient, WatchedNews } from './happening.ts';
import type { Ear as Listening, Person } from './people.ts';
import { load, type Loaded, type Part } from './sides.ts';
import { chatsIn, type Gathered, type Told } from './told.ts';

/** Sides of chats that are asked for at once. */
const SIDES_AT_ONCE = 256;
/** How long one tells before whoever calls is answered first, milliseconds. */
const SLICE_MS = 2;

/** How a listener is told. */
export type Hearer = Pick<Listening, 'listener' | 'send' | 'sendWhenHeard' | 'flush'>;

/** Who is told, of those whom something was gathered for. */
export interface Audience {
  person: Person;
  ears: Iterable<Hearer>;
}

export interface Telling {
  db: Database;
  around: Around;
  departures: Departures;
  /** Ends whoever is not entitled any more. Throws where that cannot be found out: then nothing is told. */
  settle(): Promise<void>;
  /** What has happened with this; undefined where more follows. */
  seen: Snapshot | undefined;
}

/** @param of undefined for users who listen no longer */
export async function tell(gathered: Gathered, telling: Telling, of: (userId: number) => Audience | undefined): Promise<void> {
  const composed = new Composed(telling.around);
  for (const part of partsOf(gathered)) {
    const departed = telling.departures.begin();
    try {
      const loaded = await telling.db.read((s) => load(s, part, (userId) => of(userId)?.person.viewer));
      await tellPart(part, loaded, departed, composed, telling, of);
    } finally {
      telling.departures.end(departed);
    }
    await yieldToOthers();
  }
}

async function tellPart(
  part: Part, loaded: Loaded, departed: ReadonlySet<string>, composed: Composed, telling: Telling, of: (userId: number) => Audience | undefined,
): Promise<void> {
  const slice = new Slice(SLICE_MS);
  await telling.settle();
  for (const [userId, told] of part) {
    if (slice.isOver()) {
      await slice.next();
      await telling.settle();
    }
    const audience = of(userId);
    if (audience) tellPerson(audience, told, new View(audience.person, told, loaded, departed), composed, telling);
  }
}

function* partsOf(gathered: Gathered): Generator<Part> {
  let part: Array<Part[number]> = [];
  let sides = 0;
  for (const entry of gathered) {
    part.push(entry);
    sides += Math.max(1, chatsIn(entry[1]).size);
    if (sides < SIDES_AT_ONCE) continue;
    yield part;
    [part, sides] = [[], 0];
  }
  if (part.length > 0) yield part;
}

const NOBODY: ReadonlySet<number> = new Set();

/** What one user may be told of. */
class View {
  readonly person: Person;
  readonly strangers: ReadonlySet<number>;
  readonly #told: Told;
  readonly #loaded: Loaded;
  readonly #departed: ReadonlySet<string>;

  constructor(person: Person, told: Told, loaded: Loaded, departed: ReadonlySet<string>) {
    this.person = person;
    this.#told = told;
    this.#loaded = loaded;
    this.#departed = departed;
    this.strangers = loaded.strangers.get(person.userId) ?? NOBODY;
  }

  /** Undefined in chats that one is not in. Whoever has left since it was asked is not in it any more. */
  #side(chatId: number): SideRow | undefined {
    const { userId } = this.person;
    if (this.#departed.size > 0 && this.#departed.has(`${chatId} ${userId}`)) return undefined;
    return this.#loaded.sides.get(chatId)?.get(userId);
  }

  /** Undefined where it is not for this user. */
  recipient(news: Happening, origin: string, around: Around): Recipient | undefined {
    const { viewer, userId } = this.person;
    const { strangers } = this;
    if (!('chat' in news)) return news.kind === 'user' && strangers.has(news.user.id) ? undefined : { viewer, origin, strangers, side: undefined };
    if (news.kind === 'watched') return this.#mayLook(news) ? { viewer, origin, strangers, side: undefined } : undefined;
    const row = this.#side(news.chat.id);
    if (!row) return news.kind === 'chat' && news.left.some(({ id }) => id === userId) ? { viewer, origin, strangers, side: undefined } : undefined;
    if (row.type === 'P' && strangers.has(row.peer_id)) return undefined;
    if ((news.kind === 'message' || news.kind === 'reaction') && news.messageId < row.start_id) return undefined;
    return { viewer, origin, strangers, side: { row, dialogId: dialogIdOf(row) }, item: () => this.#item(row, around) };
  }

  #mayLook({ chat, open }: WatchedNews): boolean {
    const inChannel = chat.parent_chat_id > 0 ? this.#side(chat.parent_chat_id) : undefined;
    return inChannel ? inChannel.start_id <= chat.parent_message_id : open && this.person.viewer.insider;
  }

  /** The rows that may look different; undefined where there are none. Totals follow. */
  list(around: Around): Omit<ListNews, 'totals'> | undefined {
    const { tally, userId } = this.person;
    if (!tally) return undefined;
    const items: RecentItem[] = [];
    const removed: Array<number | string> = [];
    for (const chatId of this.#told.rows) {
      const row = this.#side(chatId);
      const item = row && this.#item(row, around);
      tally.set(chatId, item || row?.type === 'T' ? row : undefined);
      if (item) items.push(item);
      else if (row?.type !== 'T') removed.push(row ? dialogIdOf(row) : this.#loaded.gone.get(userId)?.get(chatId) ?? `chat${chatId}`);
    }
    if (this.#told.notices !== undefined) tally.setNotices(this.#told.notices);
    const people = this.#people(around.zone);
    if (this.#told.rows.size === 0 && this.#told.notices === undefined && people.length === 0) return undefined;
    return { items, removed, users: people };
  }

  /** Made once for all whose sides are alike, of a chat that shows them the same. */
  #item(row: SideRow, around: Around): RecentItem | undefined {
    const { viewer, userId } = this.person;
    const { alike, reminded } = this.#loaded;
    if (row.type === 'P' || row.muted === 1 || row.entity_type !== '' || !viewer.insider || this.strangers.size > 0 || reminded.get(userId)?.has(row.chat_id)) return this.#present(row, around);
    if (!alike.has(row)) alike.set(row, this.#present(row, around));
    return alike.get(row);
  }

  /** Undefined where the list shows none. */
  #present(row: SideRow, { m, zone }: Around): RecentItem | undefined {
    if (row.shown === 0) return undefined;
    const { viewer, userId } = this.person;
    const { users, reminded } = this.#loaded;
    const { strangers } = this;
    return present(m, { row: row.chat_id, user: userId }, () => presentRow({ ...row, user_id: userId }, {
      zone, text: 'plain', reminded: reminded.get(userId) ?? NOBODY,
      users: viewer.insider ? users : new Map([...users].map(([id, user]) => [id, strangers.has(id) ? asStranger(user) : user])),
      strangers: viewer.insider ? this.#strangePartners() : strangers,
    }));
  }

  #strangePartners(): ReadonlySet<number> {
    if (this.strangers.size === 0) return NOBODY;
    const partners = [...chatsIn(this.#told)].map((chatId) => this.#side(chatId)?.peer_id ?? 0);
    return new Set(partners.filter((id) => this.strangers.has(id)));
  }

  #people(zone: Around['zone']): UserView[] {
    return [...new Map(this.#told.users.map((user) => [user.id, user])).values()].filter(({ id }) => !this.strangers.has(id)).map((user) => viewUser(user, zone));
  }
}

/** What all are told alike of news, made once for each family of clients. */
class Composed {
  readonly #around: Around;
  readonly #made = new Map<Dialect<unknown>, Map<Happening, ReturnType<Dialect<unknown>['compose']>>>();

  constructor(around: Around) {
    this.#around = around;
  }

  of(dialect: Dialect<unknown>, news: Happening): ReturnType<Dialect<unknown>['compose']> {
    let made = this.#made.get(dialect);
    if (!made) this.#made.set(dialect, (made = new Map()));
    if (!made.has(news)) made.set(news, present(this.#around.m, { live: news.kind }, () => dialect.compose(news, this.#around)));
    return made.get(news);
  }
}

function tellPerson({ ears }: Audience, { news }: Told, view: View, composed: Composed, { around, seen }: Telling): void {
  const list = view.list(around);
  for (const ear of ears) {
    const { dialect, origin } = ear.listener;
    for (const one of news) {
      const to = view.recipient(one, origin, around);
      const event = to && present(around.m, { live: one.kind }, () => composed.of(dialect, one)?.(to));
      if (event !== undefined) ear.send(event, 'entry' in one ? one.entry.rev : undefined);
    }
    if (list && dialect.list) ear.sendWhenHeard(() => dialect.list!({ ...list, totals: view.person.tally!.totals }));
    ear.flush(seen);
  }
}
