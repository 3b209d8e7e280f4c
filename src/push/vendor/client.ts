/** What the client of a connection may do: write to other users' clients, and ask who is there. */
import { channelKeys, isOpen } from '../../identity/channels.ts';
import { decodeRequest, encodeStats, type Receiver } from '../../delivery/live/vendor/protobuf.ts';
import type { Live } from '../../delivery/live/live.ts';
import { reachable, secondsSince } from '../../messenger/people/reachable.ts';
import type { Messenger } from '../../messenger/messenger.ts';
import { toInteger } from '../../rest/params.ts';
import { readJson } from '../../rest/json.ts';
import type { Value, ValueMap } from '../../rest/values.ts';
import type { Hub, Publication } from './hub.ts';
import { RpcError, type RpcMethods } from './rpc.ts';
import type { PullSession } from './session.ts';

/** Users that one message may be for, or that are asked for at once. */
const MOST_USERS = 100;
/** UTF-16 units of JSON that one message may have. */
const LONGEST_PARAMS = 16_384;
const MODULE = /^[a-z0-9._]{1,100}$/i;
const COMMAND = /^[A-Za-z0-9_:|.-]{1,100}$/;
/** A message that was told is kept nowhere: it expires before it is asked for again. */
const LONGEST_EXPIRY = 86_400 * 365;

export interface ClientOptions {
  m: Messenger;
  live: Live;
  hub: Hub;
}

export class PullClientCalls {
  readonly #options: ClientOptions;
  readonly #session: PullSession;
  readonly methods: RpcMethods;

  constructor(options: ClientOptions, session: PullSession) {
    this.#options = options;
    this.#session = session;
    this.methods = {
      publish: (params) => this.#publishTo(params),
      getUsersLastSeen: ({ userList }) => this.#lastSeen(usersIn(userList)),
      ping: () => 'pong',
      listChannels: () => this.#session.options.channels.map(({ id }) => id.split('.')[0]),
      subscribeStatusChange: ({ userId }) => this.#watch(userIn(userId)),
      unsubscribeStatusChange: ({ userId }) => {
        this.#options.hub.unwatch(this.#session, userIn(userId));
        return true;
      },
    };
  }

  /**
   * A protobuf request. What is wrong with it, or with a message of it, its sender is not told: there is no answer to say it with.
   *
   * @returns the answer, where something was asked
   */
  async takeBinary(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { messages, stats } = readable(() => decodeRequest(bytes)) ?? NO_REQUEST;
    for (const { receivers, body, expiry } of messages.slice(0, MOST_USERS)) {
      const said = readable(() => bodyOf(readJson(Buffer.from(body))));
      if (said) await this.#publish(said, await this.#receivers(receivers.slice(0, MOST_USERS)), expiry).catch(ignoreRefusals);
    }
    if (stats.length === 0) return undefined;
    const known = await this.#receivers(stats.slice(0, MOST_USERS));
    return encodeStats(known.map(({ userId, appId, id }) => ({ id, online: this.#options.hub.listens(userId, appId) })));
  }

  async #publishTo({ userList, channelList, body, expiry = 0 }: ValueMap): Promise<true> {
    const { appId } = this.#session.options;
    const users = userList === undefined ? [] : usersIn(userList).map((userId) => ({ userId, appId }));
    const channels = channelList === undefined ? [] : await this.#receivers(receiversIn(channelList));
    if (users.length + channels.length === 0) throw new RpcError('invalidParams');
    await this.#publish(bodyOf(body), [...users, ...channels], toInteger(expiry) ?? -1);
    return true;
  }

  /** Whoever is not there or not to be met is not told. */
  async #publish(body: Pick<Publication, 'module' | 'command' | 'params'>, to: Publication['to'], expiry: number): Promise<void> {
    if (expiry < 0 || expiry > LONGEST_EXPIRY) throw new RpcError('invalidParams');
    const { viewer, publicId } = this.#session;
    const known = new Set((await reachable(this.#options.m, viewer, [...new Set(to.map(({ userId }) => userId))])).map(({ id }) => id));
    const meant = to.filter(({ userId }) => known.has(userId)).map(({ userId, appId }) => ({ userId, appId }));
    if (meant.length > 0) this.#options.hub.publish({ ...body, to: meant, from: publicId, expiry });
  }

  /** Those of public channels that this portal has given out. */
  async #receivers(receivers: readonly Receiver[]): Promise<Array<Publication['to'][number] & { id: string }>> {
    const { m } = this.#options;
    const keys = channelKeys((await m.settings()).linkSecret);
    return receivers.flatMap(({ id, signature }) => {
      const channel = keys.openPublic(id, signature);
      return channel && isOpen(channel, m.clock.now()) ? [{ userId: channel.userId, appId: channel.appId, id }] : [];
    });
  }

  /** Seconds, 0 for who is connected; who never was, or is not known, is left out. */
  async #lastSeen(ids: readonly number[]): Promise<Record<string, number>> {
    const { m, live } = this.#options;
    return secondsSince(await reachable(m, this.#session.viewer, ids), (userId) => live.listeners(userId) > 0, m.clock.now());
  }

  async #watch(userId: number): Promise<true> {
    const [user] = await reachable(this.#options.m, this.#session.viewer, [userId]);
    if (!user) throw new RpcError('invalidParams');
    if (!this.#options.hub.watch(this.#session, userId)) throw new RpcError('tooMany');
    return true;
  }
}

const NO_REQUEST = { messages: [], stats: [] };

/** Undefined for what cannot be read, in whatever way. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function ignoreRefusals(thrown: unknown): void {
  if (!(thrown instanceof RpcError)) throw thrown;
}

function bodyOf(body: Value | undefined): Pick<Publication, 'module' | 'command' | 'params'> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new RpcError('invalidParams');
  const { module_id: module, command, params = {} } = body;
  if (typeof module !== 'string' || !MODULE.test(module) || typeof command !== 'string' || !COMMAND.test(command)) throw new RpcError('invalidParams');
  const text = typeof params === 'object' && params !== null ? JSON.stringify(params) : '';
  if (text === '' || text.length > LONGEST_PARAMS) throw new RpcError('invalidParams');
  return { module: module.toLowerCase(), command, params: text };
}

function userIn(value: Value | undefined): number {
  const id = toInteger(value);
  if (id === undefined || id <= 0) throw new RpcError('invalidParams');
  return id;
}

function usersIn(value: Value | undefined): number[] {
  if (!Array.isArray(value) || value.length > MOST_USERS) throw new RpcError('invalidParams');
  return value.map(userIn);
}

/** `id.signature`, or a map of both. */
function receiversIn(value: Value): Receiver[] {
  if (!Array.isArray(value) || value.length > MOST_USERS) throw new RpcError('invalidParams');
  return value.map((one) => {
    const [id, signature] = typeof one === 'string' ? one.split('.') : [(one as ValueMap | null)?.['publicId'], (one as ValueMap | null)?.['signature']];
    if (typeof id !== 'string' || typeof signature !== 'string') throw new RpcError('invalidParams');
    return { id, signature };
  });
}
