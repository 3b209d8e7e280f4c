/** Channels of the vendor's push: what a portal has sealed it can open, and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Channel, CHANNEL_MS, channelKeys, isOpen, type PublicChannel } from '../../src/identity/channels.ts';
import { runs } from '../support/runs.ts';

const keys = channelKeys('a secret');
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((s) => s * 1000);
const channel: fc.Arbitrary<Channel> = fc.record({
  type: fc.constantFrom('private', 'shared'),
  holder: fc.record({ kind: fc.constantFrom('webhook', 'token'), id: fc.integer({ min: 1, max: 2 ** 48 - 1 }), userId: fc.integer({ min: 1, max: 2 ** 40 - 1 }) }),
  startsAt: seconds,
});
const publicChannel: fc.Arbitrary<PublicChannel> = fc.record({
  userId: fc.integer({ min: 1, max: 2 ** 48 - 1 }), appId: fc.integer({ min: 0, max: 2 ** 40 - 1 }), startsAt: seconds,
});

test('a channel is opened as it was sealed', () => {
  fc.assert(fc.property(channel, (sealed) => void expect(keys.open(keys.seal(sealed))).toEqual(sealed)), { numRuns: runs(200) });
  fc.assert(fc.property(publicChannel, (sealed) => {
    const { id, signature } = keys.sealPublic(sealed);
    expect(keys.openPublic(id, signature)).toEqual(sealed);
  }), { numRuns: runs(200) });
});

test('neither what has been changed anywhere nor what another portal has sealed', () => {
  const others = channelKeys('another secret').seal({ type: 'shared', holder: { kind: 'webhook', id: 1, userId: 1 }, startsAt: 0 });
  expect(channelKeys('a secret').open(others)).toBeUndefined();
  fc.assert(fc.property(channel, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (sealed, place, letter) => {
    const text = keys.seal(sealed);
    const at = place % text.length;
    fc.pre(text[at] !== letter);
    expect(keys.open(text.slice(0, at) + letter + text.slice(at + 1))).toBeUndefined();
  }), { numRuns: runs(300) });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(keys.open(text)).toBeUndefined()), { numRuns: runs(200) });
});

test('one that may be written to cannot be listened to, nor the other way round', () => {
  const { id, signature } = keys.sealPublic({ userId: 1, appId: 0, startsAt: 0 });
  expect(keys.open(`${id}.${signature}`)).toBeUndefined();
  const [whole = '', sign = ''] = keys.seal({ type: 'shared', holder: { kind: 'webhook', id: 1, userId: 1 }, startsAt: 0 }).split('.');
  expect(keys.openPublic(whole, sign)).toBeUndefined();
});

test('a token stands for its channels until it expires', () => {
  const token = keys.issueToken(['a.b', 'c.d'], { issuer: 'x', userId: 5 }, { from: 0, until: CHANNEL_MS });
  expect(keys.channelsOf(token, CHANNEL_MS - 1)).toEqual(['a.b', 'c.d']);
  expect(keys.channelsOf(token, CHANNEL_MS)).toBeUndefined();
  expect(keys.channelsOf(`${token}.`, 0)).toBeUndefined();
  const [, claims = ''] = token.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const forged of [`${none}.${claims}.`, `${none}.${claims}`, '', '..', 'a.b.c', claims]) expect(keys.channelsOf(forged, 0)).toBeUndefined();
});

test('one that has ended, or that a clock far ahead has begun, is not open', () => {
  expect([isOpen({ startsAt: 0 }, CHANNEL_MS - 1), isOpen({ startsAt: 0 }, CHANNEL_MS), isOpen({ startsAt: 10 * CHANNEL_MS }, 0)]).toEqual([true, false, false]);
});
