/**
 * An answer that is given before the request has been read to its end, such as that a body is too large. A connection
 * that is closed while bytes are still coming in is reset, and the reset takes the answer away from a client that reads
 * only after it has sent everything. So we read on for a moment before we close.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long we read on. */
export interface Linger {
  /** Milliseconds without a byte. */
  idle: number;
  /** Milliseconds in all. */
  time: number;
  bytes: number;
}

const LINGER: Linger = { idle: 2000, time: 20_000, bytes: 64 * 1024 * 1024 };

/** Makes the end of an answer wait for the request, when the connection is to be closed after it. */
export function lingerAfter(request: IncomingMessage, response: ServerResponse, linger = LINGER): void {
  // Kept connections are read on anyway.
  if (response.shouldKeepAlive || request.complete) return;
  const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse;
  response.end = ((chunk?: unknown): ServerResponse => {
    if (request.complete) return end(chunk);
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') response.write(chunk);
    discard(request, linger, () => end());
    return response;
  }) as ServerResponse['end'];
}

/** Reads and forgets what is left of a request. */
function discard(request: IncomingMessage, { idle, time, bytes }: Linger, done: () => void): void {
  let left = bytes;
  const count = (chunk: Uint8Array): void => {
    left -= chunk.length;
    pause.refresh();
    if (left < 0) finish();
  };
  const finish = (): void => {
    for (const timer of [pause, deadline]) clearTimeout(timer);
    request.off('data', count).off('end', finish).off('close', finish);
    done();
  };
  const [pause, deadline] = [setTimeout(finish, idle), setTimeout(finish, time)];
  request.on('data', count).on('end', finish).on('close', finish).resume();
}
