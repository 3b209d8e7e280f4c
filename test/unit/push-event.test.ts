/** What leaves in one piece reads as the events it was made of, of whatever length, by a socket and by an EventSource. */
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { PushEvent } from '../../src/push/event.ts';
import { runs } from '../support/runs.ts';

/** Reads what a socket gets; its types are not published. */
const { Receiver } = ws as unknown as { Receiver: new () => Writable };

interface Said {
  name: string;
  text: string;
}

/** On both sides of each length at which a frame's head grows. */
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(60, 125, 126, 65_400, 65_535, 65_536, 70_000).map((length) => 'é'.repeat(length / 2)));
const said = fc.array(fc.record({ name: fc.constantFrom('message', 'list'), text }), { minLength: 1, maxLength: 4 });
const token = fc.option(fc.constant('AbC.1z'), { nil: undefined });

const eventOf = ({ name, text: data }: Said) => new PushEvent(name, JSON.stringify({ data }));

test('frames', async () => {
  await fc.assert(fc.asyncProperty(said, token, async (all, last) => {
    const bytes = PushEvent.frames(all.map(eventOf), last);
    const heard: unknown[] = [];
    const receiver = new Receiver();
    receiver.on('message', (data: Buffer, isBinary: boolean) => heard.push(isBinary ? 'binary' : JSON.parse(data.toString())));
    await new Promise<void>((resolve, reject) => receiver.on('error', reject).end(bytes, resolve));
    expect(heard).toEqual(all.map((one, at) => ({ event: one.name, ...(last !== undefined && at === all.length - 1 && { token: last }), data: { data: one.text } })));
  }), { numRuns: runs(60) });
});

test('lines', () => {
  fc.assert(fc.property(said, token, (all, last) => {
    const blocks = PushEvent.lines(all.map(eventOf), last).toString().split('\n\n').slice(0, -1);
    expect(blocks).toEqual(all.map((one, at) => [
      ...(last !== undefined && at === all.length - 1 ? [`id: ${last}`] : []), `event: ${one.name}`, `data: ${JSON.stringify({ data: one.text })}`,
    ].join('\n')));
  }), { numRuns: runs(60) });
});

test('the same events with the same token are written once, with another one anew', () => {
  const [first, last] = [eventOf({ name: 'message', text: 'a' }), eventOf({ name: 'list', text: 'b' })];
  for (const form of ['frames', 'lines'] as const) {
    const once = PushEvent[form]([first, last], 't.1');
    expect(PushEvent[form]([first, last], 't.1')).toBe(once);
    for (const [events, token] of [[[first, last], 't.2'], [[last], 't.1'], [[last, last], 't.1']] as const) expect(PushEvent[form](events, token).equals(once)).toBe(false);
  }
});
