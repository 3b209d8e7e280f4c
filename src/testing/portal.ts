import { randomBytes } from 'node:crypto';
import { MAX_HOPS } from '../base/caller.ts';
import { parseDuration } from '../base/movable-clock.ts';
import type { Config } from '../config.ts';
import { findAppByClientId } from '../db/stores/app-store.ts';
import { queueInstalled } from '../delivery/handlers/outbox.ts';
import { addApplication } from '../identity/applications.ts';
import { issueTokens, lifeNow } from '../identity/tokens.ts';
import { beginRehearsal, endRehearsals } from '../identity/rehearsing.ts';
import { addWebhook, SCOPES } from '../identity/webhooks.ts';
import { addUser } from '../messenger/people/users.ts';
import { knownMethods, methods } from '../methods/index.ts';
import { type Move, moveClock } from '../portal/moving-clock.ts';
import { ADMIN_ID } from '../portal/portal.ts';
import type { App, Caller, NewApp, NewChat, NewUser, Portal, PortalClock, PortalEvent, Rehearsal, Snapshot, Who } from './api.ts';
import { callerOf } from './calling.ts';
import { Catcher } from './catcher.ts';
import type { Place } from './place.ts';
import { run, type Running } from './running.ts';
import { settled } from './settling.ts';

const TITLE = 'tidemark/testing';
const NOBODY = 0;

/** A copy, and who was there. */
interface Taken extends Snapshot {
  copy: string;
  users: ReadonlyMap<string, number>;
  chats: ReadonlyMap<string, number>;
}

export class TestPortal implements Portal {
  readonly clock: PortalClock;
  readonly call: Portal['call'];
  readonly #config: Config;
  readonly #where: 'this' | 'child';
  readonly #place: Place;
  readonly #catcher: Catcher;
  #running: Running;
  #users = new Map<string, number>();
  #chats = new Map<string, number>();
  /** Addresses of the webhooks by which people call, as they are needed. */
  #webhooks = new Map<number, Promise<string>>();
  #latest: Taken | undefined;

  private constructor(config: Config, where: 'this' | 'child', place: Place, catcher: Catcher, running: Running) {
    this.#config = config;
    this.#where = where;
    this.#place = place;
    this.#catcher = catcher;
    this.#running = running;
    this.call = (method, ...params) => this.as(ADMIN_ID).call(method, ...params);
    this.clock = {
      now: () => this.#running.clock.now(),
      advance: async (duration) => this.#move({ advance: typeof duration === 'number' ? duration : durationOf(duration) }),
      set: async (date) => this.#move({ set: new Date(date).getTime() }),
      release: () => this.#move('release'),
    };
  }

  static async start(config: Config, where: 'this' | 'child', place: Place): Promise<TestPortal> {
    const running = await run(config, where);
    const { http, https } = running.ready;
    // It starts again at the same addresses.
    const fixed = { ...config, port: Number(new URL(http).port), tlsPort: Number(new URL(https).port) };
    return new TestPortal(fixed, where, place, await Catcher.open(), running);
  }

  get http(): string {
    return this.#running.ready.http;
  }

  get https(): string {
    return this.#running.ready.https;
  }

  get ca(): string {
    return this.#running.ready.ca;
  }

  user(who: Who): number {
    const id = typeof who === 'number' ? who : this.#users.get(who);
    if (id === undefined) throw new Error(`there is no user ${who} among ${[...this.#users.keys()].join(', ')}`);
    return id;
  }

  chat(title: string): number {
    const id = this.#chats.get(title);
    if (id === undefined) throw new Error(`there is no chat ${title} among ${[...this.#chats.keys()].join(', ')}`);
    return id;
  }

