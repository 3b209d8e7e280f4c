/**
 * Tells those who listen what was gathered. Who is a member is asked last of all; what follows from it is made and sent in the same turn of
 * the event loop.
 */
import { yieldToOthers } from '../../base/turns.ts';
import type { Database, Session } from '../../db/database.ts';
import { rowIdentities } from '../../db/stores/change-store.ts';
import type { Snapshot } from '../../db/stores/generation-store.ts';
import { chatSides, remindedAmong, type SideRow, userSides } from '../../db/stores/live-store.ts';
import { findUsers, type UserRow } from '../../db/stores/user-store.ts';
import { dialogIdOf } from '../../messenger/access/dialogs.ts';
import { isGuest, strangersAmong } from '../../messenger/access/meeting.ts';
import { present } from '../../messenger/views/presenting.ts';
import { presentRow, type RecentItem, type Surroundings, usersNamedIn } from '../../messenger/views/recent-item.ts';
import { asStranger, type UserView, viewUser } from '../../messenger/views/user-view.ts';
import type { Departures } from './departures.ts';
import type { Gathered, Told } from './gathering.ts';
import type { Around, Dialect, Happening, ListNews, Recipient, WatchedNews } from './happening.ts';
import type { Ear as Listening, Person } from './people.ts';

/** Sides of chats that are asked for at once: between two such parts other work runs. */
const SIDES_AT_ONCE = 200;

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
  for (const part of partsOf(gathered)) {
    const departed = telling.departures.begin();
    try {
      const loaded = await telling.db.read((s) => load(s, part, of));
      await telling.settle();
      const composed = new Composed(telling.around);
      for (const [userId, told] of part) {
        const audience = of(userId);
        if (audience) tellPerson(audience, told, new View(audience.person, told, loaded, departed), composed, telling);
      }
    } finally {
      telling.departures.end(departed);
    }
    await yieldToOthers();
  }
}

type Part = Array<readonly [userId: number, Told]>;

function* partsOf(gathered: Gathered): Generator<Part> {
  let part: Part = [];
  let sides = 0;
  for (const entry of gathered) {
    part.push(entry);
    sides += 1 + entry[1].chats.size + entry[1].rows.size;
    if (sides < SIDES_AT_ONCE) continue;
    yield part;
    [part, sides] = [[], 0];
  }
  if (part.length > 0) yield part;
}

interface Loaded {
  /** By user and chat. */
  sides: ReadonlyMap<number, ReadonlyMap<number, SideRow>>;
  users: ReadonlyMap<number, UserRow>;
  strangers: ReadonlyMap<number, ReadonlySet<number>>;
  reminded: ReadonlyMap<number, ReadonlySet<number>>;
  /** Ids of rows of chats that users are no longer members of. */
  gone: ReadonlyMap<number, ReadonlyMap<number, number | string>>;
  /** Rows that look alike to several members: made once of one snapshot. */
  alike: Map<string, RecentItem | undefined>;
}

async function load(s: Session, part: Part, of: (userId: number) => Audience | undefined): Promise<Loaded> {
  const found = await sidesOf(s, part);
  const sides = new Map(part.map(([userId]) => [userId, new Map<number, SideRow>()]));
  for (const row of found) sides.get(row.user_id)?.set(row.chat_id, row);
  const people = part.flatMap(([userId]) => of(userId)?.person ?? []);
  const told = new Map(part);
  const reminding = part.filter(([, { rows }]) => rows.size > 0).map(([userId]) => userId);
  const [users, reminded, gone] = await Promise.all([findUsers(s, usersNamedIn(found)), remindedAmong(s, reminding), goneRows(s, part, sides)]);
  const strangers = new Map<number, ReadonlySet<number>>();
  for (const { userId, viewer } of people) {
    const named = [...usersIn(told.get(userId)!.news), ...users.filter((user) => sides.get(userId)!.size > 0 && user.id > 0)];
    const doubtful = viewer.insider ? named.filter(isGuest) : named;
    if (doubtful.length > 0) strangers.set(userId, await strangersAmong(s, viewer, doubtful));
  }
  return { sides, users: new Map(users.map((user) => [user.id, user])), strangers, reminded, gone, alike: new Map() };
}

/** By chat or by user, whichever takes fewer queries. */
async function sidesOf(s: Session, part: Part): Promise<SideRow[]> {
  const byChat = new Map<number, number[]>();
  const byUser = part.map(([userId, { chats, rows }]) => [userId, [...new Set([...chats, ...rows])]] as const).filter(([, chatIds]) => chatIds.length > 0);
  for (const [userId, chatIds] of byUser) for (const chatId of chatIds) byChat.set(chatId, [...(byChat.get(chatId) ?? []), userId]);
  const asked = byChat.size < byUser.length
    ? [...byChat].map(([chatId, userIds]) => chatSides(s, chatId, userIds))
    : byUser.map(([userId, chatIds]) => userSides(s, userId, chatIds));
  return (await Promise.all(asked)).flat();
}

async function goneRows(s: Session, part: Part, sides: ReadonlyMap<number, ReadonlyMap<number, SideRow>>): Promise<Map<number, Map<number, number | string>>> {
  const gone = new Map<number, Map<number, number | string>>();
  for (const [userId, { rows }] of part) {
    const missing = [...rows].filter((chatId) => !sides.get(userId)!.has(chatId));
    if (missing.length === 0) continue;
    const known = (await rowIdentities(s, userId, missing)).filter(({ type }) => type !== 'T');
    gone.set(userId, new Map(known.map((row) => [row.chat_id, dialogIdOf(row)])));
  }
  return gone;
}

