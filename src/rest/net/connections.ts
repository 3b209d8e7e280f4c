/** The open connections of all listeners: how many there may be, who has to make room, and how they end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** How long a stop waits for what, milliseconds. */
export interface Farewell {
  /** For what an idle connection may have sent just now. */
  idle: number;
  /** For a request to arrive completely, or an answer to be read. */
  peer: number;
  /** For everything: whatever is not answered by then is cut off. */
  all: number;
}
export const FAREWELL: Farewell = { idle: 500, peer: 3000, all: 8000 };
const SWEEP_MS = 25;

/** Descriptors that are not for connections: the store, deliveries to handlers, logs. */
const RESERVED_DESCRIPTORS = 100;
const FEWEST = 16;

/** As many connections as were asked for and the operating system allows. */
export function connectionLimit(wanted: number, descriptors: number): number {
  return Math.max(FEWEST, Math.min(wanted, descriptors - RESERVED_DESCRIPTORS));
}

/** How many descriptors this process may have open. */
export function descriptorLimit(): number {
  // Looking up the names of all peers would take long.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files: { soft: number | 'unlimited' } } };
  const soft = userLimits?.open_files.soft;
  return typeof soft === 'number' ? soft : Infinity;
}

/** What a connection is at: it has said nothing yet, a request arrives, we work on it, the answer is not read, or it is between calls. */
type State = 'silent' | 'arriving' | 'owed' | 'unread' | 'idle';

export class Connection {
  /** What was accepted; with TLS another socket stands on it. */
  readonly raw: Socket;
  /** It goes on in another protocol. */
  kept = false;
  /** A request that came word for word again is being answered. */
  repeating = false;
  call: { request: IncomingMessage; response: ServerResponse } | undefined;
  /** Number of its last call among all calls: the smaller, the longer ago. */
  lastCall = 0;
  /** During a stop: since when it has been in a state that only its peer can end. */
  waiting: { state: State; since: number } | undefined;

  constructor(raw: Socket) {
    this.raw = raw;
  }

  get state(): State {
    if (this.kept || this.repeating) return 'owed';
    if (!this.call) return 'silent';
    const { request, response } = this.call;
    if (response.writableFinished) return 'idle';
    if (response.writableEnded) return 'unread';
    return request.complete ? 'owed' : 'arriving';
  }
}

export class Connections {
  readonly limit: number;
  readonly #farewell: Farewell;
  /** In the order in which they came. */
  readonly #open = new Set<Connection>();
  readonly #bySocket = new WeakMap<Socket, Connection>();
  /** By the peer's address: which connection a finished TLS handshake belongs to. */
  readonly #handshakes = new Map<string, Connection>();
  #calls = 0;
  #accepted = 0;
  #stopping = false;
  /** Told when a connection had to make room. */
  onFull: () => void = () => {};

  constructor(limit: number, farewell: Farewell) {
    this.limit = limit;
    this.#farewell = farewell;
  }

  get size(): number {
    return this.#open.size;
  }

  /** How many have ever come. */
  get accepted(): number {
    return this.#accepted;
  }

  /** At the limit the one that deserves it least makes room; when all are owed an answer, the new one does. */
  add(raw: Socket): void {
    this.#accepted += 1;
    if (this.#open.size >= this.limit && !this.makeRoom()) return void raw.destroy();
    const connection = new Connection(raw);
    const peer = peerOf(raw);
    this.#open.add(connection);
    this.#bySocket.set(raw, connection);
    this.#handshakes.set(peer, connection);
    raw.once('close', () => {
      this.#open.delete(connection);
      if (this.#handshakes.get(peer) === connection) this.#handshakes.delete(peer);
    });
  }

  /** The TLS handshake is over: requests come through this socket from now on. */
  secured(socket: Socket): void {
    const connection = this.#handshakes.get(peerOf(socket));
    if (connection) this.#bySocket.set(socket, connection);
  }

  called(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#bySocket.get(request.socket);
    if (!connection) return;
    connection.call = { request, response };
    connection.lastCall = this.#calls += 1;
    if (this.#stopping) response.setHeader('connection', 'close');
  }

  of(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** Whether requests may be answered without their heads being read: during a stop answers say that they are the last. */
  get mayRepeat(): boolean {
    return !this.#stopping;
  }

  /** A request is answered that came word for word again. */
  repeats(connection: Connection): void {
    connection.repeating = true;
    connection.lastCall = this.#calls += 1;
  }

  /** It goes on in another protocol, and so is at work until it is closed. */
  keep(socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    if (connection) connection.kept = true;
  }

  /** Whether we work on a call of this connection and its peer has read what it was sent so far. */
  owes(socket: Socket): boolean {
    return this.#bySocket.get(socket)?.state === 'owed' && socket.writableLength === 0;
  }

  /** Closes the oldest connection that has not brought a whole request, or else the one whose last call is longest ago. */
  makeRoom(): boolean {
    let chosen: Connection | undefined;
    for (const connection of this.#open) {
      const { state } = connection;
      if (state === 'owed') continue;
      if (state !== 'idle') {
        chosen = connection;
        break;
      }
      if (!chosen || connection.lastCall < chosen.lastCall) chosen = connection;
    }
    if (!chosen) return false;
    this.onFull();
    this.#cut(chosen);
    return true;
  }

  /** Answers what is being worked on, takes what was already on its way, and closes everything within the time given. */
  async finish(): Promise<void> {
    this.#stopping = true;
    const began = performance.now();
    for (const { call } of this.#open) if (call && !call.response.headersSent) call.response.setHeader('connection', 'close');
    while (this.#open.size > 0) {
      // After a whole turn of the event loop everything that had arrived has been read.
      await turn();
      this.#sweep(performance.now() - began);
      if (this.#open.size > 0) await sleep(SWEEP_MS);
    }
  }

  #sweep(elapsed: number): void {
    const { idle, peer, all } = this.#farewell;
    for (const connection of this.#open) {
      const { state } = connection;
      if (connection.waiting?.state !== state) connection.waiting = { state, since: elapsed };
      const patience = state === 'owed' ? all : state === 'idle' || state === 'silent' ? idle : peer;
      if (elapsed >= all || elapsed - connection.waiting.since >= patience) this.#cut(connection);
    }
  }

  #cut(connection: Connection): void {
    this.#open.delete(connection);
    connection.raw.destroy();
  }
}

function peerOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
