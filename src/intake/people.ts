/** People of the other portal: found here by their addresses, or added. */
import type { WriteSession } from '../db/database.ts';
import { findGeneralChat } from '../db/stores/entity-store.ts';
import { lockIntake, noteTaken, takenAmong } from '../db/stores/intake-store.ts';
import { findUser, findUserIdByEmail, type UserRow } from '../db/stores/user-store.ts';
import { isDayMonth } from '../base/dates.ts';
import { codeOfHex } from '../messenger/views/colors.ts';
import { insertPerson, type UserChanges } from '../messenger/people/users.ts';
import { MethodRefused } from './fault.ts';
import type { Ledger } from './ledger.ts';
import { directoryShape, type RemoteUser } from './shapes.ts';
import type { Source } from './source.ts';

const ASKED_AT_ONCE = 50;
const WRITTEN_AT_ONCE = 50;
/** Profiles that wait to be needed. */
const MOST_WAITING = 50_000;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;

export class People {
  readonly #ledger: Ledger;
  readonly #source: Source;
  readonly #seen = new Map<number, RemoteUser>();
  /** Whom the portal was asked about: it says no more a second time. */
  readonly #asked = new Set<number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ledger: Ledger, source: Source) {
    this.#ledger = ledger;
    this.#source = source;
  }

  /** Remembers who somebody is, until they are needed. */
  meet(users: Iterable<RemoteUser | undefined>): void {
    for (const user of users) if (user && !this.#ledger.users.has(user.id) && this.#seen.size < MOST_WAITING) this.#seen.set(user.id, user);
  }

  /** The number here; 0 for nobody, and for who is not here. */
  here(id: number): number {
    return this.#ledger.users.get(id) ?? 0;
  }

  /** Sees to it that all of them are here. One at a time: what was asked for meanwhile is not asked again. */
  async bring(ids: Iterable<number>): Promise<void> {
    await this.#inTurn(ids, (missing) => this.#write(missing));
  }

  /** The same of those whom the portal knows: others are only named. */
  async bringKnown(ids: Iterable<number>): Promise<void> {
    await this.#inTurn(ids, (missing) => this.#write(missing.filter((id) => this.#seen.has(id))));
  }

  async #inTurn(ids: Iterable<number>, write: (missing: number[]) => Promise<void>): Promise<void> {
    const turn = this.#turn.catch(() => {}).then(async () => {
      const missing = [...new Set(ids)].filter((id) => id > 0 && !this.#ledger.users.has(id));
      await this.#look(missing.filter((id) => !this.#seen.has(id) && !this.#asked.has(id)));
      for (let i = 0; i < missing.length; i += WRITTEN_AT_ONCE) await write(missing.slice(i, i + WRITTEN_AT_ONCE));
    });
    this.#turn = turn;
    await turn;
  }

  async #look(unmet: readonly number[]): Promise<void> {
    const chunks = Array.from({ length: Math.ceil(unmet.length / ASKED_AT_ONCE) }, (_, i) => unmet.slice(i * ASKED_AT_ONCE, (i + 1) * ASKED_AT_ONCE));
    for (const users of await Promise.all(chunks.map((chunk) => this.#ask(chunk)))) this.meet(users);
    for (const id of unmet) if (this.#asked.size < MOST_WAITING) this.#asked.add(id);
  }

  async #ask(ids: readonly number[]): Promise<RemoteUser[]> {
    try {
      return await this.#source.ask('im.user.list.get', { ID: JSON.stringify(ids), RESULT_TYPE: 'array' }, directoryShape);
    } catch (fault) {
      if (!(fault instanceof MethodRefused)) throw fault;
      this.#ledger.leftOut(`who some people are (${fault.message})`);
      return [];
    }
  }

  async #write(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const { db, sourceId, users, report } = this.#ledger;
    const { known, added } = await db.write(async (s) => {
      await lockIntake(s, sourceId);
      const known = await takenAmong(s, sourceId, 'user', ids);
      const taken = new Set([...users.values(), ...known.values()]);
      const joins = await this.#joinGeneralChat(s);
      let added = 0;
      for (const id of ids.filter((id) => !known.has(id))) {
        const found = await findByAddress(s, this.#seen.get(id));
        const isFree = found !== undefined && !taken.has(found);
        const here = isFree ? found : await this.#add(s, id, joins, found === undefined);
        if (!isFree) added += 1;
        known.set(id, here);
        taken.add(here);
        await noteTaken(s, sourceId, 'user', id, here);
      }
      return { known, added };
    });
    for (const [id, here] of known) users.set(id, here);
    for (const id of ids) this.#seen.delete(id);
    report.users += added;
  }

  /** Whether people who are added come into the general chat at once: not where it is one of that portal's, which says itself who is in it. */
  async #joinGeneralChat(s: WriteSession): Promise<boolean> {
    const general = await findGeneralChat(s);
    return general !== undefined && ![...this.#ledger.chats.values()].includes(general);
  }

  /** @param keepsAddress whether nobody here has it */
  #add(s: WriteSession, id: number, joins: boolean, keepsAddress: boolean): Promise<number> {
    const user = this.#seen.get(id);
    return insertPerson(s, this.#ledger.m, 0, { ...(user ? columnsOf(user) : unknown(id)), email: keepsAddress ? addressOf(user) : '' }, joins);
  }

  /** Has one of them be somebody in particular. @returns who they are here: somebody else, where they came before */
  async be(id: number, here: number): Promise<number> {
    const { db, sourceId, users } = this.#ledger;
    const known = users.get(id) ?? here;
    if (!users.has(id)) await db.write((s) => noteTaken(s, sourceId, 'user', id, here));
    users.set(id, known);
    return known;
  }

  find(here: number): Promise<UserRow | undefined> {
    return this.#ledger.db.read((s) => findUser(s, here));
  }
}

/** Whoever has the same address here. */
async function findByAddress(s: WriteSession, user: RemoteUser | undefined): Promise<number | undefined> {
  const email = addressOf(user);
  return email === '' ? undefined : findUserIdByEmail(s, email);
}

function addressOf(user: RemoteUser | undefined): string {
  const email = user?.email.trim().toLowerCase() ?? '';
  return EMAIL.test(email) ? email : '';
}

/** Nobody who comes from elsewhere administers this portal. */
function columnsOf(user: RemoteUser): UserChanges {
  const named = user.first_name !== '' || user.last_name !== '';
  return {
    active: user.active ? 1 : 0, extranet: user.extranet ? 1 : 0,
    first_name: named ? user.first_name : user.name.slice(0, 100), last_name: user.last_name, work_position: user.work_position,
    gender: user.gender, birthday: isDayMonth(user.birthday) ? user.birthday : '', color: codeOfHex(user.color), external_auth_id: accountOf(user),
  };
}

/** What kind of account it is, where that means something here. */
function accountOf(user: RemoteUser): string {
  if (user.bot) return 'bot';
  if (user.connector) return 'imconnector';
  if (user.network) return 'network';
  return user.external_auth_id === 'email' ? 'email' : '';
}

/** Somebody of whom the portal tells nothing any more. */
function unknown(id: number): UserChanges {
  return { first_name: 'User', last_name: String(id), active: 0 };
}
