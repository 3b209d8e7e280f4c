/** Frames of the server's version 4. The numbers are those of the vendor's schema; what it has besides is passed over. */
import { PbfReader, PbfWriter } from 'pbf';
import type { Numbered } from './pull-event.ts';

const BACKEND = 2;

/** ResponseBatch { responses = 1 { outgoingMessages = 1 { messages = 1 … } } } */
export function encodeResponse(events: readonly Numbered[]): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(1, (_, response: PbfWriter) => response.writeMessage(1, writeMessages, events), events);
  return pbf.finish();
}

function writeMessages(events: readonly Numbered[], pbf: PbfWriter): void {
  for (const event of events) pbf.writeMessage(1, writeMessage, event);
}

/** OutgoingMessage { id = 1, body = 2, expiry = 3, created = 4 as fixed32, sender = 5 }: without a sender clients read nothing. */
function writeMessage({ mid, event }: Numbered, pbf: PbfWriter): void {
  pbf.writeBytesField(1, Buffer.from(mid, 'hex'));
  // The library writes characters of the second plane and beyond wrongly.
  pbf.writeBytesField(2, Buffer.from(event.body));
  pbf.writeVarintField(3, event.expiry);
  pbf.writeFixed32Field(4, Math.floor(event.at / 1000));
  pbf.writeMessage(5, writeSender, event.sender ?? { type: BACKEND, id: '' });
}

/** Sender { type = 1, id = 2 } */
function writeSender({ type, id }: { type: number; id: string }, pbf: PbfWriter): void {
  pbf.writeVarintField(1, type);
  if (id !== '') pbf.writeBytesField(2, Buffer.from(id, 'hex'));
}

/** ChannelStatsResponse { channels = 1 { id = 1, isPrivate = 2, isOnline = 3 } } within a ResponseBatch. */
export function encodeStats(channels: ReadonlyArray<{ id: string; online: boolean }>): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeMessage(1, (_, response: PbfWriter) => response.writeMessage(2, writeStats, channels), channels);
  return pbf.finish();
}

function writeStats(channels: ReadonlyArray<{ id: string; online: boolean }>, pbf: PbfWriter): void {
  for (const channel of channels) {
    pbf.writeMessage(1, ({ id, online }, one) => {
      one.writeBytesField(1, Buffer.from(id, 'hex'));
      one.writeBooleanField(3, online);
    }, channel);
  }
}

/** To whom a client writes: the public channel by its id and signature, hexadecimal. */
export interface Receiver {
  id: string;
  signature: string;
}

export interface Request {
  messages: Array<{ receivers: Receiver[]; body: string; expiry: number }>;
  /** Of which channels it is asked whether somebody listens. */
  stats: Receiver[];
}

/**
 * RequestBatch { requests = 1 { incomingMessages = 1 { messages = 1 }, channelStats = 2 { channels = 1 } } }
 *
 * @throws for what is no such thing
 */
export function decodeRequest(bytes: Uint8Array): Request {
  const request: Request = { messages: [], stats: [] };
  new PbfReader(bytes).readFields((tag, _, pbf) => void (tag === 1 && readOne(pbf, request)), request, bytes.length);
  return request;
}

function readOne(pbf: PbfReader, request: Request): void {
  pbf.readMessage((tag, into: Request, one) => {
    if (tag === 1) one.readMessage((field, messages, inner) => void (field === 1 && messages.push(readIncoming(inner))), into.messages);
    if (tag === 2) one.readMessage((field, stats, inner) => void (field === 1 && stats.push(readReceiver(inner))), into.stats);
  }, request);
}

function readIncoming(pbf: PbfReader): Request['messages'][number] {
  return pbf.readMessage((tag, message: Request['messages'][number], one) => {
    if (tag === 1) message.receivers.push(readReceiver(one));
    else if (tag === 3) message.body = one.readString();
    else if (tag === 4) message.expiry = one.readVarint();
  }, { receivers: [], body: '', expiry: 0 });
}

function readReceiver(pbf: PbfReader): Receiver {
  return pbf.readMessage((tag, receiver: Receiver, one) => {
    if (tag === 1) receiver.id = hex(one.readBytes());
    else if (tag === 3) receiver.signature = hex(one.readBytes());
  }, { id: '', signature: '' });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
