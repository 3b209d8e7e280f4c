/** What clients are told of the connection itself, and of others. */
import type { Zone } from '../../../base/dates.ts';
import { PullEvent } from './pull-event.ts';

/** @param at milliseconds */
export function systemEvent(module: 'pull' | 'online' | 'tidemark', command: string, params: object, at: number, zone: Zone): PullEvent {
  return new PullEvent({ module, command, params: JSON.stringify(params), at }, zone);
}
