/** Brings the list of one user of another portal here: the people, the chats, what was said, and how the list stands. */
import { lastTaken, takenAmong, takenOf } from '../db/stores/intake-store.ts';
import type { FileStore } from '../messenger/files/storing.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { viewerOf } from '../messenger/access/viewer.ts';
import { bringDialog, bringGroup, colorOf, headDigest, typeOf } from './chats.ts';
import { IntakeFault, MethodRefused } from './fault.ts';
import { Files } from './files.ts';
import { pagesOf } from './history.ts';
import { Ledger, type Report } from './ledger.ts';
import { People } from './people.ts';
import { type ListedRow, readRows } from './rows.ts';
import { type Card, cardShape, currentShape, memberIdsShape, profileShape, type RemoteUser, usersShape } from './shapes.ts';
import { bringSide, sideDigest } from './sides.ts';
import type { Source } from './source.ts';
import { bringNamed, writePage } from './writing.ts';

export interface IntakeOptions {
  /** Who the owner of the webhook is here; undefined for whoever has their address, or somebody new. */
  as?: number | undefined;
  /** Chats of the list at most, from its top. */
  chats: number;
  /** Messages of a chat that has not come yet, at most. */
  messages: number;
  /** Milliseconds; what is older is left. */
  since: number;
  /** Where files go; undefined leaves them. */
  blobs?: FileStore | undefined;
  watch(what: string, done: number, all: number): void;
}

export interface Result extends Report {
  /** Who the owner of the webhook is here. */
  owner: number;
  requests: number;
}

/** Chats that are worked on together: what they ask for goes in one batch. */
const CHATS_AT_ONCE = 20;
const MEMBERS_ON_A_PAGE = 200;
/** Of one chat: a portal that gives more than that is not believed. */
const MOST_MEMBERS = 100_000;

