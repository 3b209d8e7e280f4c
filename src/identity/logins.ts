/** Signing in: by password or by a one-time link, for as long as the session lasts. */
import { randomBytes } from 'node:crypto';
import { isAlive } from '../base/clock.ts';
import type { Session, WriteSession } from '../db/database.ts';
import {
  deleteLogin, deleteLoginsOf, findLogin, findPasswordHash, insertLink, insertLogin, takeLink, writePassword,
} from '../db/stores/login-store.ts';
import { findUser, findUserIdByEmail, type UserRow } from '../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../base/outcome.ts';
import type { Portal } from '../portal/portal.ts';
import { FieldError } from '../base/field-error.ts';
import { hashSecret, randomText } from '../base/secrets.ts';
import { type Limit, type Limits, networkOf } from '../base/rate-limit.ts';
import { checkPassword, hashPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from './passwords.ts';

export const SESSION_MS = 30 * 24 * 3600 * 1000;
export const LINK_MS = 10 * 60 * 1000;

/**
 * Wrong passwords from one address for one account: a few at once, then one in 30 seconds. For both together, so that
 * nobody can lock somebody out who comes from elsewhere.
 */
const PER_ACCOUNT = { threshold: 10, drainPerSecond: 1 / 30 };
/** Wrong passwords from one address, for whatever accounts: several people may share it. */
const PER_SOURCE = { threshold: 50, drainPerSecond: 0.2 };
/** Passwords that wait to be checked, in all and of one address; one takes about a tenth of a second. */
const MOST_WAITING = 20;
const MOST_WAITING_OF_ONE = 5;

const LONGEST_NAME = 200;

/** A session is told once to the browser; only its hash is stored. */
export interface Login {
  session: string;
  userId: number;
}

export class Logins {
  readonly #portal: Portal;
  readonly #attempts: Limits;
  /** How many passwords of each address wait to be checked. */
  readonly #waiting = new Map<string, number>();

  /** @param attempts counts wrong passwords */
  constructor(portal: Portal, attempts: Limits) {
    this.#portal = portal;
    this.#attempts = attempts;
  }

  /** @param name e-mail address or user id */
  async byPassword(name: string, password: string, source: string): Promise<Outcome<Login, 'wrong' | 'too_often'>> {
    const now = this.#portal.clock.now();
    const { userId, hash } = await this.#portal.db.read((s) => findAccount(s, name));
    const place = networkOf(source);
    const account = `${place} ${userId === undefined ? `name ${name.slice(0, LONGEST_NAME)}` : `user ${userId}`}`;
    const limits = [{ key: place, rate: PER_SOURCE }, { key: account, rate: PER_ACCOUNT }];
    const right = await this.#inTurn(place, () => this.#check(limits, password, hash));
    if (right === undefined) return refused('too_often');
    if (!right || userId === undefined) return refused('wrong');
    this.#attempts.giveBack(limits);
    const login = await this.#portal.db.write((s) => signIn(s, userId, now));
    return login ? done(login) : refused('wrong');
  }

  /** Counts the password as a wrong one until it has proved right, so that many at once are no more than one by one. */
  async #check(limits: readonly Limit[], password: string, hash: string | undefined): Promise<boolean | undefined> {
    return (await this.#attempts.take(limits, this.#portal.clock.precise())) ? checkPassword(password, hash) : undefined;
  }

  /** Undefined, and does nothing, when too many wait already. */
  async #inTurn<T>(place: string, work: () => Promise<T>): Promise<T | undefined> {
    const all = [...this.#waiting.values()].reduce((sum, count) => sum + count, 0);
    const before = this.#waiting.get(place) ?? 0;
    if (all >= MOST_WAITING || before >= MOST_WAITING_OF_ONE) return undefined;
    this.#waiting.set(place, before + 1);
    try {
      return await work();
    } finally {
      const left = this.#waiting.get(place)! - 1;
      if (left > 0) this.#waiting.set(place, left);
      else this.#waiting.delete(place);
    }
  }

  /** Undefined for a link that was never made, was used before or is too old. */
  byLink(link: string): Promise<Login | undefined> {
    const now = this.#portal.clock.now();
    return this.#portal.db.write(async (s) => {
      const found = await takeLink(s, hashSecret(link));
      return found && isAlive(found.expires_at, LINK_MS, now) ? signIn(s, found.user_id, now) : undefined;
    });
  }

  /** Who the session is of; undefined once it has ended. */
  async userOf(session: string | undefined): Promise<UserRow | undefined> {
    if (session === undefined) return undefined;
    const now = this.#portal.clock.now();
    const login = await this.#portal.db.read((s) => findLogin(s, hashSecret(session)));
    return login && isAlive(login.expires_at, SESSION_MS, now) ? login : undefined;
  }

  async signOut(session: string): Promise<void> {
    await this.#portal.db.write((s) => deleteLogin(s, hashSecret(session)));
  }
}

