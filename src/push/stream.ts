/** One open connection of our stream, by whichever transport: a bounded buffer, and what happens when it is not read. */
import type { Beginning, Ending, Listener, Snapshot } from '../delivery/live/happening.ts';
import type { Viewer } from '../messenger/access/viewer.ts';
import { viewCounters } from '../messenger/views/counters-view.ts';
import { ourDialect } from './dialect.ts';
import { PushEvent } from './event.ts';

/** How an event leaves. */
export interface Outlet {
  /** @param token where the last of them may be gone on from */
  write(events: readonly PushEvent[], token: string | undefined): void;
  /** There is nothing to say but how far it is. */
  ping(token: string | undefined): void;
  /** Bytes that the peer has not taken. */
  waiting(): number;
  /** Resolves once it has taken most of them, or is gone. */
  taken(): Promise<void>;
  /** Says why, and ends. */
  end(reason: Ending): void;
}

/** Bytes that one connection may have waiting when more comes: whatever comes at once, as after a reconnect, may be longer. */
const MOST_WAITING = 4 * 1024 * 1024;
/** Beyond so many bytes of all connections each may have only a few waiting. */
const MOST_OF_ALL = 128 * 1024 * 1024;
const FEW = 64 * 1024;

/** What waits in all connections together. */
export class Backlog {
  bytes = 0;
}

export interface StreamOptions {
  viewer: Viewer;
  origin: string;
  outlet: Outlet;
  backlog: Backlog;
  /** Undefined where it is not known yet. */
  tokenOf(seen: Snapshot): string | undefined;
  /** Told when it is given up because it is not read. */
  onSlow(stream: Stream): void;
  /** Told how many events were sent. */
  onSent(count: number): void;
}

export class Stream implements Listener<PushEvent> {
  readonly viewer: Viewer;
  readonly origin: string;
  readonly dialect = ourDialect;
  readonly #options: StreamOptions;
  #events: PushEvent[] = [];
  #counted = 0;
  #over = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.viewer = options.viewer;
    this.origin = options.origin;
  }

  begin({ seen, reset, resumed, counters }: Beginning): void {
    this.send(new PushEvent('ready', JSON.stringify({ user_id: this.viewer.userId, counters: viewCounters(counters), reset_required: reset })));
    this.flush(resumed ? undefined : seen);
  }

  send(event: PushEvent): void {
    if (!this.#over) this.#events.push(event);
  }

  flush(seen: Snapshot | undefined): void {
    if (this.#over) return;
    const { outlet, tokenOf, onSent, onSlow } = this.#options;
    if (this.#isSlow()) return onSlow(this);
    const token = seen && tokenOf(seen);
    if (this.#events.length > 0) {
      const events = this.#events;
      this.#events = [];
      outlet.write(events, token);
      onSent(events.length);
    } else if (seen) outlet.ping(token);
    this.#count(outlet.waiting());
  }

  taken(): Promise<void> {
    return this.#options.outlet.taken();
  }

  wait(): void {
    if (!this.#over) this.#options.outlet.ping(undefined);
  }

  end(reason: Ending): void {
    if (this.#over) return;
    this.closed();
    this.#options.outlet.end(reason);
  }

  /** The connection is gone. */
  closed(): void {
    this.#over = true;
    this.#events = [];
    this.#options.backlog.bytes -= this.#counted;
    this.#counted = 0;
  }

  #isSlow(): boolean {
    const { backlog, outlet } = this.#options;
    const waiting = outlet.waiting();
    this.#count(waiting);
    return waiting > MOST_WAITING || (waiting > FEW && backlog.bytes > MOST_OF_ALL);
  }

  #count(waiting: number): void {
    this.#options.backlog.bytes += waiting - this.#counted;
    this.#counted = waiting;
  }
}
