import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Connections, type Farewell, FAREWELL } from './connections.ts';
import { lingerAfter } from './lingering.ts';
import { writeResponse } from '../http.ts';
import { errorResponse } from '../envelope.ts';
import { systemErrors } from '../system-errors.ts';
import { isArriving } from './long-requests.ts';
import { VerbatimRequests } from './verbatim.ts';
import { HEAD_LIMIT, type ParserFault, readAgainOrRefuse, serverOf } from './unreadable.ts';

/** An address cannot be listened on; the message is for the person who started the server. */
export class ListenError extends Error {
  override name = 'ListenError';
}

/** How long a connection may do nothing while it is not owed an answer, milliseconds. */
export interface Patience {
  /** Until the TLS handshake is over. */
  handshakeTimeout: number;
  /** Until the head of a request has arrived, also of the first one. */
  headersTimeout: number;
  /** Until all of the request has arrived. */
  requestTimeout: number;
  connectionsCheckingInterval: number;
  /** Between two requests. */
  keepAliveTimeout: number;
  /** Without a byte moving, be it that an answer is not read. */
  stallTimeout: number;
  /** From a refusal until its connection is closed, so that the peer can read it. */
  lingerTimeout: number;
}
const PATIENCE: Patience = {
  handshakeTimeout: 20_000, headersTimeout: 20_000, requestTimeout: 60_000, connectionsCheckingInterval: 5000,
  keepAliveTimeout: 65_000, stallTimeout: 60_000, lingerTimeout: 1000,
};

