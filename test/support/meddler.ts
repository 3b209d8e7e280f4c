/** Stands between a client and a portal, and meddles with what they say to each other. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: passed on, given another answer, or cut off; before the portal has seen it or after. */
export type Meddling = 'pass' | 'cut' | 'cut the answer' | { status: number; body: string };

export interface Meddler extends AsyncDisposable {
  /** The same address on this side. */
  through(url: string): string;
  /** The requests so far: the methods of their commands. */
  readonly requests: string[][];
}

/** @param meddle with the methods that a request calls, and how many were before. @param change what of an answer is another */
export async function meddle(meddling: (methods: string[], before: number) => Meddling, change: (answer: Answer) => void = () => {}): Promise<Meddler> {
  const targets: string[] = [];
  const requests: string[][] = [];
  const answerTo = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.method === 'GET') {
      const file = await fetch(targets[0]! + incoming.url!);
      return void response.writeHead(file.status).end(Buffer.from(await file.arrayBuffer()));
    }
    const body = await textOf(incoming);
    const commands = Object.values((JSON.parse(body) as { cmd?: Record<string, string> }).cmd ?? {});
    const methods = commands.map((command) => command.split('?')[0]!);
    const what = meddling(methods, requests.push(methods) - 1);
    if (what === 'cut') return void incoming.socket.destroy();
    if (typeof what === 'object') return void response.writeHead(what.status, { 'content-type': 'application/json' }).end(what.body);
    const answer = await fetch(targets[0]! + incoming.url!, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await answer.text();
    if (what === 'cut the answer') return void incoming.socket.destroy();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(changed(text, commands, change).replaceAll(targets[0]!, `http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  };
  const server = createServer((incoming, response) => void answerTo(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    through(url) {
      const { origin, pathname } = new URL(url);
      targets[0] = origin;
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
    },
    requests,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

/** A batch's answer to one of its commands. */
export interface Answer {
  method: string;
  command: string;
  result: unknown;
  error: unknown;
}

function changed(text: string, commands: string[], change: (answer: Answer) => void): string {
  const whole = JSON.parse(text) as { result?: { result: unknown; result_error: unknown } };
  if (!whole.result) return text;
  // Lists stand for empty maps.
  const [results, errors] = [{ ...(whole.result.result as object) }, { ...(whole.result.result_error as object) }] as [Record<string, unknown>, Record<string, unknown>];
  commands.forEach((command, i) => {
    const answer: Answer = { method: command.split('?')[0]!, command, result: results[`c${i}`], error: errors[`c${i}`] };
    change(answer);
    [results[`c${i}`], errors[`c${i}`]] = [answer.result, answer.error];
  });
  return JSON.stringify({ ...whole, result: { ...whole.result, result: results, result_error: errors } });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of incoming) text += String(piece);
  return text;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
