/** A client of our stream: by server-sent events, or by the socket. */
import { WebSocket } from 'ws';
import type { Client } from './client.ts';

export interface Heard {
  event: string;
  token: string | undefined;
  // What a test looks at in it is what the page of documentation says.
  data: Record<string, any>;
}

export interface Connection extends AsyncDisposable {
  readonly heard: Heard[];
  /** Of the last event that had one. */
  readonly token: string | undefined;
  /** The first event that fits, of those that were not taken yet or are still to come. */
  take(fits: (heard: Heard) => boolean): Promise<Heard>;
  /** Resolves when the connection has ended, from whichever side. */
  readonly over: Promise<void>;
  close(): Promise<void>;
}

/** Where a stream is asked for, and how one says who asks: the address of a webhook, or the portal's and something else. */
export type Place = Pick<Client, 'url'> & { query?: string; headers?: Record<string, string> };

export type Connect = (place: Place, since?: string) => Promise<Connection>;

class Inbox {
  readonly heard: Heard[] = [];
  token: string | undefined;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  add(heard: Heard): void {
    this.heard.push(heard);
    this.token = heard.token ?? this.token;
    for (const look of this.#waiting) look();
  }

  take(fits: (heard: Heard) => boolean): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`nothing fits among ${JSON.stringify(this.heard.slice(this.#taken)).slice(0, 2000)}`));
      }, 10_000);
      const look = () => {
        const at = this.heard.findIndex((heard, index) => index >= this.#taken && fits(heard));
        if (at < 0) return;
        this.#taken = at + 1;
        clearTimeout(deadline);
        this.#waiting.delete(look);
        resolve(this.heard[at]!);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

export function isEvent(name: string, like: (data: Heard['data']) => boolean = () => true): (heard: Heard) => boolean {
  return ({ event, data }) => event === name && like(data);
}

export const bySocket: Connect = async ({ url, query = '', headers = {} }, since) => {
  const inbox = new Inbox();
  const socket = openSocket({ url, query: [query, since && `since=${since}`].filter(Boolean).join('&'), headers });
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text === 'pong') inbox.add({ event: 'pong', token: undefined, data: {} });
    else {
      const { event, token, data: said } = JSON.parse(text) as Heard;
      inbox.add({ event, token, data: said });
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return connection(inbox, over, async () => {
    socket.terminate();
    await over;
  });
};

export function openSocket({ url, query = '', headers = {} }: Place): WebSocket {
  return new WebSocket(`${url.replace(/^http/, 'ws')}push/socket?${query}`, { perMessageDeflate: false, headers });
}

export const byEvents: Connect = async ({ url, query = '', headers = {} }, since) => {
  const inbox = new Inbox();
  const stop = new AbortController();
  const response = await fetch(`${url}push/events?${query}`, { signal: stop.signal, headers: { ...headers, ...(since && { 'last-event-id': since }) } });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const over = (async () => {
    let text = '';
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        readEvent(inbox, text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  })().catch(() => {});
  return connection(inbox, over, async () => {
    stop.abort();
    await over;
  });
};

/** As an EventSource reads it, but that one hears of a token alone as of a ping. */
function readEvent(inbox: Inbox, block: string): void {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  const [event, data, token] = [fields.get('event'), fields.get('data'), fields.get('id')];
  if (event !== undefined && data !== undefined) inbox.add({ event, token, data: JSON.parse(data) as Heard['data'] });
  else if (token !== undefined) inbox.add({ event: 'ping', token, data: {} });
}

function connection(inbox: Inbox, over: Promise<void>, close: () => Promise<void>): Connection {
  return {
    heard: inbox.heard,
    get token() {
      return inbox.token;
    },
    take: (fits) => inbox.take(fits),
    over,
    close,
    [Symbol.asyncDispose]: close,
  };
}
