/** Requests that come on one connection before the answers to earlier ones have been taken. */
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Most requests of one connection that wait for their turn. */
const MOST_WAITING = 100;

/**
 * Begins a request only when the answer to the one before it on the same connection has been handed over: whoever does
 * not read answers gets no more of them made. A connection on which too many requests wait is closed.
 */
export function oneAtATime(handle: RequestListener): RequestListener {
  const queues = new WeakMap<Socket, Array<() => void>>();
  return (request, response) => {
    const { socket } = request;
    const queue = queues.get(socket);
    const begin = (): void => {
      response.once('close', () => goOn(socket));
      handle(request, response);
    };
    if (!queue) {
      queues.set(socket, []);
      begin();
    } else if (queue.push(begin) > MOST_WAITING) socket.destroy();
  };

  function goOn(socket: Socket): void {
    const next = socket.destroyed ? undefined : queues.get(socket)?.shift();
    if (next) next();
    else queues.delete(socket);
  }
}
