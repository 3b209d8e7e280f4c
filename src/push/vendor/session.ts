/** One connection of the vendor's protocol, by whichever transport: numbers what it is told, so that its client can go on after a reconnect. */
import type { Beginning, Dialect, Ending, Listener, Snapshot } from '../../delivery/live/happening.ts';
import type { Told } from '../../delivery/live/vendor/dialect.ts';
import { type EventPlace, midOf, type Resume, wasTold } from '../../delivery/live/vendor/mids.ts';
import type { Numbered, PullEvent } from '../../delivery/live/vendor/pull-event.ts';
import { systemEvent } from '../../delivery/live/vendor/system-events.ts';
import type { Channel } from '../../identity/channels.ts';
import type { Viewer } from '../../messenger/access/viewer.ts';
import type { Zone } from '../../base/dates.ts';

/** How events leave. */
export interface PullOutlet {
  /** @param complete whether nothing more follows at once */
  write(events: readonly Numbered[], complete: boolean): void;
  /** Resolves once the peer has taken most of it, or is gone. */
  taken(): Promise<void>;
  /** Says why by these, and ends. */
  end(reason: Ending, last: readonly Numbered[]): void;
}

export interface SessionOptions {
  viewer: Viewer;
  origin: string;
  dialect: Dialect<Told>;
  /** Application whose clients it is of; 0 for a user's. */
  appId: number;
  /** By which it listens, as its client names them. */
  channels: ReadonlyArray<Channel & { id: string }>;
  resume: Resume | undefined;
  /** By which its client asks to go on; empty for one that begins. */
  mid: string;
  zone: Zone;
  now(): number;
  /** Undefined where it is not known yet. */
  tokenOf(seen: Snapshot): string | undefined;
}

interface Waiting {
  event: PullEvent;
  place: EventPlace | undefined;
}

/** What is told beside the journal is numbered by its own. */
let signals = 0;

export class PullSession implements Listener<Told> {
  readonly viewer: Viewer;
  readonly origin: string;
  readonly dialect: Dialect<Told>;
  readonly options: SessionOptions;
  readonly #outlet: PullOutlet;
  #waiting: Waiting[] = [];
  /** Up to where it has been told everything. */
  #token = '';
  /** What had been seen when it began, up to which it is told what it has missed. */
  #missed: Snapshot | undefined;
  #resume: Resume | undefined;
  #over = false;

  constructor(options: SessionOptions, outlet: PullOutlet) {
    this.viewer = options.viewer;
    this.origin = options.origin;
    this.dialect = options.dialect;
    this.options = options;
    this.#outlet = outlet;
    this.#resume = options.resume;
  }

  /** Whether it hears what is meant for its user alone. */
  get isPrivate(): boolean {
    return this.options.channels.some(({ type }) => type === 'private');
  }

  /** By which others may write to it; empty for one that has no private channel. */
  get publicId(): string {
    const id = this.options.channels.find(({ type }) => type === 'private')?.id;
    return id === undefined ? '' : id.slice(id.indexOf(':') + 1, id.indexOf('.'));
  }

  /** By which the client may go on from here: as it has come, where it has not been told anything yet. */
  get mid(): string {
    return this.#token === '' ? this.options.mid : midOf(this.#token, '');
  }

  get isOver(): boolean {
    return this.#over;
  }

  begin({ seen, reset, resumed }: Beginning): void {
    this.#missed = seen;
    this.#token = (resumed ? this.#resume?.token : undefined) ?? this.options.tokenOf(seen) ?? '';
    if (!reset) return;
    this.#resume = undefined;
    this.tell(systemEvent('tidemark', 'reset', {}, this.options.now(), this.options.zone));
  }

  send({ entry, events }: Told): void {
    if (this.#over) return;
    for (const { event, index } of events) {
      const place = entry && { rev: entry.rev, seq: entry.seq, index };
      if (!place || !this.#resume || !wasTold(this.#resume, place)) this.#waiting.push({ event, place });
    }
  }

  flush(seen: Snapshot | undefined): void {
    if (this.#over) return;
    const token = seen && this.options.tokenOf(seen);
    const waiting = this.#waiting;
    this.#waiting = [];
    const events = waiting.map((one, index): Numbered => ({ event: one.event, mid: this.#midOf(one, seen, index === waiting.length - 1 ? token : undefined) }));
    if (token !== undefined) {
      this.#token = token;
      this.#resume = undefined;
    }
    if (events.length > 0 || seen) this.#outlet.write(events, seen !== undefined);
  }

  taken(): Promise<void> {
    return this.#outlet.taken();
  }

  /** Something beside the journal. */
  tell(event: PullEvent): void {
    if (!this.#over) this.#outlet.write([this.#signal(event)], true);
  }

  end(reason: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#outlet.end(reason, this.#farewell(reason).map((event) => this.#signal(event)));
  }

  /** The connection is gone. */
  closed(): void {
    this.#over = true;
    this.#waiting = [];
  }

  /** The last of what was seen together stands for all of it; each before it for what came before, and itself. */
  #midOf({ place }: Waiting, seen: Snapshot | undefined, token: string | undefined): string {
    const own = place ? `${place.rev.toString(36)}.${place.seq.toString(36)}.${place.index}` : this.#nextSignal();
    if (token !== undefined || !place) return midOf(token ?? this.#token, own);
    return midOf(this.#token, own, { upTo: place, of: seen ?? this.#missed ?? NOTHING_YET });
  }

  #signal(event: PullEvent): Numbered {
    return { event, mid: midOf(this.#token, this.#nextSignal()) };
  }

  #nextSignal(): string {
    signals += 1;
    return `s${process.pid.toString(36)}.${signals.toString(36)}`;
  }

  #farewell(reason: Ending): PullEvent[] {
    const { channels, zone, now } = this.options;
    const told = (command: string, params: object) => systemEvent('pull', command, params, now(), zone);
    if (reason === 'expired') return channels.slice(0, 1).map(({ id, type }) => told('channel_expire', { action: 'get_config', channel: { id, type } }));
    if (reason === 'restart') return [told('server_restart', {})];
    return reason === 'slow' ? [] : [told('config_expire', {})];
  }
}

const NOTHING_YET = { token: 0, top: 0, open: [] };
