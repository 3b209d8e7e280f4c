/** How what is told leaves: as frames of a socket, or as the answer to a poll. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Ending } from '../../delivery/live/happening.ts';
import { frameOf, type Wire } from '../../delivery/live/vendor/frames.ts';
import type { Numbered } from '../../delivery/live/vendor/pull-event.ts';
import { taken } from '../taken.ts';
import type { PullOutlet } from './session.ts';

/** With which the socket is closed: for most clients fetch their configuration again, for others come back. */
const CLOSE_CODES: Readonly<Record<Ending, number>> = { expired: 3001, revoked: 3003, closed: 3003, slow: 1013, restart: 3002 };
/** A client that has this wrong fetches its configuration again. */
export const WRONG_CHANNEL = 4010;
/** It said more than anybody has to say. */
export const POLICY_VIOLATION = 1008;
/** How long a peer has to take the last that it is told, milliseconds. */
const FAREWELL_MS = 2000;
/** Bytes that one socket may have waiting when more comes. */
const MOST_WAITING = 1024 * 1024;

export class SocketOutlet implements PullOutlet {
  readonly #socket: WebSocket;
  readonly #raw: Duplex;
  readonly #wire: Wire;
  readonly #onSlow: () => void;
  #alive = true;

  /** @param raw that the socket stands on */
  constructor(socket: WebSocket, raw: Duplex, wire: Wire, onSlow: () => void) {
    this.#socket = socket;
    this.#raw = raw;
    this.#wire = wire;
    this.#onSlow = onSlow;
    socket.on('pong', () => void (this.#alive = true));
  }

  write(events: readonly Numbered[]): void {
    if (this.#socket.bufferedAmount > MOST_WAITING) return this.#onSlow();
    for (const event of events) this.#socket.send(frameOf(this.#wire, event), { binary: this.#wire === 'binary' });
  }

  taken(): Promise<void> {
    return taken(this.#raw);
  }

  end(reason: Ending, last: readonly Numbered[]): void {
    if (this.#socket.bufferedAmount <= MOST_WAITING) for (const event of last) this.#socket.send(frameOf(this.#wire, event), { binary: this.#wire === 'binary' });
    this.#socket.close(CLOSE_CODES[reason], reason);
    setTimeout(() => this.#socket.terminate(), FAREWELL_MS).unref();
  }

  /** A peer that has not answered since the last time is not there any more. */
  beat(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    this.#socket.ping();
    if (this.#wire === 'rpc') this.#socket.send('ping');
  }
}

/** What one poll is answered with. */
export interface PollAnswer {
  /** None where nothing has happened. */
  events: readonly Numbered[];
}

/** Events of one answer at most. */
const MOST_EVENTS = 1000;

export class PollOutlet implements PullOutlet {
  readonly #answer: (answer: PollAnswer) => void;
  #events: Numbered[] = [];

  constructor(answer: (answer: PollAnswer) => void) {
    this.#answer = answer;
  }

  write(events: readonly Numbered[], complete: boolean): void {
    this.#events.push(...events);
    if (this.#events.length > 0 && (complete || this.#events.length > MOST_EVENTS)) this.finish();
  }

  end(_reason: Ending, last: readonly Numbered[]): void {
    this.#events.push(...last);
    this.finish();
  }

  taken(): Promise<void> {
    return Promise.resolve();
  }

  /** Once only counts. */
  finish(): void {
    const events = this.#events;
    this.#events = [];
    this.#answer({ events });
  }
}