  async addUser(user: string | NewUser): Promise<number> {
    const { name, lastName = '', email = '', position = '', admin, bot, extranet } = typeof user === 'string' ? { name: user } as NewUser : user;
    const outcome = await addUser(this.#running.messenger, NOBODY, {
      first_name: name, last_name: lastName, email, work_position: position, admin: admin ? 1 : 0, extranet: extranet ? 1 : 0, external_auth_id: bot ? 'bot' : '',
    });
    if (!outcome.ok) throw new Error(`${name}: another user has ${email}`);
    this.#users.set(name, outcome.value);
    return outcome.value;
  }

  async addChat({ title, users, messages = [] }: NewChat): Promise<number> {
    const [owner, ...others] = users.map((who) => this.user(who));
    if (owner === undefined) throw new Error(`${title}: a chat has its first user, who makes it`);
    const id = (await this.as(owner).call('im.chat.add', { TITLE: title, USERS: others })) as number;
    this.#chats.set(title, id);
    for (const [who, text] of messages) await this.as(who).call('im.message.add', { DIALOG_ID: `chat${id}`, MESSAGE: text });
    return id;
  }

  as(who: Who): Caller {
    const id = this.user(who);
    return callerOf(id, () => this.#addressOf(id));
  }

  async webhook(who: Who, scopes: readonly string[] = SCOPES): Promise<Caller> {
    const id = this.user(who);
    const address = await this.#makeWebhook(id, scopes);
    return callerOf(id, async () => address, address);
  }

  async app({ title = TITLE, scopes = SCOPES, events = [], handler, users = [] }: NewApp = {}): Promise<App> {
    const { db, clock, messenger } = this.#running;
    const address = typeof handler === 'string' ? handler : this.#catcher.addressOf(randomBytes(8).toString('hex'), handler);
    const application = { title, scopes, redirectUri: '', handlerUrl: address, createdBy: ADMIN_ID, userIds: users.map((who) => this.user(who)) };
    const { clientId, clientSecret } = await addApplication(db, clock, application, (s, app) => queueInstalled(s, app, clock.now()));
    const { id, scope } = (await db.read((s) => findAppByClientId(s, clientId)))!;
    const tokens = async (who: Who) => {
      const life = await lifeNow(messenger);
      return this.#running.db.write((s) => issueTokens(s, { appId: id, userId: this.user(who), scope, hops: MAX_HOPS }, life));
    };
    const as = async (who: Who) => {
      const address = `${this.http}/rest/?auth=${(await tokens(who)).accessToken}&method=`;
      return callerOf(this.user(who), async () => address, address);
    };
    const app: App = { clientId, clientSecret, handler: address, tokens, as };
    const installer = await as(ADMIN_ID);
    for (const event of events) await installer.call('event.bind', { EVENT: event, HANDLER: address });
    return app;
  }

  async rehearse({ whose, error = '', method = '', next, rate, delay = '0s' }: Rehearsal): Promise<void> {
    const { db, clock } = this.#running;
    const plan = { error, method, next, rate, delayMs: durationOf(delay) };
    await beginRehearsal(db, clock, await this.#named(whose), plan, knownMethods(methods));
    await this.#noticed();
  }

  async endRehearsals(whose: Caller | App): Promise<void> {
    await endRehearsals(this.#running.db, await this.#named(whose));
    await this.#noticed();
  }

  async events(): Promise<PortalEvent[]> {
    await settled(this.#running.db, this.#running.clock);
    return [...this.#catcher.told];
  }

  async snapshot(): Promise<Snapshot> {
    const copy = this.#place.databaseUrl === '' ? await this.#place.copy() : await this.#standingStill(() => this.#place.copy());
    this.#latest = { taken: this.clock.now(), copy, users: new Map(this.#users), chats: new Map(this.#chats) };
    return this.#latest;
  }

  async restore(snapshot: Snapshot | undefined = this.#latest): Promise<void> {
    if (!snapshot) throw new Error('there is no snapshot to restore');
    const { copy, users, chats } = snapshot as Taken;
    await this.#standingStill(() => this.#place.putBack(copy));
    [this.#users, this.#chats] = [new Map(users), new Map(chats)];
    this.#webhooks = new Map();
    this.#catcher.told.length = 0;
  }

  close(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#catcher[Symbol.asyncDispose]();
    await this.#place[Symbol.asyncDispose]();
  }

  /** Does something with the data while no server runs on it. */
  async #standingStill<T>(work: () => Promise<T>): Promise<T> {
    await this.#running[Symbol.asyncDispose]();
    try {
      return await work();
    } finally {
      this.#running = await run(this.#config, this.#where);
    }
  }

  async #move(move: Move): Promise<void> {
    const { db, clock } = this.#running;
    const moved = await db.write((s) => moveClock(s, clock.real, move));
    if (typeof moved === 'string') throw new Error(`the clock cannot be moved: ${moved}`);
    clock.follow(moved);
    await this.#noticed();
  }

  /** A server beside this process sees what is set when it is asked the next time. */
  async #noticed(): Promise<void> {
    await (await fetch(`${this.http}/readyz`)).arrayBuffer();
  }

  /** Of the webhook by which somebody calls, made when it is needed first. */
  #addressOf(userId: number): Promise<string> {
    const known = this.#webhooks.get(userId) ?? this.#makeWebhook(userId, SCOPES);
    this.#webhooks.set(userId, known);
    return known;
  }

  async #makeWebhook(userId: number, scopes: readonly string[]): Promise<string> {
    const { db, clock } = this.#running;
    const made = await addWebhook(db, clock, { userId, scopes, title: TITLE });
    if (!made) throw new Error(`there is no user ${userId}`);
    return `${this.http}/rest/${userId}/${made.code}/`;
  }

  /** An application, or a webhook by its address. */
  async #named(whose: Caller | App): Promise<{ webhook?: string; app?: string }> {
    return 'clientId' in whose ? { app: whose.clientId } : { webhook: whose.url || (await this.#addressOf(whose.userId)) };
  }
}

/** @throws Error for what is none */
function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`"${text}" is not a duration such as 90s, 2h, 31d or 1d12h`);
  return ms;
}

