/** Requests that may take longer to arrive than others: files that are sent by whoever has a slow line. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const arriving = new WeakSet<Duplex>();

/** Whether such a request is arriving on a connection. */
export function isArriving(connection: Duplex): boolean {
  return arriving.has(connection);
}

/** What is answered before all of the request has come is the last answer on its connection. */
export function endsEarly(request: IncomingMessage, response: ServerResponse): void {
  if (!request.complete) response.shouldKeepAlive = false;
}

/**
 * Reads the body of a request that may take its time, as long as something comes: a connection on which no byte moves for
 * as long as any may do nothing ends. However the reading ends, the usual limits hold again.
 *
 * @throws what the request breaks off with
 */
export async function* arrivingBody(request: IncomingMessage): AsyncIterable<Uint8Array> {
  const { socket } = request;
  const stalled = (): void => void request.destroy(new Error('nothing has come for too long'));
  request.on('timeout', stalled);
  arriving.add(socket);
  try {
    // A request that is left in the middle is read on by whoever answers it.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    request.off('timeout', stalled);
    arriving.delete(socket);
  }
}
