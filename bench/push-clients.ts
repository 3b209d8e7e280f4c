/**
 * A process of clients of `/push/socket`: told by messages of its parent what to do. Frames are only looked through for a mark, so that what
 * is measured is the server.
 */
import { WebSocket } from 'ws';

export type Order =
  | { open: string[] }
  /** Reports twice: when it looks out for a mark, and when that has come on so many sockets. */
  | { watch: { mark: string; sockets: number } };

export interface Report {
  opened?: number;
  watching?: true;
  /** When the last socket had it, milliseconds since 1970 with a fraction. */
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

async function watch({ mark, sockets }: Extract<Order, { watch: unknown }>['watch']): Promise<Report> {
  const all = new Promise<number>((resolve) => {
    awaited = { mark: Buffer.from(mark), left: sockets, done: () => resolve(performance.timeOrigin + performance.now()) };
  });
  process.send!({ watching: true } satisfies Report);
  const last = await all;
  awaited = undefined;
  return { last };
}

process.on('message', (order: Order) => {
  void ('open' in order ? open(order.open) : watch(order.watch)).then((report) => process.send!(report));
});
