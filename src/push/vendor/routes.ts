/** The addresses of the vendor's protocol: a socket, polls, and what clients send without a socket. */
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { snapshot } from '../../db/stores/generation-store.ts';
import type { Live } from '../../delivery/live/live.ts';
import { PATHS } from '../../delivery/live/vendor/addresses.ts';
import { pollBody, type Wire, wireOf } from '../../delivery/live/vendor/frames.ts';
import { readMid } from '../../delivery/live/vendor/mids.ts';
import type { Generations } from '../../messenger/recent/sync-token.ts';
import { originOf } from '../../rest/incoming.ts';
import type { Upgrades } from '../routes.ts';
import { type Admitted, admitted, type PullGate } from './admission.ts';
import { PullClientCalls } from './client.ts';
import { Conversation } from './conversation.ts';
import { Hub } from './hub.ts';
import { POLICY_VIOLATION, type PollAnswer, PollOutlet, SocketOutlet, WRONG_CHANNEL } from './outlets.ts';
import { type PullOutlet, PullSession } from './session.ts';

/** Bytes of one frame, or of what is sent without a socket. */
const LONGEST_SAID = 128 * 1024;
/** Connections of one user. */
const MOST_OF_USER = 100;
/** How often it is looked whether the peers of sockets are still there, milliseconds: clients give up after twenty seconds without a ping. */
const BEAT_MS = 10_000;
/** How long a poll waits for something to tell, milliseconds: clients give up after a minute. */
const POLL_MS = 45_000;
/** By this clients know that a poll has ended in peace. */
const NOTHING_NEW = 'Thu, 01 Jan 1973 11:11:01 GMT';

/** Milliseconds, as above unless given. */
export interface PullPatience {
  pollMs?: number;
  beatMs?: number;
}

export interface PullOptions extends PullGate, PullPatience {
  live: Live;
  generations: Generations;
  /** Told of what went wrong in answering a client. */
  failed(fault: unknown): void;
}

export function addPull(app: FastifyInstance, options: PullOptions, upgrades: Upgrades): void {
  const routes = new PullRoutes(options);
  app.get(PATHS.socket, (request, reply) => {
    const asked = upgrades.of(request.raw);
    if (!asked) return reply.code(426).send({ error: 'UPGRADE_REQUIRED', error_description: 'This address is for WebSocket' });
    reply.hijack();
    reply.raw.detachSocket(asked.socket as never);
    routes.sockets.handleUpgrade(request.raw, asked.socket, asked.head, (socket) => void routes.takeSocket(request, socket, asked.socket));
    return reply;
  });
  app.get(PATHS.poll, (request, reply) => routes.poll(request, reply));
  app.post(PATHS.publish, { bodyLimit: LONGEST_SAID }, (request, reply) => routes.publish(request, reply));
}

