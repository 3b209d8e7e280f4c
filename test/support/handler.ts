/** What an application runs to be told of events. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import { parsePhpQuery } from '../../src/rest/php-query.ts';

/** A handler that remembers what it was told. */
export class Handler {
  readonly server: Server;
  readonly told: Delivered[] = [];
  status = 200;
  #waiting: Array<() => void> = [];

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.told.push({ type: request.headers['content-type'], ...(parsePhpQuery(Buffer.concat(chunks)) as unknown as Omit<Delivered, 'type'>) });
        response.writeHead(this.status).end('<html>');
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/handler`;
  }

  /** The next of an event that has not been looked at. */
  async next(event: string): Promise<Delivered> {
    for (;;) {
      const at = this.told.findIndex((told) => told.event === event);
      if (at >= 0) return this.told.splice(at, 1)[0]!;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** Gives each test of a file a handler of its own. */
export function handlerForEach(give: (handler: Handler) => void): void {
  let handler: Handler;
  beforeEach(async () => {
    handler = await new Handler().start();
    give(handler);
  });
  afterEach(() => {
    handler.server.closeAllConnections();
    handler.server.close();
  });
}

export interface Delivered {
  type: string | undefined;
  event: string;
  event_handler_id: string;
  data: Record<string, Record<string, string>>;
  ts: string;
  auth: Record<string, string>;
}