/** @throws IntakeFault when it cannot go on; what was written by then stays, and the next time goes on from there */
export async function takeIn(m: Messenger, source: Source, options: IntakeOptions): Promise<Result> {
  const ledger = await Ledger.open(m, new URL(source.origin).host);
  const people = new People(ledger, source);
  const owner = await bringOwner(ledger, people, source, options.as);
  const rows = await readRows(source, ledger, options);
  const work = new Work(ledger, people, source, options, owner);
  const sides = await m.db.read((s) => takenOf(s, ledger.sourceId, `side ${owner.there}`));
  const changed = rows.filter(({ row }) => sides.get(row.chat_id) !== sideDigest(row, owner.there) || !ledger.chats.has(row.chat_id));
  options.watch('chats', 0, changed.length);
  for (let i = 0; i < changed.length; i += CHATS_AT_ONCE) {
    const part = changed.slice(i, i + CHATS_AT_ONCE);
    people.meet(part.map(({ row }) => row.user));
    const outcomes = await Promise.allSettled(part.map((listed) => work.bring(listed)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    options.watch('chats', i + part.length, changed.length);
  }
  return { ...ledger.report, owner: owner.here, requests: source.requests };
}

interface Owner {
  there: number;
  here: number;
}

async function bringOwner(ledger: Ledger, people: People, source: Source, as: number | undefined): Promise<Owner> {
  const profile = await source.ask('profile', {}, profileShape);
  const current = await optional(ledger, 'the address of the owner', () => source.ask('user.current', {}, currentShape));
  const [user] = (await optional(ledger, 'the profile of the owner', () => source.ask('im.user.list.get', { ID: JSON.stringify([profile.ID]), RESULT_TYPE: 'array' }, usersShape))) ?? [];
  const named: Partial<RemoteUser> = { first_name: profile.NAME, last_name: profile.LAST_NAME };
  people.meet([{ ...NOBODY, ...(user ?? named), id: profile.ID, active: true, email: user?.email || current?.EMAIL || '' }]);
  if (as === undefined) await people.bring([profile.ID]);
  else if ((await people.be(profile.ID, as)) !== as) throw new IntakeFault(`the owner of the webhook came before, as user ${people.here(profile.ID)}: leave out --as, or name that one`);
  return { there: profile.ID, here: people.here(profile.ID) };
}

const NOBODY: RemoteUser = {
  id: 0, active: true, name: '', first_name: '', last_name: '', work_position: '', color: '', gender: '', birthday: '', extranet: false, bot: false, connector: false, network: false,
  external_auth_id: '', email: '',
};

/** What the portal does not have, or does not let this webhook have, is left out. */
async function optional<T>(ledger: Ledger, what: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (fault) {
    if (!(fault instanceof MethodRefused)) throw fault;
    ledger.leftOut(`${what} (${fault.message})`);
    return undefined;
  }
}

class Work {
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #source: Source;
  readonly #options: IntakeOptions;
  readonly #owner: Owner;

  constructor(ledger: Ledger, people: People, source: Source, options: IntakeOptions, owner: Owner) {
    [this.#ledger, this.#people, this.#source, this.#options, this.#owner] = [ledger, people, source, options, owner];
  }

  /** All of one chat. The last that is written says that it is done, so whatever breaks off is taken up again. */
  async bring({ row, ms }: ListedRow): Promise<void> {
    const dialogId = row.type === 'user' ? row.id : `chat${row.chat_id}`;
    const card = await optional(this.#ledger, 'descriptions, and how far others have read', () => this.#source.ask('im.dialog.get', { DIALOG_ID: dialogId }, cardShape));
    const chatId = row.type === 'user' ? await this.#dialog(row) : await this.#group(row, dialogId, card);
    if (chatId === undefined) return;
    await this.#messages({ row, ms }, dialogId, chatId, card);
    await bringSide(this.#ledger, row, chatId, this.#owner);
  }

  async #dialog(row: ListedRow['row']): Promise<number | undefined> {
    const peer = /^\d{1,12}$/.test(row.id) ? Number(row.id) : 0;
    if (peer === 0) throw new IntakeFault('the portal\'s answer to im.recent.list cannot be used: id: names no user');
    await this.#people.bring([peer]);
    return bringDialog(this.#ledger, row, this.#owner.here, this.#people.here(peer));
  }

  async #group(row: ListedRow['row'], dialogId: string, card: Card | undefined): Promise<number> {
    const known = this.#ledger.chats.get(row.chat_id);
    if (known !== undefined && (await this.#headOf(row.chat_id)) === headDigest(row)) return known;
    const members = await this.#members(row.chat_id, dialogId);
    const { owner, manager_list: managers } = row.chat;
    await this.#people.bring([...members, owner, ...managers]);
    const here = (ids: readonly number[]) => [...new Set(ids.map((id) => this.#people.here(id)))].filter((id) => id > 0);
    return bringGroup(this.#ledger, row, {
      type: typeOf(row), title: row.title || row.chat.name, description: card?.description ?? '', color: colorOf(row), owner: this.#people.here(owner), managers: here(managers),
      members: here([...members, this.#owner.there, ...(owner > 0 && members.length === 0 ? [owner, ...managers] : [])]),
    });
  }

  #headOf(chatId: number): Promise<number | undefined> {
    return this.#ledger.db.read(async (s) => (await takenAmong(s, this.#ledger.sourceId, 'head', [chatId])).get(chatId));
  }

  /** With who they are where the portal says so, else by their numbers. */
  async #members(chatId: number, dialogId: string): Promise<number[]> {
    const ids = new Set<number>();
    for (let offset = 0; offset < MOST_MEMBERS; offset += MEMBERS_ON_A_PAGE) {
      const params = { DIALOG_ID: dialogId, LIMIT: MEMBERS_ON_A_PAGE, OFFSET: offset };
      const users = await optional(this.#ledger, 'members of some chats', () => this.#source.ask('im.dialog.users.list', params, usersShape));
      if (!users) return (await optional(this.#ledger, 'members of some chats', () => this.#source.ask('im.chat.user.list', { CHAT_ID: chatId }, memberIdsShape))) ?? [];
      this.#people.meet(users);
      const before = ids.size;
      for (const { id } of users) ids.add(id);
      if (users.length < MEMBERS_ON_A_PAGE || ids.size === before) break;
    }
    return [...ids];
  }

  async #messages({ row, ms }: ListedRow, dialogId: string, chatId: number, card: Card | undefined): Promise<void> {
    const { sourceId, db } = this.#ledger;
    const after = (await db.read((s) => lastTaken(s, sourceId, chatId, Number.MAX_SAFE_INTEGER)))?.remote_id ?? 0;
    if (row.message.id <= after) return;
    const readers = [...(card?.readed_list ?? []), { user_id: this.#owner.there, message_id: row.last_id }];
    const to = { chatId, ownerId: this.#owner.here, readUpTo: row.last_id, readers, last: { id: row.message.id, ms, seen: row.message.status } };
    const owner = (await this.#people.find(this.#owner.here))!;
    const files = new Files(this.#ledger, this.#source, this.#options.blobs, viewerOf(owner));
    const stretch = { dialogId, after, upTo: row.message.id, most: this.#options.messages, since: this.#options.since };
    for await (const page of pagesOf(this.#source, stretch)) {
      await bringNamed(this.#people, page);
      await writePage(this.#ledger, this.#people, page, to, await files.fetch(dialogId, page));
    }
  }
}
