/** Writes answers no faster than they are read, and gives up on those who do not read. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { yieldToOthers } from '../../base/turns.ts';
import type { Following } from '../envelope.ts';
import type { JsonPieces } from '../method.ts';

export interface OutflowLimits {
  /** Most bytes of answers that wait to be read, of all connections together. */
  waiting: number;
  /** Most bytes of one answer that is sent while it is made: while so many wait, no more is made of it. */
  ahead: number;
  /** Milliseconds in which at least `least` bytes of an answer must be taken. */
  patience: number;
  least: number;
}

const LIMITS: OutflowLimits = { waiting: 256 * 1024 * 1024, ahead: 64 * 1024 * 1024, patience: 30_000, least: 32 * 1024 };
/** Bytes of an answer that is written without waiting for a turn: most lists are shorter. */
const SHORT = 256 * 1024;
/** Bytes: an answer up to this long is written at once, a longer one in pieces, each when the one before has been taken. */
const AT_ONCE = 1024 * 1024;
const PIECE = 256 * 1024;

/** What of an answer its reader may be too slow for. */
interface Unread {
  readonly socket: Socket | null;
  readonly destroyed: boolean;
  destroy(): unknown;
  once(event: 'close', over: () => void): unknown;
}

/** An answer that its reader has not taken yet. */
interface Waiting {
  raw: Unread;
  /** Bytes of it that there are; of one that is sent while it is made those that wait. */
  size: number;
  /** Bytes of the connection that the reader had taken at `at`, the last time that they were enough. */
  taken: number;
  /** Milliseconds. */
  at: number;
  /** Told whenever some of it has been taken. */
  onTaken?: () => void;
}

export class Outflow {
  readonly #limits: OutflowLimits;
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** Writes the body; the head has been written. `size` is its length in bytes. */
  send(raw: ServerResponse, body: JsonPieces, size: number): void {
    if (size > SHORT) return void this.#sendInTurn(raw, body, size);
    writeAtOnce(raw, body);
    if (raw.socket && raw.socket.writableLength > 0) this.#await(raw, size);
  }

  /** Writes head and body onto the connection itself. `taken` is called when its reader has room for another answer, or is gone. */
  sendBare(socket: Socket, head: string, body: JsonPieces, size: number, taken: () => void): void {
    if (size > SHORT) void yieldToOthers().then(() => this.#writeBare(socket, head, body, size, taken));
    else this.#writeBare(socket, head, body, size, taken);
  }

  #writeBare(socket: Socket, head: string, body: JsonPieces, size: number, taken: () => void): void {
    if (!socket.writable) return taken();
    let over: (() => void) | undefined;
    const done = (): void => {
      over?.();
      taken();
    };
    socket.cork();
    socket.write(head, 'latin1', body.length === 0 ? done : undefined);
    for (const [index, piece] of body.entries()) socket.write(piece, index === body.length - 1 ? done : undefined);
    socket.uncork();
    if (socket.writableLength === 0) return undefined;
    const unread: Unread = { socket, get destroyed() { return socket.destroyed; }, destroy: () => socket.destroy(), once: (_event, told) => (over = told) };
    return void this.#await(unread, size);
  }

  /**
   * Writes a body while it is made; the head has been written. Should it not come to its end, neither does the answer: the
   * connection breaks. Never throws.
   */
  async follow(raw: ServerResponse, body: Following): Promise<void> {
    const waiting = this.#await(raw, 0);
    try {
      for await (const piece of body) {
        if (raw.destroyed) return;
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
        this.#grow(waiting, bytes.length);
        raw.write(bytes, () => this.#shrink(waiting, bytes.length));
        while (waiting.size > this.#limits.ahead && !raw.destroyed) await someTaken(waiting, raw);
      }
      raw.end();
    } catch {
      raw.destroy();
    }
  }

  /** Writing a long one takes milliseconds: of hundreds at once not all in one turn of the event loop. */
  async #sendInTurn(raw: ServerResponse, body: JsonPieces, size: number): Promise<void> {
    const waiting = this.#await(raw, size);
    await yieldToOthers();
    if (raw.destroyed) return;
    if (size > AT_ONCE) await this.#sendSlowly(waiting, raw, body);
    else writeAtOnce(raw, body);
  }

  async #sendSlowly(waiting: Waiting, raw: ServerResponse, body: JsonPieces): Promise<void> {
    for (const piece of piecesOf(body)) {
      if (raw.destroyed) return;
      if (raw.write(piece)) continue;
      await drained(raw);
      Object.assign(waiting, { taken: takenBy(raw), at: performance.now() });
    }
    raw.end();
  }

  #grow(waiting: Waiting, bytes: number): void {
    if (!this.#waiting.has(waiting)) return;
    waiting.size += bytes;
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.waiting) this.#makeRoom();
  }

  #shrink(waiting: Waiting, bytes: number): void {
    waiting.size -= bytes;
    if (this.#waiting.has(waiting)) this.#bytes -= bytes;
    waiting.onTaken?.();
  }

  #await(raw: Unread, size: number): Waiting {
    const waiting: Waiting = { raw, size, taken: takenBy(raw), at: performance.now() };
    if (raw.destroyed) return waiting;
    this.#waiting.add(waiting);
    this.#bytes += size;
    raw.once('close', () => this.#forget(waiting));
    this.#watch ??= setInterval(() => this.#dropStalled(), this.#limits.patience / 4).unref();
    if (this.#bytes > this.#limits.waiting) this.#makeRoom();
    return waiting;
  }

  #forget(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return;
    this.#bytes -= waiting.size;
    if (this.#waiting.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #dropStalled(): void {
    this.#noteTaken();
    const oldest = performance.now() - this.#limits.patience;
    for (const waiting of this.#waiting) if (waiting.at < oldest) this.#drop(waiting);
  }

  /** Those of which nothing has been taken for longest go first. */
  #makeRoom(): void {
    for (const waiting of [...this.#waiting].sort((a, b) => a.at - b.at)) {
      if (this.#bytes <= this.#limits.waiting) return;
      this.#drop(waiting);
    }
  }

  #noteTaken(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) {
      const taken = takenBy(waiting.raw);
      // Of what is still being made there may be nothing to take.
      if (waiting.size === 0 || taken - waiting.taken >= this.#limits.least) Object.assign(waiting, { taken, at: now });
    }
  }

  #drop(waiting: Waiting): void {
    this.#forget(waiting);
    waiting.raw.destroy();
  }
}

function writeAtOnce(raw: ServerResponse, body: JsonPieces): void {
  raw.cork();
  for (const piece of body.slice(0, -1)) raw.write(piece);
  // Most answers are one piece: the end takes it along.
  raw.end(body.at(-1));
  raw.uncork();
}

/** What the connection's other side, or its system, has taken in all. */
function takenBy({ socket }: Unread): number {
  return socket ? socket.bytesWritten - socket.writableLength : 0;
}

function* piecesOf(body: JsonPieces): Generator<Uint8Array> {
  for (const piece of body) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  }
}

function someTaken(waiting: Waiting, raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      delete waiting.onTaken;
      raw.off('close', done);
      resolve();
    };
    waiting.onTaken = done;
    raw.on('close', done);
  });
}

function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });
}
