import type { RequestListener } from 'node:http';
import type { MovableClock } from './base/movable-clock.ts';

/** Seconds by which the portal's clock is ahead, with a sign. */
export const CLOCK_HEADER = 'x-tidemark-clock';

/** While the clock is moved every answer says in its head by how much. */
export function clockSaid(handle: RequestListener, clock: MovableClock): RequestListener {
  return (request, response) => {
    if (clock.offset !== 0) response.setHeader(CLOCK_HEADER, saidOffset(clock.offset));
    handle(request, response);
  };
}

/** As the header has it. @param offset milliseconds */
export function saidOffset(offset: number): string {
  return `${offset < 0 ? '' : '+'}${offset / 1000}`;
}
