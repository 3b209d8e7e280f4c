/** How what is told looks on the wire, in each of the ways that clients may ask for. */
import { encodeResponse } from './protobuf.ts';
import type { Numbered } from './pull-event.ts';

/** JSON-RPC; protobuf; a list as JSON; text between marks, which is also for who asks for nothing. */
export type Wire = 'rpc' | 'binary' | 'json' | 'text';

export function wireOf(query: URLSearchParams): Wire {
  if (query.get('jsonRpc') === 'true') return 'rpc';
  if (query.get('binaryMode') === 'true') return 'binary';
  return query.get('format') === 'json' ? 'json' : 'text';
}

/** One frame with one event: that is what some clients read of each. */
export function frameOf(wire: Wire, { mid, event }: Numbered): Uint8Array {
  return event.framed(`${wire} ${mid}`, () => encode(wire, [{ mid, event }]));
}

/** The body of an answer to a poll, with any number of events. */
export function pollBody(wire: Wire, events: readonly Numbered[]): Uint8Array {
  return events.length === 1 ? frameOf(wire, events[0]!) : encode(wire, events);
}

function encode(wire: Wire, events: readonly Numbered[]): Uint8Array {
  if (wire === 'binary') return encodeResponse(events);
  if (wire === 'rpc') return Buffer.from(events.length === 1 ? notification(events[0]!) : `[${events.map(notification).join(',')}]`);
  if (wire === 'json') return Buffer.from(`[${events.map(message).join(',')}]`);
  return Buffer.from(events.map((one) => `#!NGINXNMS!#${message(one)}#!NGINXNME!#`).join(''));
}

function notification({ mid, event }: Numbered): string {
  const sender = event.sender ? `,"sender":${JSON.stringify(event.sender)}` : '';
  return `{"jsonrpc":"2.0","method":"incoming.message","params":{"mid":"${mid}","body":${event.body}${sender}}}`;
}

/** Clients of old versions go on by tag and time, where the tag is all that counts here. */
function message({ mid, event }: Numbered): string {
  return `{"id":"${mid}","mid":"${mid}","tag":"${mid}","time":"${new Date(event.at).toUTCString()}","text":${event.body}}`;
}
