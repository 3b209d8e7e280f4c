/** Where the applications of a test are told of events. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parsePhpQuery } from '../rest/php-query.ts';
import type { PortalEvent } from './api.ts';

type Handle = (event: PortalEvent) => unknown;

export class Catcher implements AsyncDisposable {
  readonly told: PortalEvent[] = [];
  readonly #server: Server;
  readonly #handles = new Map<string, Handle>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Catcher> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.unref();
    const catcher = new Catcher(server);
    server.on('request', (request, response) => {
      catcher.#answer(request).then((status) => response.writeHead(status).end(), () => response.writeHead(500).end());
    });
    return catcher;
  }

  /** An address for one application. */
  addressOf(name: string, handle: Handle = () => {}): string {
    this.#handles.set(`/${name}`, handle);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const event = parsePhpQuery(Buffer.concat(chunks)) as unknown as PortalEvent;
    this.told.push(event);
    try {
      const status = await this.#handles.get(request.url ?? '')?.(event);
      return typeof status === 'number' ? status : 200;
    } catch (error) {
      // The portal only learns that it failed: whoever wrote the test is to see why.
      console.error(`The handler of ${event.event} failed, and is told again later:`, error);
      return 500;
    }
  }
}
