/** How events leave: as server-sent events, or as frames of a socket. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Ending } from '../delivery/live/happening.ts';
import { PushEvent } from './event.ts';
import type { Outlet } from './stream.ts';
import { taken } from './taken.ts';

/** How long a peer has to take the last that it is told, milliseconds. */
const FAREWELL_MS = 2000;
/** Milliseconds after which a client that lost its connection comes back. */
const RETRY_MS = 1000;

function endEvent(reason: Ending): PushEvent {
  return new PushEvent('end', JSON.stringify({ reason }));
}

export class EventLines implements Outlet {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no', 'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
  }

  write(events: readonly PushEvent[], token: string | undefined): void {
    this.#response.write(PushEvent.lines(events, token));
  }

  ping(token: string | undefined): void {
    // An event, not a comment: pages are shown no comments, and know by it that the connection lives.
    this.write([PING], token);
  }

  waiting(): number {
    return this.#response.writableLength + (this.#response.socket?.writableLength ?? 0);
  }

  taken(): Promise<void> {
    return taken(this.#response);
  }

  end(reason: Ending): void {
    const { socket } = this.#response;
    this.#response.end(PushEvent.lines([endEvent(reason)], undefined));
    setTimeout(() => socket?.destroy(), FAREWELL_MS).unref();
  }
}

/** Codes with which the socket is closed. */
const CLOSE_CODES: Readonly<Record<Ending, number>> = { expired: 4001, revoked: 4002, closed: 4003, slow: 4008, restart: 1012 };

export class SocketFrames implements Outlet {
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  #answered = true;

  /** @param raw that the socket stands on */
  constructor(socket: WebSocket, raw: Duplex) {
    this.#socket = socket;
    this.#raw = raw;
    socket.on('pong', () => void (this.#answered = true));
  }

  write(events: readonly PushEvent[], token: string | undefined): void {
    // Frames that many get alike are made once, and leave together; the socket would make each anew.
    if (this.#socket.readyState === this.#socket.OPEN) this.#raw.write(PushEvent.frames(events, token));
  }

  /** A peer that has not answered since the last time is not there any more. */
  ping(token: string | undefined): void {
    if (!this.#answered) return this.#socket.terminate();
    this.#answered = false;
    this.#raw.cork();
    this.#socket.ping();
    this.write([PING], token);
    this.#raw.uncork();
  }

  waiting(): number {
    return this.#socket.bufferedAmount;
  }

  taken(): Promise<void> {
    return taken(this.#raw);
  }

  end(reason: Ending): void {
    this.write([endEvent(reason)], undefined);
    this.#socket.close(CLOSE_CODES[reason], reason);
    setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
  }
}

const PING = new PushEvent('ping', '{}');