/** Takes connections that go on in another protocol. */
export interface Upgrade {
  wants(request: IncomingMessage): boolean;
  take(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

/** Connections that come at once, as after a restart, wait to be taken; the system allows less by itself. Beyond that they are refused, or reset. */
const BACKLOG = 4096;
/** At a stop, how long connections that wait are taken at most, milliseconds. */
const ACCEPT_MS = 500;

/** The HTTP and HTTPS listeners. They take their ports before anything is created, and answer 503 until they serve. */
export class Listeners {
  readonly http: http.Server;
  readonly https: https.Server;
  readonly connections: Connections;
  readonly verbatim: VerbatimRequests;
  #closed: Promise<void> | undefined;
  #upgrade: Upgrade | undefined;
  #handle: RequestListener = (_request, response) => writeResponse(response, errorResponse(systemErrors.starting));

  constructor(patience: Partial<Patience> = {}, maxConnections = Infinity, farewell: Partial<Farewell> = {}) {
    const { stallTimeout, lingerTimeout, ...timeouts } = { ...PATIENCE, ...patience };
    this.connections = new Connections(maxConnections, { ...FAREWELL, ...farewell });
    this.verbatim = new VerbatimRequests(this.connections, Math.floor(timeouts.keepAliveTimeout / 1000));
    const handle: RequestListener = (request, response) => {
      lingerAfter(request, response);
      this.connections.called(request, response);
      this.#handle(request, response);
    };
    const shouldUpgradeCallback = (request: IncomingMessage) => this.#upgrade?.wants(request) === true;
    this.http = http.createServer({ maxHeaderSize: HEAD_LIMIT, shouldUpgradeCallback, ...timeouts }, handle);
    this.https = https.createServer({ maxHeaderSize: HEAD_LIMIT, shouldUpgradeCallback, ...timeouts }, handle);
    for (const server of [this.http, this.https]) server.on('upgrade', (request, socket, head) => this.#take(request, socket as Socket, head));
    this.https.on('secureConnection', (socket) => this.connections.secured(socket));
    // What nobody knows how to expect is passed over, as front ends do; Node would refuse it without a word of why.
    for (const server of [this.http, this.https]) server.on('checkExpectation', handle);
    for (const server of [this.http, this.https]) this.#watch(server, stallTimeout, lingerTimeout, timeouts.headersTimeout);
  }

  #watch(server: http.Server | https.Server, stallTimeout: number, lingerTimeout: number, headersTimeout: number): void {
    const reading = {
      serve: serverOf(server, server === this.http ? 'connection' : 'secureConnection'),
      refuse: (fault: ParserFault, socket: Socket) => refuse(fault, socket, lingerTimeout),
      patience: headersTimeout,
    };
    server.on('connection', (socket: Socket) => this.connections.add(socket));
    server.on('clientError', (fault: ParserFault, socket) => {
      if (fault.code !== 'ERR_HTTP_REQUEST_TIMEOUT' || !isArriving(socket)) readAgainOrRefuse(fault, socket as Socket, reading);
    });
    server.setTimeout(stallTimeout, (socket) => {
      if (!this.connections.owes(socket)) socket.destroy();
    });
    // The machine has no descriptors or memory left for what wants to come in: one that waits makes room.
    server.on('error', () => void (server.listening && this.connections.makeRoom()));
  }

  /** @throws ListenError naming the address and why; nothing listens then */
  async open(host: string, port: number, tlsPort: number): Promise<void> {
    try {
      await listen(this.http, host, port, '--port');
      await listen(this.https, host, tlsPort, '--tls-port');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  serve(handler: RequestListener, certificate: { key: string; cert: string }): void {
    this.renew(certificate);
    this.#handle = handler;
  }

  /** From now on requests that ask for another protocol, and are wanted, are taken so; others are answered as if they had not asked. */
  upgrade(upgrade: Upgrade): void {
    this.#upgrade = upgrade;
  }

  #take(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.connections.keep(socket);
    this.verbatim.release(socket);
    // Whoever takes it hears of it too.
    socket.on('error', () => socket.destroy());
    this.#upgrade?.take(request, socket, head);
  }

  /** New connections get this certificate; those that are open go on. */
  renew({ key, cert }: { key: string; cert: string }): void {
    this.https.setSecureContext({ key, cert });
  }

  origins(host: string): { http: string; https: string } {
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
    return { http: `http://${name}:${portOf(this.http)}`, https: `https://${name}:${portOf(this.https)}` };
  }

  /** Takes no new connections, lets the calls in flight finish, and is done within seconds. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.http.listening) await this.#acceptWaiting();
    const closed = [this.http, this.https].map(stopListening);
    await this.connections.finish();
    await Promise.all(closed);
  }

  /** The operating system has connected more than was taken from it: their calls may have been sent, and closing would reset them. */
  async #acceptWaiting(): Promise<void> {
    const giveUpAt = performance.now() + ACCEPT_MS;
    for (let before = -1; before < this.connections.accepted && performance.now() < giveUpAt; ) {
      before = this.connections.accepted;
      // The first turn may be one that was under way.
      await turn();
      await turn();
    }
  }
}

/** Answers what is not HTTP, or comes too slowly, in JSON like everything else. No answer is possible before TLS. */
function refuse({ code = '' }: NodeJS.ErrnoException, socket: Duplex, lingerTimeout: number): void {
  if (!socket.writable || !/^(HPE_|ERR_HTTP_)/.test(code)) return void socket.destroy();
  const [status, text] = REFUSALS[code] ?? [400, 'The request is not valid HTTP'];
  const body = JSON.stringify({ error: 'INVALID_REQUEST', error_description: text });
  const head = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`, 'content-type: application/json; charset=utf-8', 'access-control-allow-origin: *',
    `content-length: ${Buffer.byteLength(body)}`, 'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // A peer that does not close its side would hold the connection for ever.
  const linger = setTimeout(() => socket.destroy(), lingerTimeout).unref();
  socket.once('close', () => clearTimeout(linger));
}

const REFUSALS: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_INVALID_URL: [400, 'The address holds bytes that must be percent-encoded'],
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function listen(server: Server, host: string, port: number, flag: string): Promise<void> {
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'it is in use by another process' : message;
    throw new ListenError(`${flag}: cannot listen on ${host} port ${port}: ${why}`);
  }
}

/** Not the method of the HTTP server: that one cuts off connections whose next request is on its way. */
async function stopListening(server: http.Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()));
  server.close();
}
