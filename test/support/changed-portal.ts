/** A portal as another one would be: what a server answers, changed on its way. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Client } from './client.ts';

export interface Said {
  status: number;
  type: string;
  body: Record<string, unknown> & { result?: unknown };
}

/** Gives other answers; `params` are those of the call. */
export type Change = (method: string, said: Said, params: Record<string, unknown>) => Said | undefined | void;

export interface ChangedPortal extends AsyncDisposable {
  /** Address of the webhook, with a slash at its end. */
  url: string;
  /** What has been called, and what became of it. */
  calls: Array<{ method: string; said: Said }>;
  change: Change;
}

/** @param client whose calls go through it */
export async function startChangedPortal(client: Client): Promise<ChangedPortal> {
  const portal: Omit<ChangedPortal, 'url' | typeof Symbol.asyncDispose> = { calls: [], change: () => undefined };
  const { pathname } = new URL(client.url);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = decodeURIComponent(request.url!.slice(pathname.length));
    const params = (await json(request)) as Record<string, unknown>;
    const target = new URL(request.url!, client.url);
    const reply = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
    const said = { status: reply.status, type: reply.headers.get('content-type')!, body: (await reply.json()) as Said['body'] };
    portal.calls.push({ method, said: structuredClone(said) });
    const { status, type, body } = portal.change(method, said, params) ?? said;
    response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
  return Object.assign(portal, {
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}
