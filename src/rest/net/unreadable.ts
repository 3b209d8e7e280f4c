/**
 * Requests that Node's parser gives up.
 *
 * One kind is mended: addresses with bytes that HTTP does not allow in them. Scripts paste them together all the same:
 * curl with `…?MESSAGE=Привет`, PHP's file_get_contents with spaces too. The front end of the original takes them; Node's
 * parser does not and cannot be told to. Requests that it takes cost nothing here.
 */
import { Buffer } from 'node:buffer';
import type http from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What the parser says of a request that it gives up. */
export interface ParserFault extends NodeJS.ErrnoException {
  /** What was being read, and how much of it the parser has understood. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

export interface Reading {
  /** Reads requests from a socket, from the beginning of one. */
  serve(socket: Socket): void;
  /** Answers a request that cannot be read, and closes the connection. */
  refuse(fault: ParserFault, socket: Socket): void;
  /** How long the rest of the first line may take to arrive, milliseconds. */
  patience: number;
}

/** Bytes of a request's head, its address encoded: 8 KiB of UTF-8 in an address, as front ends allow, and the fields. */
export const HEAD_LIMIT = 32 * 1024;

/** What a byte above 0x7f in an address leads to, and a space, after which the version is expected. */
const MENDABLE = new Set(['HPE_INVALID_URL', 'HPE_INVALID_CONSTANT']);
const NEWLINE = 0x0a;
const REQUEST_LINE = /^([A-Z]+) ([!-~].*) (HTTP\/1\.[01]\r?\n)$/s;
const ALLOWED = /^[ -~\x80-\xff]*$/;

/**
 * The request's first line with its address percent-encoded, byte by byte.
 *
 * @param line with its line break
 * @returns undefined when nothing needs it, or the line is none or holds control characters
 */
export function mendRequestLine(line: Uint8Array): Buffer | undefined {
  const [, method, address, version] = REQUEST_LINE.exec(Buffer.from(line).toString('latin1')) ?? [];
  if (method === undefined || address === undefined || !ALLOWED.test(address)) return undefined;
  const encoded = address.replace(/[ \x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return encoded === address ? undefined : Buffer.from(`${method} ${encoded} ${version}`, 'latin1');
}

/**
 * Has a request read again with its address encoded, when that is what the parser gave it up for; the connection is
 * closed after it, because the next address would go the same way. Any other is refused, after the requests before it
 * have been answered.
 */
export function readAgainOrRefuse(fault: ParserFault, socket: Socket, reading: Reading): void {
  if (fault.code?.startsWith('HPE_') !== true || socket.destroyed) return reading.refuse(fault, socket);
  leaveParser(socket);
  const start = MENDABLE.has(fault.code) && !answerOf(socket) ? startOf(fault) : -1;
  if (start >= 0) return void new FirstLine(socket, fault.rawPacket!.subarray(start), fault, reading);
  forgetTheRest(socket);
  afterAnswers(socket, () => reading.refuse(fault, socket));
}

/** Where the line begins at whose address the parser stopped; -1 when that is in an earlier packet. */
function startOf({ rawPacket, bytesParsed = 0 }: ParserFault): number {
  if (!rawPacket || bytesParsed === 0) return -1;
  const start = rawPacket.lastIndexOf(NEWLINE, bytesParsed - 1) + 1;
  return /^[A-Z]+ [!-~]/.test(rawPacket.toString('latin1', start, start + 16)) ? start : -1;
}

/** What Node keeps at a socket; it has no names for it in public. */
interface HttpSocket extends Socket {
  _httpMessage?: ServerResponse | null;
  parser?: { remove(): void } | null;
}

/** The answer that is being written or waited for. */
function answerOf(socket: HttpSocket): ServerResponse | undefined {
  return socket._httpMessage ?? undefined;
}

/** Waits for the answers to requests that came whole; to one that did not there will be none. */
function afterAnswers(socket: Socket, done: () => void): void {
  const answer = answerOf(socket);
  if (!answer?.req.complete) return done();
  answer.once('finish', () => afterAnswers(socket, done));
}

/** The parser gets no more bytes, and its time-outs end. It is freed when the socket closes. */
function leaveParser(socket: HttpSocket): void {
  socket.removeAllListeners('data');
  socket.removeAllListeners('end');
  socket.parser?.remove();
}

/** A request whose first line is still arriving. */
class FirstLine {
  readonly #socket: Socket;
  readonly #fault: ParserFault;
  readonly #reading: Reading;
  #head: Buffer;
  readonly #deadline: NodeJS.Timeout;

  /** @param begun the request as far as the parser was given it */
  constructor(socket: Socket, begun: Buffer, fault: ParserFault, reading: Reading) {
    this.#socket = socket;
    this.#fault = fault;
    this.#reading = reading;
    this.#head = begun;
    this.#deadline = setTimeout(() => socket.destroy(), reading.patience).unref();
    // Listening also makes Node hand the bytes out that it would otherwise give to the parser directly.
    socket.on('data', this.#collect).on('end', this.#ended).once('close', () => clearTimeout(this.#deadline));
    if (begun.includes(NEWLINE)) this.#finish();
  }

  #collect = (chunk: Buffer): void => {
    this.#head = Buffer.concat([this.#head, chunk]);
    if (chunk.includes(NEWLINE)) this.#finish();
    else if (this.#head.length > HEAD_LIMIT) this.#giveUp({ ...this.#fault, code: 'HPE_HEADER_OVERFLOW' });
  };

  #ended = (): void => this.#giveUp(this.#fault);

  #finish(): void {
    const length = this.#head.indexOf(NEWLINE) + 1;
    const line = mendRequestLine(this.#head.subarray(0, length));
    if (!line) return this.#giveUp(this.#fault);
    this.#stop();
    this.#socket.pause();
    this.#socket.unshift(Buffer.concat([line, Buffer.from('Connection: close\r\n'), this.#head.subarray(length)]));
    this.#reading.serve(this.#socket);
    this.#socket.resume();
  }

  #giveUp(fault: ParserFault): void {
    this.#stop();
    forgetTheRest(this.#socket);
    this.#reading.refuse(fault, this.#socket);
  }

  #stop(): void {
    clearTimeout(this.#deadline);
    this.#socket.off('data', this.#collect).off('end', this.#ended);
  }
}

/** Whatever else comes is read and dropped: a connection that is closed with bytes unread takes the answer with it. */
function forgetTheRest(socket: Socket): void {
  socket.on('data', () => undefined);
}

/** How a server of Node's begins to read requests from a socket that it has accepted. */
export function serverOf(server: http.Server, event: 'connection' | 'secureConnection'): (socket: Socket) => void {
  const [serve] = server.listeners(event);
  if (!serve) throw new Error(`The server does not listen to ${event}`);
  return (socket) => void serve.call(server, socket);
}
