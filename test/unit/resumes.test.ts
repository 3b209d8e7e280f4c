/** Turns of those who come back, whoever comes, leaves and reads slowly when. */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Listener } from '../../src/delivery/live/happening.ts';
import { type Place, Resumes } from '../../src/delivery/live/resumes.ts';

const PLACES = 8;
const PATIENCE_MS = 5000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

async function settled(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await turn();
}

class Peer {
  readonly listener: Listener;
  readonly done: Promise<void>;
  readonly finish = Promise.withResolvers<void>();
  #reading = Promise.withResolvers<void>();
  heard: string[] = [];
  place: Place | undefined;

  constructor(resumes: Resumes, userId: number, begun: Peer[]) {
    this.listener = {
      viewer: { userId, admin: false, insider: true }, origin: '', dialect: { compose: () => undefined },
      send: () => {}, flush: () => {}, taken: () => this.#reading.promise, wait: () => void this.heard.push('wait'), end: (reason) => void this.heard.push(reason),
    };
    this.#reading.resolve();
    this.done = resumes.run(this.listener, ({ place }) => {
      this.place = place;
      begun.push(this);
      return this.finish.promise;
    });
  }

  stopReading(): void {
    this.#reading = Promise.withResolvers();
  }

  read(): void {
    this.#reading.resolve();
  }
}

test('whoever comes, leaves and is done in whatever order: never more than the places, each in turn, and all places are free in the end', async () => {
  const steps = fc.array(fc.record({ what: fc.constantFrom('come', 'come', 'come', 'leave', 'done', 'fail'), who: fc.nat(40) }), { maxLength: 80 });
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    const resumes = new Resumes();
    const [peers, begun, gone, over]: [Peer[], Peer[], Set<Peer>, Set<Peer>] = [[], [], new Set(), new Set()];
    for (const { what, who } of all) {
      const peer = peers[who % Math.max(1, peers.length)];
      if (what === 'come') peers.push(new Peer(resumes, (who % 3) + 1, begun));
      else if (what === 'leave' && peer && resumes.leave(peer.listener)) gone.add(peer);
      else if (peer && begun.includes(peer)) {
        over.add(peer);
        if (what === 'fail') peer.finish.reject(new Error('it failed'));
        else peer.finish.resolve();
        peer.done.catch(() => {});
      }
      if (who % 2 === 0) await settled();
      expect(begun.filter((one) => !over.has(one)).length).toBeLessThanOrEqual(PLACES);
      expect(resumes.count).toBe(peers.filter((one) => !gone.has(one) && !begun.includes(one)).length);
      for (const userId of [1, 2, 3]) expect(resumes.of(userId)).toBe(peers.filter((one) => one.listener.viewer.userId === userId && !gone.has(one) && !begun.includes(one)).length);
    }
    for (const peer of peers) peer.finish.resolve();
    await Promise.allSettled(peers.map(({ done }) => done));
    expect(begun).toEqual(peers.filter((peer) => !gone.has(peer)));
    await settled();
    const anew = Array.from({ length: PLACES + 1 }, () => new Peer(resumes, 9, begun));
    await settled();
    expect(anew.map((peer) => begun.includes(peer))).toEqual(anew.map((_, at) => at < PLACES));
  }), { numRuns: 60 });
});

test('whose peer reads slowly lets the next ones come, and goes on before those who wait', async () => {
  const resumes = new Resumes();
  const begun: Peer[] = [];
  const peers = Array.from({ length: 3 * PLACES }, (_, i) => new Peer(resumes, i + 1, begun));
  await settled();
  const [slow] = peers as [Peer];
  slow.stopReading();
  const taken = slow.place!.taken();
  await settled();
  expect(begun).toHaveLength(PLACES);
  vi.advanceTimersByTime(PATIENCE_MS);
  await settled();
  expect(begun).toHaveLength(PLACES + 1);
  slow.read();
  await taken;
  let goesOn = false;
  const going = slow.place!.goOn().then(() => (goesOn = true));
  await settled();
  expect(goesOn).toBe(false);
  peers[1]!.finish.resolve();
  await going;
  expect(begun).toHaveLength(PLACES + 1);
  slow.finish.resolve();
  await settled();
  expect(begun).toHaveLength(PLACES + 2);
});

test('who waits hears that the connection lives, and is told when all ends', async () => {
  const resumes = new Resumes();
  const begun: Peer[] = [];
  const peers = Array.from({ length: PLACES + 2 }, (_, i) => new Peer(resumes, i + 1, begun));
  await settled();
  resumes.comfort();
  resumes.end('restart');
  resumes.end('restart');
  await Promise.all(peers.slice(PLACES).map(({ done }) => done));
  expect(peers.map(({ heard }) => heard)).toEqual(peers.map((_, at) => (at < PLACES ? [] : ['wait', 'restart'])));
});