class PullRoutes {
  readonly sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LONGEST_SAID, clientTracking: false });
  readonly #options: PullOptions;
  readonly #hub: Hub;
  readonly #outlets = new Set<SocketOutlet>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PullOptions) {
    this.#options = options;
    this.#hub = new Hub(options.messenger, options.failed);
  }

  /** @param raw that the socket stands on */
  async takeSocket(request: FastifyRequest, socket: WebSocket, raw: Duplex): Promise<void> {
    socket.on('error', () => socket.terminate());
    // What is said before it is let in waits.
    socket.pause();
    try {
      const query = queryOf(request);
      const who = await this.#enter(request, query);
      if (!who) return socket.close(WRONG_CHANNEL, 'wrong channel signature');
      const outlet: SocketOutlet = new SocketOutlet(socket, raw, wireOf(query), () => this.#drop(session, 'slow'));
      const session: PullSession = await this.#session(request, query, who, outlet);
      socket.once('close', () => {
        this.#outlets.delete(outlet);
        this.#leave(session);
      });
      const joined = this.#join(session, who, query);
      this.#converse(socket, session, wireOf(query), joined);
      this.#beat(outlet);
      // That it is still there, or leaves, is heard while it waits for its turn.
      socket.resume();
      await joined;
    } catch (fault) {
      this.#options.failed(fault);
      socket.terminate();
    } finally {
      socket.resume();
    }
  }

  /** @param begins when what it says is listened to */
  #converse(socket: WebSocket, session: PullSession, wire: Wire, begins: Promise<void>): void {
    const { messenger, live, failed } = this.#options;
    const conversation = new Conversation({
      wire, client: new PullClientCalls({ m: messenger, live, hub: this.#hub }, session), failed, begins,
      now: () => messenger.clock.precise(),
      answer: (frame) => socket.send(frame, { binary: typeof frame !== 'string' }),
    });
    socket.on('message', (frame: Buffer, isBinary) => {
      if (!conversation.take(frame, isBinary)) socket.close(POLICY_VIOLATION, 'too many frames');
    });
  }

  async poll(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    openToAll(reply);
    const query = queryOf(request);
    const who = await this.#enter(request, query);
    if (!who) return refuse(reply);
    const { promise, resolve } = Promise.withResolvers<PollAnswer>();
    const outlet = new PollOutlet(resolve);
    const session = await this.#session(request, query, who, outlet);
    const timer = setTimeout(() => outlet.finish(), this.#options.pollMs ?? POLL_MS);
    reply.raw.once('close', () => outlet.finish());
    try {
      await Promise.race([promise, this.#join(session, who, query)]);
      return answerPoll(reply, wireOf(query), await promise, session);
    } finally {
      clearTimeout(timer);
      this.#leave(session);
    }
  }

  /** What is said without a socket: acknowledgements of polls, and calls. */
  async publish(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    openToAll(reply);
    const query = queryOf(request);
    const who = await this.#enter(request, query);
    if (!who) return refuse(reply);
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const answers: Array<string | Uint8Array> = [];
    const session = await this.#session(request, query, who, new PollOutlet(() => {}));
    const { messenger: m, live, failed } = this.#options;
    const isBinary = body.length > 0 && !/^[\s[{mp]/.test(String.fromCharCode(body[0]!));
    const conversation = new Conversation({
      wire: 'rpc', client: new PullClientCalls({ m, live, hub: this.#hub }, session), now: () => m.clock.precise(), answer: (frame) => void answers.push(frame), failed,
    });
    conversation.take(body, isBinary);
    await conversation.settled();
    const [answer] = answers;
    return reply.type(isBinary ? 'application/octet-stream' : 'application/json; charset=utf-8').send(answer === undefined ? '' : Buffer.from(answer));
  }

  /** Undefined for who may not listen. */
  async #enter(request: FastifyRequest, query: URLSearchParams): Promise<Admitted | undefined> {
    return admitted(this.#options, query, originOf(request).startsWith('https:'));
  }

  async #session(request: FastifyRequest, query: URLSearchParams, { viewer, dialect, appId, channels }: Admitted, outlet: PullOutlet): Promise<PullSession> {
    const { db, messenger, generations } = this.#options;
    const [{ zone }] = await Promise.all([messenger.settings(), db.read(snapshot).then((seen) => generations.tokenOf(db, seen))]);
    return new PullSession({
      viewer, origin: originOf(request), dialect, appId, channels, resume: readMid(midIn(query)), mid: midIn(query), zone,
      now: () => messenger.clock.now(), tokenOf: (seen) => generations.knownTokenOf(seen),
    }, outlet);
  }

  async #join(session: PullSession, { viewer, standing }: Admitted, query: URLSearchParams): Promise<void> {
    const { live } = this.#options;
    const since = session.options.resume?.since ?? (midIn(query) === '' ? undefined : 'unknown');
    if (live.closed) return session.end('restart');
    if (live.listeners(viewer.userId) >= MOST_OF_USER) return session.end('slow');
    await live.join(session, standing, since);
    if (!session.isOver) this.#hub.add(session);
  }

  #leave(session: PullSession): void {
    this.#options.live.leave(session);
    this.#hub.remove(session);
    session.closed();
  }

  #drop(session: PullSession, reason: 'slow'): void {
    this.#options.live.leave(session);
    this.#hub.remove(session);
    session.end(reason);
  }

  /** All sockets by one timer, which runs while there are any. */
  #beat(outlet: SocketOutlet): void {
    this.#outlets.add(outlet);
    this.#timer ??= setInterval(() => {
      for (const one of this.#outlets) one.beat();
      if (this.#outlets.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, this.#options.beatMs ?? BEAT_MS).unref();
  }
}

/** Clients of old versions name by its tag what others name by its mid. */
function midIn(query: URLSearchParams): string {
  return query.get('mid') ?? query.get('tag') ?? '';
}

function queryOf({ raw: { url = '' } }: FastifyRequest): URLSearchParams {
  const mark = url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
}

/** Applications' pages are of other origins. What stands for the caller is in the address, never a cookie. */
function openToAll(reply: FastifyReply): void {
  void reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', 'Last-Message-Id, Expires').header('cache-control', 'no-store');
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(403).send({ error: 'WRONG_CHANNEL', error_description: 'These channels are wrong or have ended' });
}

function answerPoll(reply: FastifyReply, wire: Wire, { events }: PollAnswer, session: PullSession): FastifyReply {
  if (events.length === 0) return reply.code(304).header('expires', NOTHING_NEW).header('last-message-id', session.mid).send();
  return reply.type(wire === 'binary' ? 'application/octet-stream' : 'text/plain; charset=utf-8').send(pollBody(wire, events));
}