/** People whom news name. */
function usersIn(news: readonly Happening[]): UserRow[] {
  return news.flatMap((one) => {
    if (one.kind === 'message' || one.kind === 'notice') return [...one.users];
    if (one.kind === 'user') return [one.user];
    if (one.kind === 'watched') return usersIn([one.news]);
    if (one.kind === 'presence') return one.users.map(({ user }) => user);
    return one.kind === 'writing' ? [one.user] : [];
  });
}

const NOBODY: ReadonlySet<number> = new Set();
const NO_SIDES: ReadonlyMap<number, SideRow> = new Map();

/** What one user may be told of. */
class View {
  readonly person: Person;
  readonly strangers: ReadonlySet<number>;
  readonly #told: Told;
  readonly #loaded: Loaded;
  readonly #sides: ReadonlyMap<number, SideRow>;

  constructor(person: Person, told: Told, loaded: Loaded, departed: ReadonlySet<string>) {
    const { userId } = person;
    this.person = person;
    this.#told = told;
    this.#loaded = loaded;
    this.strangers = loaded.strangers.get(userId) ?? NOBODY;
    const sides = loaded.sides.get(userId) ?? NO_SIDES;
    // Whoever has left while it was asked is not in it any more.
    this.#sides = departed.size === 0 ? sides : new Map([...sides].filter(([chatId]) => !departed.has(`${chatId} ${userId}`)));
  }

  /** Undefined where it is not for this user. */
  recipient(news: Happening, origin: string, around: Around): Recipient | undefined {
    const { viewer, userId } = this.person;
    const base = { viewer, origin, strangers: this.strangers };
    if (!('chat' in news)) return news.kind === 'user' && this.strangers.has(news.user.id) ? undefined : { ...base, side: undefined };
    if (news.kind === 'watched') return this.#mayLook(news) ? { ...base, side: undefined } : undefined;
    const row = this.#sides.get(news.chat.id);
    if (!row) return news.kind === 'chat' && news.left.some(({ id }) => id === userId) ? { ...base, side: undefined } : undefined;
    if (row.type === 'P' && this.strangers.has(row.peer_id)) return undefined;
    if ((news.kind === 'message' || news.kind === 'reaction') && news.messageId < row.start_id) return undefined;
    return { ...base, side: { row, dialogId: dialogIdOf(row) }, item: () => this.#shown(row, this.#surroundings(around), around.m) };
  }

  #mayLook({ chat, open }: WatchedNews): boolean {
    const inChannel = chat.parent_chat_id > 0 ? this.#sides.get(chat.parent_chat_id) : undefined;
    return inChannel ? inChannel.start_id <= chat.parent_message_id : open && this.person.viewer.insider;
  }

  #shown(row: SideRow, surroundings: Surroundings, m: Around['m']): RecentItem | undefined {
    return row.shown === 1 ? present(m, { row: row.chat_id, user: this.person.userId }, () => presentRow(row, surroundings)) : undefined;
  }

  #surroundings({ zone }: Around): Surroundings {
    const { viewer, userId } = this.person;
    const { users } = this.#loaded;
    return {
      zone, text: 'plain', reminded: this.#loaded.reminded.get(userId) ?? NOBODY,
      users: viewer.insider ? users : new Map([...users].map(([id, user]) => [id, this.strangers.has(id) ? asStranger(user) : user])),
      strangers: viewer.insider ? new Set([...this.#sides.values()].map((row) => row.peer_id).filter((id) => this.strangers.has(id))) : this.strangers,
    };
  }

  /** The rows that may look different; undefined where there are none. Totals follow. */
  list(around: Around): Omit<ListNews, 'totals'> | undefined {
    const { tally, userId } = this.person;
    if (!tally) return undefined;
    const items: RecentItem[] = [];
    const removed: Array<number | string> = [];
    const surroundings = this.#surroundings(around);
    for (const chatId of this.#told.rows) {
      const row = this.#sides.get(chatId);
      const item = row?.shown === 1 ? this.#item(row, surroundings.reminded.has(chatId), () => this.#shown(row, surroundings, around.m)) : undefined;
      const gone = row ? dialogIdOf(row) : this.#loaded.gone.get(userId)?.get(chatId) ?? `chat${chatId}`;
      tally.set(chatId, item || row?.type === 'T' ? row : undefined);
      if (item) items.push(item);
      else if (row?.type !== 'T') removed.push(gone);
    }
    if (this.#told.notices !== undefined) tally.setNotices(this.#told.notices);
    const people = this.#people(around.zone);
    if (this.#told.rows.size === 0 && this.#told.notices === undefined && people.length === 0) return undefined;
    return { items, removed, users: people };
  }

  /** Of a chat that shows everybody the same but for what is in the key. */
  #item(row: SideRow, reminded: boolean, make: () => RecentItem | undefined): RecentItem | undefined {
    if (row.type === 'P' || row.muted === 1 || row.entity_type !== '' || !this.person.viewer.insider) return make();
    const { alike } = this.#loaded;
    const key = [row.chat_id, row.role, row.pinned, row.unread, row.counter, row.last_id, row.date_update, row.start_id, reminded].join(' ');
    if (!alike.has(key)) alike.set(key, make());
    return alike.get(key);
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
      if (event !== undefined) ear.send(event);
    }
    if (list && dialect.list) ear.sendWhenHeard(() => dialect.list!({ ...list, totals: view.person.tally!.totals }));
    ear.flush(seen);
  }
}
