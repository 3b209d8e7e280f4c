/** The vendor's frames: what the official SDK's own decoders read of ours, and what we read of its encoders. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameOf, pollBody, wireOf } from '../../src/delivery/live/vendor/frames.ts';
import { midOf, readMid, wasTold } from '../../src/delivery/live/vendor/mids.ts';
import { decodeRequest, encodeStats } from '../../src/delivery/live/vendor/protobuf.ts';
import { PullEvent, type Sender } from '../../src/delivery/live/vendor/pull-event.ts';
import { Zone } from '../../src/base/dates.ts';
import { runs } from '../support/runs.ts';

/** Of the SDK's protobuf model, as far as it is used here. */
interface Model {
  ResponseBatch: { decode(bytes: Uint8Array): { responses: DecodedResponse[] } };
  RequestBatch: { create(fields: object): object; encode(batch: object): { finish(): Uint8Array } };
}
interface DecodedResponse {
  command: string;
  outgoingMessages: { messages: Array<{ id: Uint8Array; body: string; expiry: number; created: number; sender: { type: number; id: Uint8Array } }> };
  channelStats: { channels: Array<{ id: Uint8Array; isOnline: boolean }> };
}
const sdk = new URL('../../node_modules/@bitrix24/b24jssdk/dist/esm/pullClient/protobuf/index.mjs', import.meta.url);
const { ResponseBatch, RequestBatch } = (await import(sdk.href)) as Model;

const UTC = new Zone('UTC');
const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('#!NGINXNME!#', '#!NGINXNMS!#{}#!NGINXNME!#', '"\\', '\u2028'));
const parts = fc.record({
  module: fc.constantFrom('im', 'application'), command: fc.constantFrom('message', 'told:x'), text: anyText, mid: hex(12), at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  expiry: fc.integer({ min: 0, max: 100_000 }), sender: fc.option(hex(16), { nil: undefined }),
});
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

function numbered({ module, command, text, mid, at, expiry, sender }: Parts) {
  const from: Sender | undefined = sender === undefined ? undefined : { type: 1, id: sender };
  return { mid, event: new PullEvent({ module, command, params: JSON.stringify({ text }), at, expiry, sender: from }, UTC) };
}

const bodyOf = ({ module, command, text, at }: Parts) => ({
  module_id: module, command, params: { text }, extra: expect.objectContaining({ server_time_unix: at / 1000, revision_web: 19 }),
});

test('protobuf: the SDK reads every field, the sender always', () => {
  fc.assert(fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), (all) => {
    const { responses } = ResponseBatch.decode(pollBody('binary', all.map(numbered)));
    expect(responses.map(({ command }) => command)).toEqual(['outgoingMessages']);
    const { messages } = responses[0]!.outgoingMessages;
    expect(messages.map(({ id }) => Buffer.from(id).toString('hex'))).toEqual(all.map(({ mid }) => mid));
    for (const [index, one] of all.entries()) {
      expect(JSON.parse(messages[index]!.body)).toEqual(bodyOf(one));
      expect(messages[index]).toMatchObject({ expiry: one.expiry, created: Math.floor(one.at / 1000) });
      expect([messages[index]!.sender.type, Buffer.from(messages[index]!.sender.id).toString('hex')]).toEqual(one.sender === undefined ? [2, ''] : [1, one.sender]);
    }
  }), { numRuns: runs(60) });
});

test('text: whatever is in them, frames are cut as clients cut them', () => {
  fc.assert(fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), (all) => {
    const found = Buffer.from(pollBody('text', all.map(numbered))).toString().match(/#!NGINXNMS!#(.*?)#!NGINXNME!#/g) ?? [];
    const read = found.map((text) => JSON.parse(text.slice(12, -12)) as Record<string, unknown>);
    expect(read).toEqual(all.map((one) => ({ id: one.mid, mid: one.mid, tag: one.mid, time: new Date(one.at).toUTCString(), text: bodyOf(one) })));
  }), { numRuns: runs(60) });
});

