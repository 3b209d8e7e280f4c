/** The addresses of our stream: server-sent events and a socket, for pages, tokens and webhooks. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer } from 'ws';
import type { Database } from '../db/database.ts';
import { snapshot } from '../db/stores/generation-store.ts';
import type { Live } from '../delivery/live/live.ts';
import { type Generations, parseToken, type SyncToken } from '../messenger/recent/sync-token.ts';
import { errorResponse, failureResponse } from '../rest/envelope.ts';
import { originOf } from '../rest/incoming.ts';
import { error, MethodError } from '../rest/method.ts';
import type { DispatchOptions } from '../rest/pipeline.ts';
import { systemErrors } from '../rest/system-errors.ts';
import { admitted, type Admitted } from './admission.ts';
import { EventLines, SocketFrames } from './outlets.ts';
import { Backlog, type Outlet, Stream } from './stream.ts';

/** Open streams of one user: of tabs, devices and programs. */
const MOST_OF_USER = 100;
/** How long a peer that was refused may take to read why, milliseconds. */
const LINGER_MS = 1000;
/** Bytes of what a client may say on the socket: it has nothing to say but ping. */
const LONGEST_SAID = 256;

const tooMany = error('TOO_MANY_STREAMS', 429, `There are ${MOST_OF_USER} open streams of this user already`);
const noSocket = error('UPGRADE_REQUIRED', 426, 'This address is for WebSocket: https://…/push/events gives the same as server-sent events');

/** Of this process, since its start. */
export interface PushCounts {
  /** Events that were sent. */
  sent: number;
  /** Streams that were given up because they were not read. */
  dropped: number;
}

export interface PushOptions {
  live: Live;
  db: Database;
  generations: Generations;
  counts: PushCounts;
  dispatch: DispatchOptions<unknown>;
}

/** Requests that ask for another protocol, by what they ask of the connection. */
export class Upgrades {
  readonly #asked = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>();

  /** Has the framework answer, as it would any request. */
  handle(route: (request: IncomingMessage, response: ServerResponse) => void): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
    return (request, socket, head) => {
      const response = new ServerResponse(request);
      response.assignSocket(socket as never);
      response.shouldKeepAlive = false;
      // What is answered in HTTP ends the connection.
      response.once('finish', () => {
        socket.end();
        setTimeout(() => socket.destroy(), LINGER_MS).unref();
      });
      this.#asked.set(request, { socket, head });
      route(request, response);
    };
  }

  of(request: IncomingMessage): { socket: Duplex; head: Buffer } | undefined {
    return this.#asked.get(request);
  }
}

const SOCKETS = /(?:\/push\/socket|^\/bitrix\/subws)\/?(?:\?|$)/i;

/** Whether a request asks for one of our sockets. */
export function wantsSocket({ url = '', headers, method }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && SOCKETS.test(url);
}

export function addPush(app: FastifyInstance, options: PushOptions, upgrades: Upgrades): void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: LONGEST_SAID, clientTracking: false });
  const backlog = new Backlog();
  for (const place of ['', '/rest/:user/:code']) {
    app.get(`${place}/push/events`, (request, reply) => answer(options, reply, async () => {
      const entered = await enter(options, request);
      reply.hijack();
      const { raw } = reply;
      const stream = streamOf(options, backlog, request, entered, new EventLines(raw), () => raw.destroy());
      raw.once('close', () => stream.leave());
      await stream.join();
    }));
    app.get(`${place}/push/socket`, (request, reply) => answer(options, reply, async () => {
      const asked = upgrades.of(request.raw);
      if (!asked || request.headers.upgrade?.toLowerCase() !== 'websocket') throw new MethodError(noSocket);
      const entered = await enter(options, request);
      reply.hijack();
      reply.raw.detachSocket(asked.socket as never);
      sockets.handleUpgrade(request.raw, asked.socket, asked.head, (socket) => {
        const stream = streamOf(options, backlog, request, entered, new SocketFrames(socket, asked.socket), () => socket.terminate());
        socket.on('message', (data: Buffer) => void (data.toString() === 'ping' && socket.send('pong')));
        socket.on('error', () => socket.terminate());
        socket.once('close', () => stream.leave());
        void stream.join();
      });
    }));
  }
}

/** What is refused is refused in JSON, like any call. */
async function answer({ dispatch }: PushOptions, reply: FastifyReply, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (fault) {
    if (reply.raw.headersSent) return void reply.raw.destroy();
    const { status, body } = failureResponse(fault) ?? errorResponse(dispatch.onFault('push', fault));
    await reply.code(status).header('access-control-allow-origin', '*').type('application/json; charset=utf-8').send(body.join(''));
  }
}

interface Entered extends Admitted {
  since: SyncToken | 'unknown' | undefined;
}

async function enter(options: PushOptions, request: FastifyRequest): Promise<Entered> {
  const { live, dispatch, db, generations } = options;
  const who = await admitted(dispatch, request);
  if (live.closed) throw new MethodError(systemErrors.starting);
  if (live.listeners(who.viewer.userId) >= MOST_OF_USER) throw new MethodError(tooMany);
  const since = sinceIn(request);
  dispatch.onCall(who.identity);
  await generations.tokenOf(db, await db.read(snapshot));
  return { ...who, since };
}

/** What a client has seen, by what it repeats when it comes back; that of the head is the newer one. */
function sinceIn(request: FastifyRequest): SyncToken | 'unknown' | undefined {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  const header = request.headers['last-event-id'];
  const given = (typeof header === 'string' && header !== '' ? header : undefined) ?? (mark < 0 ? undefined : new URLSearchParams(url.slice(mark + 1)).get('since'));
  return given ? parseToken(given) ?? 'unknown' : undefined;
}

/** @param cut ends the connection without a word */
function streamOf({ live, generations, counts }: PushOptions, backlog: Backlog, request: FastifyRequest, { viewer, standing, since }: Entered, outlet: Outlet, cut: () => void) {
  const stream: Stream = new Stream({
    viewer, origin: originOf(request), outlet, backlog,
    tokenOf: (seen) => generations.knownTokenOf(seen),
    onSent: (count) => void (counts.sent += count),
    onSlow: () => {
      counts.dropped += 1;
      live.leave(stream);
      stream.end('slow');
    },
  });
  return {
    leave: () => {
      live.leave(stream);
      stream.closed();
    },
    join: () => live.join(stream, standing, since).catch(() => {
      stream.closed();
      cut();
    }),
  };
}
