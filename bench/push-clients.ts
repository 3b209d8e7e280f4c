/**
 * A process of clients of `/push/socket`: told by messages of its parent what to do. Frames are only looked through for a mark, so that what
 * is measured is the server.
 */
import { WebSocket } from 'ws';

export type Order =
  | { open: string[] }
  /** Sends, and waits until a mark has come on so many sockets. */
  | { send: { url: string; params: object; mark: string; sockets: number } };

export interface Report {
  opened?: number;
  /** Milliseconds from before the call until its answer, and until the last socket had it. */
  answered?: number;
  last?: number;
}

let awaited: { mark: Buffer; left: number; done: () => void } | undefined;

async function open(urls: readonly string[]): Promise<Report> {
  const AT_ONCE = 200;
  for (let i = 0; i < urls.length; i += AT_ONCE) await Promise.all(urls.slice(i, i + AT_ONCE).map(openOne));
  return { opened: urls.length };
}

function openOne(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.once('error', reject);
    // The first frame says that the stream is ready.
    socket.once('message', () => resolve());
    socket.on('message', (data: Buffer) => {
      if (awaited && data.includes(awaited.mark) && --awaited.left === 0) awaited.done();
    });
  });
}

async function send({ url, params, mark, sockets }: Extract<Order, { send: unknown }>['send']): Promise<Report> {
  const all = new Promise<number>((resolve) => {
    awaited = { mark: Buffer.from(mark), left: sockets, done: () => resolve(performance.now()) };
  });
  const start = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
  await response.arrayBuffer();
  const answered = performance.now() - start;
  const last = sockets === 0 ? 0 : (await all) - start;
  awaited = undefined;
  return { answered, last };
}

process.on('message', (order: Order) => {
  void ('open' in order ? open(order.open) : send(order.send)).then((report) => process.send!(report));
});
