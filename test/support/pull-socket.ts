/** A client of the vendor's protocol on a socket, which keeps all that it is told. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Client } from './client.ts';

export interface PullConfig {
  server: { websocket: string; long_polling: string; publish: string };
  channels: Record<'shared' | 'private', { id: string; public_id?: string }>;
  jwt: string;
}

/** What a client reads of an event. */
export interface PullMessage {
  mid: string;
  module: string;
  command: string;
  params: Record<string, unknown>;
  extra: Record<string, unknown>;
  sender: unknown;
}

/** What comes within a frame of JSON-RPC, or between marks. */
interface Incoming {
  method?: string;
  id?: unknown;
  mid: string;
  params: { mid: string; body: Body; sender?: unknown };
  text: Body;
}
interface Body {
  module_id: string;
  command: string;
  params: Record<string, unknown>;
  extra: Record<string, unknown>;
}

function messageOf(mid: string, { module_id: module, command, params, extra }: Body, sender: unknown): PullMessage {
  return { mid, module, command, params, extra, sender };
}

export const configOf = (who: Client, method = 'pull.config.get') => who.call<PullConfig>(method, { CACHE: 'N' });

export class PullSocket {
  readonly socket: WebSocket;
  readonly messages: PullMessage[] = [];
  readonly frames: string[] = [];
  readonly #answers = new Map<unknown, (answer: Record<string, unknown>) => void>();
  readonly #waiting = new Set<() => void>();
  readonly closed: Promise<{ code: number; reason: string }>;
  #calls = 0;
  #taken = 0;

  constructor(url: string, { acknowledges = true } = {}) {
    this.socket = new WebSocket(url);
    this.socket.on('error', () => {});
    this.closed = once(this.socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
    this.socket.on('message', (data: Buffer) => {
      this.#take(data.toString(), acknowledges);
      for (const look of this.#waiting) look();
    });
  }

  static async open(who: Client, { config, query = {}, method }: { config?: PullConfig; query?: Record<string, string>; method?: string } = {}): Promise<PullSocket> {
    const { server, jwt } = config ?? (await configOf(who, method));
    const pull = new PullSocket(`${server.websocket}?${new URLSearchParams({ token: jwt, jsonRpc: 'true', revision: '19', ...query })}`);
    await once(pull.socket, 'open');
    // Whoever is answered is let in.
    await pull.call('ping', {});
    return pull;
  }

  /** Resolves once it is let in: what is asked before waits. */
  async letIn(): Promise<void> {
    await once(this.socket, 'open');
    const answered = new Promise<void>((resolve) => this.#waiting.add(() => void (this.frames.includes('pong') && resolve())));
    this.socket.send('ping');
    await answered;
  }

  #take(text: string, acknowledges: boolean): void {
    this.frames.push(text);
    if (text === 'ping') return this.socket.send('pong');
    if (text === 'pong') return;
    const marked = [...text.matchAll(/#!NGINXNMS!#(.*?)#!NGINXNME!#/g)].map(([, inner]) => JSON.parse(inner!) as Incoming);
    for (const one of marked) this.messages.push(messageOf(one.mid, one.text, undefined));
    if (marked.length > 0) return;
    const frame = JSON.parse(text) as Incoming;
    if (frame.method === 'incoming.message') {
      this.messages.push(messageOf(frame.params.mid, frame.params.body, frame.params.sender));
      if (acknowledges) this.socket.send(`mack:${frame.params.mid}`);
    } else this.#answers.get(frame.id)?.(frame as unknown as Record<string, unknown>);
  }

  /** The answer to a call of JSON-RPC. */
  call(method: string, params: unknown): Promise<Record<string, unknown>> {
    const id = (this.#calls += 1);
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id }));
    });
  }

  /** The next message that fits, among those that come or have come after the last one that was asked for. */
  async next(command: string, fits: (message: PullMessage) => boolean = () => true): Promise<PullMessage> {
    const find = () => this.messages.findIndex((message, index) => index >= this.#taken && message.command === command && fits(message));
    if (find() < 0) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => void (find() >= 0 && resolve());
      this.#waiting.add(look);
      void this.closed.then(({ code }) => reject(new Error(`closed with ${code} while waiting for ${command}; told: ${this.messages.map((m) => m.command).join()}`)));
      await promise.finally(() => this.#waiting.delete(look));
    }
    const index = find();
    this.#taken = index + 1;
    return this.messages[index]!;
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
