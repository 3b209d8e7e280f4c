/** Answers that are sent while they are made. */
import { TakenTooSlowly } from '../base/streamed.ts';
import { RESULT_OPENS, timeJson } from './envelope.ts';
import type { DispatchOptions, Moment, PortalState } from './pipeline.ts';

/** The call that is answered. */
export interface StreamedCall {
  method: string;
  portal: PortalState;
  /** By whom and what its operating time is counted. */
  key: string;
  /** When it arrived. */
  start: Moment;
  /** When the method began. */
  began: number;
}

/**
 * The whole answer: what the call has taken is known, and said, when all of the result is there. While the answer is taken
 * nothing is counted.
 *
 * @throws whatever goes wrong, once it has been told of: the answer ends in the middle then
 */
export async function* streamed<C>(options: DispatchOptions<C>, call: StreamedCall, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | Uint8Array> {
  const { preciseNow, operating, onFault } = options;
  let processing = preciseNow() - call.began;
  try {
    yield RESULT_OPENS;
    let since = preciseNow();
    for await (const piece of pieces) {
      processing += preciseNow() - since;
      yield piece;
      since = preciseNow();
    }
    processing += preciseNow() - since;
  } catch (fault) {
    if (!(fault instanceof TakenTooSlowly)) onFault(call.method, fault);
    throw fault;
  } finally {
    operating.record(call.key, call.began, processing);
  }
  yield ending(options, call, processing);
}

function ending<C>({ preciseNow, operating }: DispatchOptions<C>, { portal, key, start }: StreamedCall, processing: number): string {
  const finish = preciseNow();
  const duration = finish - start.precise;
  return `,"time":${timeJson({ start: start.date, duration, processing, operating: operating.report(key, finish, start.date + duration) }, portal.atom)}}`;
}
