/** Requests that come on one connection before the answers to earlier ones have been taken. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Most requests of one connection that wait for their turn. */
const MOST_WAITING = 100;

/** What a connection is at. */
interface Turn {
  /** The answer to the request that was begun last. */
  response: ServerResponse;
  /** Requests that came after it, to be begun in this order. */
  waiting: Array<() => void>;
}

/**
 * Begins a request only when the answer to the one before it on the same connection has been handed over: whoever does
 * not read answers gets no more of them made. A connection on which too many requests wait is closed.
 */
export function oneAtATime(handle: RequestListener): RequestListener {
  const turns = new WeakMap<Socket, Turn>();
  return (request, response) => {
    const { socket } = request;
    const turn = turns.get(socket) ?? { response, waiting: [] };
    const begin = (): void => {
      turn.response = response;
      handle(request, response);
    };
    if (turn.response === response) turns.set(socket, turn);
    else if (turn.waiting.length > 0 || !turn.response.closed) return wait(socket, turn, begin);
    begin();
  };

  // Most who ask have read what they asked before: only where somebody waits is the end of an answer waited for.
  function wait(socket: Socket, turn: Turn, begin: () => void): void {
    if (turn.waiting.push(begin) > MOST_WAITING) return void socket.destroy();
    if (turn.waiting.length === 1) turn.response.once('close', () => goOn(socket, turn));
  }

  function goOn(socket: Socket, turn: Turn): void {
    if (socket.destroyed) return void (turn.waiting.length = 0);
    turn.waiting.shift()!();
    if (turn.waiting.length > 0) turn.response.once('close', () => goOn(socket, turn));
  }
}