async function findAccount(s: Session, name: string): Promise<{ userId: number | undefined; hash: string | undefined }> {
  const given = name.trim();
  const userId = /^[1-9]\d{0,14}$/.test(given) ? Number(given) : await findUserIdByEmail(s, given.toLowerCase());
  return { userId, hash: userId === undefined ? undefined : await findPasswordHash(s, userId) };
}

async function signIn(s: WriteSession, userId: number, now: number): Promise<Login | undefined> {
  const user = await findUser(s, userId);
  if (user?.active !== 1) return undefined;
  const session = randomBytes(32).toString('hex');
  await insertLogin(s, { session_hash: hashSecret(session), user_id: userId, created_at: now, expires_at: now + SESSION_MS });
  return { session, userId };
}

/** Makes a link that signs a user in once; undefined when there is no such active user. */
export function makeLink({ db, clock }: Pick<Portal, 'db' | 'clock'>, userId: number): Promise<string | undefined> {
  const link = randomBytes(24).toString('hex');
  return db.write(async (s) => {
    if ((await findUser(s, userId))?.active !== 1) return undefined;
    const now = clock.now();
    await insertLink(s, { link_hash: hashSecret(link), user_id: userId, expires_at: now + LINK_MS }, now);
    return link;
  });
}

/** Sets a user's password and ends their sessions; false when there is no such user. */
export async function setPassword({ db, clock }: Pick<Portal, 'db' | 'clock'>, userId: number, password: string): Promise<boolean> {
  const hash = await hashPassword(password);
  return db.write(async (s) => {
    if (!(await findUser(s, userId))) return false;
    await writePassword(s, userId, hash, clock.now());
    await deleteLoginsOf(s, userId);
    return true;
  });
}

const GENERATED_LENGTH = 16;

/**
 * Gives a user another password and ends their sessions: the one that is given, else a new one, which is told this once.
 *
 * @returns undefined when there is no such user; a password only where it was not given
 * @throws FieldError naming `password`
 */
export async function renewPassword(portal: Pick<Portal, 'db' | 'clock'>, userId: number, given: string | undefined): Promise<{ generated: string | undefined } | undefined> {
  const chosen = given ?? randomText(GENERATED_LENGTH);
  if (chosen.length < SHORTEST_PASSWORD) throw new FieldError('password', `is shorter than ${SHORTEST_PASSWORD} characters`);
  if (chosen.length > LONGEST_PASSWORD) throw new FieldError('password', `is longer than ${LONGEST_PASSWORD} characters`);
  const found = await setPassword(portal, userId, chosen);
  return found ? { generated: given === undefined ? chosen : undefined } : undefined;
}

/** Ends all sessions of a user, whose pages are signed out at their next call. @returns how many that were; undefined when there is no such user */
export function signOutEverywhere({ db }: Pick<Portal, 'db'>, userId: number): Promise<number | undefined> {
  return db.write(async (s) => ((await findUser(s, userId)) ? deleteLoginsOf(s, userId) : undefined));
}

/** Where a link that {@link makeLink} has made is opened. */
export function linkAddress(origin: string, link: string): string {
  return `${origin}/sign-in/?link=${link}`;
}