test('JSON-RPC: one is a notification, several are a batch; a list as JSON', () => {
  const call = (one: Parts) => ({
    jsonrpc: '2.0', method: 'incoming.message', params: { mid: one.mid, body: bodyOf(one), ...(one.sender !== undefined && { sender: { type: 1, id: one.sender } }) },
  });
  fc.assert(fc.property(fc.array(parts, { minLength: 2, maxLength: 4 }), (all) => {
    expect(JSON.parse(Buffer.from(frameOf('rpc', numbered(all[0]!))).toString())).toEqual(call(all[0]!));
    expect(JSON.parse(Buffer.from(pollBody('rpc', all.map(numbered))).toString())).toEqual(all.map(call));
    expect((JSON.parse(Buffer.from(pollBody('json', all.map(numbered))).toString()) as Array<{ mid: string }>).map(({ mid }) => mid)).toEqual(all.map(({ mid }) => mid));
  }), { numRuns: runs(40) });
});

test.each([['jsonRpc=true', 'rpc'], ['binaryMode=true', 'binary'], ['format=json', 'json'], ['', 'text'], ['binaryMode=false&jsonRpc=1', 'text'], ['jsonRpc=true&binaryMode=true', 'rpc']])('%s asks for %s', (query, wire) => {
  expect(wireOf(new URLSearchParams(query))).toBe(wire);
});

test('what the SDK writes is read', () => {
  const receiver = fc.record({ id: hex(16), signature: hex(32) });
  const message = fc.record({ receivers: fc.array(receiver, { maxLength: 3 }), body: fc.string({ unit: 'grapheme' }), expiry: fc.nat(100_000) });
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
  const sent = ({ id, signature }: { id: string; signature: string }) => ({ id: bytes(id), signature: bytes(signature) });
  fc.assert(fc.property(fc.array(message, { maxLength: 3 }), fc.array(receiver, { maxLength: 3 }), (messages, stats) => {
    const batch = RequestBatch.create({ requests: [
      { incomingMessages: { messages: messages.map((one) => ({ ...one, receivers: one.receivers.map(sent) })) } }, { channelStats: { channels: stats.map(sent) } },
    ] });
    expect(decodeRequest(RequestBatch.encode(batch).finish())).toEqual({ messages, stats });
  }), { numRuns: runs(60) });
});

test('who is online is told so that the SDK reads it', () => {
  const { responses } = ResponseBatch.decode(encodeStats([{ id: 'ab01', online: true }, { id: 'ff', online: false }]));
  expect(responses[0]!.channelStats.channels.map(({ id, isOnline }) => [Buffer.from(id).toString('hex'), isOnline])).toEqual([['ab01', true], ['ff', false]]);
});

test('junk either throws or is no request, and ends', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
    try {
      expect(decodeRequest(junk)).toMatchObject({ messages: expect.any(Array) });
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Error);
    }
  }), { numRuns: runs(300) });
});

const place = fc.record({ rev: fc.integer({ min: -100, max: 1000 }), seq: fc.nat(50), index: fc.nat(3) });

test('a mid is read as it was made', () => {
  fc.assert(fc.property(place, fc.nat(1000), (upTo, top) => {
    const of = { token: 5, top: 5 + top, open: top > 1 ? [6] : [] };
    const { since, told } = readMid(midOf('abcdefgh1234.5k', 'x', { upTo, of }))!;
    expect(since).toMatchObject({ nonce: 'abcdefgh1234', since: { token: 200 } });
    expect(told).toEqual({ upTo, of });
    expect(readMid(midOf('abcdefgh1234.5k', 'x'))).toMatchObject({ told: undefined });
  }), { numRuns: runs(100) });
  fc.assert(fc.property(fc.oneof(fc.string(), hex(20), hex(400)), (junk) => void expect(readMid(junk)).toBeUndefined()), { numRuns: runs(200) });
});

test('of what came together a client was told what comes before, and that itself; never what was not seen then', () => {
  const told = { upTo: { rev: 10, seq: 3, index: 1 }, of: { token: 9, top: 11, open: [9] } };
  const at = (rev: number, seq: number, index: number) => wasTold({ told }, { rev, seq, index });
  expect([at(10, 3, 1), at(10, 3, 0), at(10, 2, 5), at(8, 9, 0)]).toEqual([true, true, true, true]);
  expect([at(10, 3, 2), at(10, 4, 0), at(11, 0, 0), at(9, 0, 0)]).toEqual([false, false, false, false]);
  expect(wasTold({ told: undefined }, { rev: 0, seq: 0, index: 0 })).toBe(false);
});
