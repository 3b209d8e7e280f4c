/**
 * Requests whose heads come word for word again on the same connection, as those of whoever polls or sends do. They are known by
 * their bytes, before anything is parsed, and answered on the socket itself. All else goes to Node's parser as if nothing stood
 * before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection, Connections } from './connections.ts';
import { headOf, type KnownHead, bodyAfter } from './known-head.ts';

/** Heads that could not be known again, after which the connection is left alone: its requests come in pieces. */
const MOST_MISSED = 8;

/** Hands an answer over to its connection; `taken` is called when there is room for another. */
export type HandOver = (taken: () => void) => void;

/** Answers a request whose head came again: `done` is called once, with nothing where the request is to be read like any other. */
export type OnceMore = (body: Buffer, done: (handOver: HandOver | undefined) => void) => void;

/** The connections on which something was asked again. */
export class VerbatimRequests {
  readonly #connections: Connections;
  readonly #lines = new WeakMap<Socket, Line>();
  /** How long a connection is kept between two requests. */
  readonly keptSeconds: number;

  constructor(connections: Connections, keptSeconds: number) {
    this.#connections = connections;
    this.keptSeconds = keptSeconds;
  }

  /** From now on the connection's packets are looked at. Not to be called while one is parsed. */
  watch(socket: Socket): void {
    const connection = this.#connections.of(socket);
    if (connection && !socket.destroyed && !this.#lines.has(socket)) this.#lines.set(socket, new Line(socket, connection, this.#connections));
  }

  /** Told of a request while it is parsed. Where the packet is this request and nothing else, gives what it is remembered by. */
  noted(request: IncomingMessage, response: ServerResponse): ((onceMore: OnceMore) => void) | undefined {
    return this.#lines.get(request.socket)?.noted(request, response);
  }

  /** The connection goes on in another protocol. */
  release(socket: Socket): void {
    this.#lines.get(socket)?.release();
  }
}

class Line {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #connections: Connections;
  /** What gives a packet to Node's parser. */
  readonly #parse: (packet: Buffer) => void;
  /** The request that all of the last packet was, where others with its head may be answered; and its answer, until that has been handed over. */
  #known: { head: KnownHead; onceMore: OnceMore; after: ServerResponse | undefined } | undefined;
  #missed = 0;
  #parsing: Buffer | undefined;
  /** Packets parsed so far. */
  #parsed = 0;
  /** Packets that have come while a request is being answered. */
  #waiting: Buffer[] = [];

  constructor(socket: Socket, connection: Connection, connections: Connections) {
    this.#socket = socket;
    this.#connection = connection;
    this.#connections = connections;
    const parsers = socket.listeners('data') as Array<(packet: Buffer) => void>;
    this.#parse = (packet) => parsers.forEach((parse) => parse.call(socket, packet));
    for (const parse of parsers) socket.off('data', parse);
    // Listening also makes Node hand the bytes out that it would otherwise give to the parser directly.
    socket.on('data', this.#take);
  }

  noted(request: IncomingMessage, response: ServerResponse): ((onceMore: OnceMore) => void) | undefined {
    const [parsing, parsed] = [this.#parsing, this.#parsed];
    if (!parsing || this.#missed > MOST_MISSED) return undefined;
    const head = response.shouldKeepAlive ? headOf(parsing, request) : undefined;
    if (!head) {
      this.#missed += 1;
      return undefined;
    }
    return (onceMore) => {
      if (this.#parsed === parsed) this.#known = { head, onceMore, after: response };
    };
  }

  release(): void {
    this.#socket.off('data', this.#take);
  }

  #take = (packet: Buffer): void => {
    if (!this.#connection.repeating) return this.#read(packet);
    this.#waiting.push(packet);
    this.#socket.pause();
  };

  #read(packet: Buffer): void {
    const known = this.#known;
    if (known?.after?.writableFinished) known.after = undefined;
    const body = known && !known.after && this.#connections.mayRepeat ? bodyAfter(known.head, packet) : undefined;
    if (body) this.#answer(known!.onceMore, packet, body);
    else this.#giveToParser(packet);
  }

  #giveToParser(packet: Buffer): void {
    this.#known = undefined;
    // The parser of a connection that is gone may serve another one.
    if (this.#socket.destroyed) return;
    this.#parsed += 1;
    this.#parsing = packet;
    this.#parse(packet);
    this.#parsing = undefined;
  }

  #answer(onceMore: OnceMore, packet: Buffer, body: Buffer): void {
    this.#connections.repeats(this.#connection);
    onceMore(body, (handOver) => {
      // After all that comes in at this turn has been read: what is written in one go wakes its reader once, not for each answer.
      if (handOver) return void setImmediate(handOver, () => this.#over());
      this.#connection.repeating = false;
      this.#giveToParser(packet);
      return this.#goOn();
    });
  }

  #over(): void {
    this.#connection.repeating = false;
    this.#goOn();
  }

  #goOn(): void {
    while (this.#waiting.length > 0 && !this.#connection.repeating) {
      const packet = this.#waiting.shift()!;
      const isListening = this.#isListening();
      // Whoever reads the connection now goes on from here.
      if (!isListening) this.#socket.unshift(Buffer.concat([packet, ...this.#waiting.splice(0)]));
      // Before anything is parsed: Node may pause the connection again.
      if (this.#waiting.length === 0) this.#socket.resume();
      if (isListening) this.#read(packet);
    }
  }

  #isListening(): boolean {
    return this.#socket.listeners('data').some((listener) => listener === this.#take);
  }
}
