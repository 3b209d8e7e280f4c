/**
 * The live connection: `/push/events` (server-sent events), and long polling of `tidemark.recent.changes` where a proxy lets no
 * stream through. Both go on from the same token, so that nothing is lost whichever comes next.
 */
import { signal } from '@preact/signals';
import { ApiError, call, sessionLost } from './api.ts';
import { userId } from './told.ts';

export type LiveState = 'connecting' | 'open' | 'down';

/** `down` from the first moment in which nothing is connected. */
export const liveState = signal<LiveState>('connecting');
/** When something was last heard, milliseconds. */
export const heardAt = signal(0);

type Hear = (name: string, data: unknown) => void;

const EVENTS = ['ready', 'list', 'message', 'reaction', 'read', 'chat', 'writing', 'presence', 'notification', 'ping', 'end'];
/** Milliseconds between attempts: doubled each time. */
const [SHORTEST, LONGEST] = [500, 15_000];
/** A stream says something every 25 s at least: after this long without it is dead. */
const SILENCE_MS = 60_000;
const POLL_S = 20;

export class Live {
  #token: string;
  readonly #hear: Hear;
  #source: EventSource | undefined;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** Streams that were answered, and ended before anything came through them: somebody in between swallows it. */
  #stillborn = 0;
  #polling: AbortController | undefined;

  /** @param token where to begin @param hear told of each event */
  constructor(token: string, hear: Hear) {
    this.#token = token;
    this.#hear = hear;
    addEventListener('online', () => this.#now());
    addEventListener('offline', () => this.#lost());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && liveState.peek() === 'down') this.#now();
    });
    this.#connect();
  }

  get token(): string {
    return this.#token;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
    this.#polling?.abort();
    this.#polling = undefined;
  }

  /** Tries at once. */
  #now(): void {
    if (this.#closed || liveState.peek() === 'open') return;
    this.#attempts = 0;
    this.#drop();
    this.#connect();
  }

  #connect(): void {
    if (this.#stillborn >= 2) return void this.#poll();
    const source = new EventSource(`/push/events${this.#token && `?since=${encodeURIComponent(this.#token)}`}`);
    this.#source = source;
    let [answered, born] = [false, false];
    for (const name of EVENTS) source.addEventListener(name, (event) => {
      born = true;
      this.#stillborn = 0;
      this.#opened();
      this.#receive(name, event as MessageEvent<string>);
    });
    source.addEventListener('open', () => {
      answered = true;
      this.#watchSilence();
    });
    source.addEventListener('error', () => {
      if (this.#source !== source) return;
      // A server that is away refuses: that says nothing of streams.
      const isRefused = !answered && source.readyState === EventSource.CLOSED;
      if (!born && (answered || isRefused)) this.#stillborn += 1;
      if (isRefused) askWho();
      this.#lost();
    });
  }

  #receive(name: string, { data, lastEventId }: MessageEvent<string>): void {
    if (lastEventId) this.#token = lastEventId;
    this.#watchSilence();
    const told = JSON.parse(data) as { reason?: string; user_id?: number };
    if (name === 'ping') return;
    if (name === 'ready' && told.user_id !== userId) {
      // Somebody else has signed in with this browser.
      sessionLost.value = true;
      return this.close();
    }
    if (name !== 'end') return this.#hear(name, told);
    if (told.reason === 'revoked' || told.reason === 'expired') askWho();
    this.#lost();
  }

  #watchSilence(): void {
    heardAt.value = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #opened(): void {
    this.#attempts = 0;
    if (liveState.peek() !== 'open') liveState.value = 'open';
  }

  #lost(): void {
    this.#drop();
    if (this.#closed) return;
    liveState.value = 'down';
    if (sessionLost.peek()) return;
    const wait = Math.min(LONGEST, SHORTEST * 2 ** this.#attempts) * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#connect(), this.#stillborn === 1 ? 0 : wait);
  }

  /** One round; then the stream has another chance now and then. */
  async #poll(): Promise<void> {
    const polling = new AbortController();
    this.#polling = polling;
    try {
      for (let round = 0; round < 10; round += 1) await this.#pollOnce(polling.signal, round > 0);
      this.#stillborn = 1;
      this.#connect();
    } catch (error) {
      if (polling.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      // The server is away altogether: that says nothing of streams.
      this.#stillborn = 0;
      this.#lost();
    }
  }

  async #pollOnce(signal: AbortSignal, waits: boolean): Promise<void> {
    const params = { TOKEN: this.#token, LIMIT: 200, WAIT: waits ? POLL_S : 0 };
    const changes = await call<{ token: string; reset_required: boolean; items: unknown[]; removed: unknown[]; users: unknown[]; has_more: boolean }>(
      'tidemark.recent.changes', params, { signal },
    );
    this.#opened();
    heardAt.value = Date.now();
    if (changes.reset_required) this.#hear('ready', { reset_required: true });
    else {
      this.#token = changes.token;
      const { items, removed, users } = changes;
      if (items.length + removed.length + users.length > 0) this.#hear('list', { items, removed, users });
    }
  }

  /** After everything has been loaded anew. */
  restart(token: string): void {
    this.#token = token;
    this.#now();
  }
}

/** A stream that was refused does not say why: whoever is signed in no longer is told by a call. */
function askWho(): void {
  void call('profile').catch(() => undefined);
}
