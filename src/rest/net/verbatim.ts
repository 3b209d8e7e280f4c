/**
 * Requests that come word for word again on the same connection, as those of whoever polls do. They are known by their bytes,
 * before anything is parsed, and answered on the socket itself. All else goes to Node's parser as if nothing stood before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection, Connections } from './connections.ts';

/** Bytes of a request that is known again. */
const LONGEST = 4096;

/** Hands an answer over to its connection; `taken` is called when there is room for another. */
export type HandOver = (taken: () => void) => void;

/** Answers a request once more: `done` is called once, with nothing where the request is to be read like any other. */
export type OnceMore = (done: (handOver: HandOver | undefined) => void) => void;

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
  /** The request that all of the last packet was, where it may be answered once more, and the answer after which it may. */
  #known: { packet: Buffer; onceMore: OnceMore; after: ServerResponse } | undefined;
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
    if (!parsing || parsing.length > LONGEST || !response.shouldKeepAlive || !isAllOf(parsing, request)) return undefined;
    const packet = Buffer.from(parsing);
    return (onceMore) => {
      if (this.#parsed === parsed) this.#known = { packet, onceMore, after: response };
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
    if (known?.after.writableFinished && this.#connections.mayRepeat && packet.equals(known.packet)) this.#answer(known.onceMore, packet);
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

  #answer(onceMore: OnceMore, packet: Buffer): void {
    this.#connections.repeats(this.#connection);
    onceMore((handOver) => {
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

/** Whether the bytes are the request from its first to its last, as one would write it who has read it. */
function isAllOf(packet: Buffer, { method, url, httpVersion, rawHeaders, headers }: IncomingMessage): boolean {
  if (httpVersion !== '1.1' || 'transfer-encoding' in headers || 'expect' in headers || 'upgrade' in headers) return false;
  let head = `${method} ${url} HTTP/1.1\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  head += '\r\n';
  return head.length + Number(headers['content-length'] ?? 0) === packet.length && packet.toString('latin1', 0, head.length) === head;
}
