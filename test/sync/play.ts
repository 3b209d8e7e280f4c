/** Plays a run: writers and syncing clients whose calls are stopped in the middle, clocks that are set, servers that restart. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { same } from '../model/same.ts';
import { BACKGROUND_WORK } from './background.ts';
import { DateStartClient, DateUpdateClient, listOf, type Row, stable, type SyncClient, TaggedClient } from './copies.ts';
import type { Node, Portal } from './nodes.ts';
import { GUEST, type Person, Scene } from './scene.ts';
import { DateWalker, OffsetWalker } from './walkers.ts';
import { ChangesClient, HeadTokenClient, TokenWalker } from './token-clients.ts';
import { LONGEST_WAIT_S, WaitingClient } from './waiting-client.ts';
import { callOf, userUpdate, write, type Write } from './writers.ts';

const HOUR = 3_600_000;
export type ClientKind = new (scene: Scene, owner: Person) => SyncClient;

/** How clients sync, and what the people of their runs do. */
export interface Cast {
  kinds: readonly ClientKind[];
  writes: fc.Arbitrary<Write>;
}

export const BY_TOKEN: Cast = {
  kinds: [ChangesClient, HeadTokenClient, WaitingClient, TokenWalker, TaggedClient, OffsetWalker, DateWalker], writes: write,
};
export const BY_DATE: Cast = { kinds: [DateStartClient, DateUpdateClient], writes: write };

/** Whose lists are synced. */
const OWNERS = [0, 1, GUEST];

const node = fc.nat({ max: 1 });
/** Late commits are what syncs are lost by, so they come up as often as all other places. */
const place = fc.oneof(fc.constant('commit' as const), fc.integer({ min: 1, max: 12 }));
const steps = fc.integer({ min: 1, max: 6 });
const stopped = fc.record({ place, steps });
/** Whoever reads commits nothing. */
const reading = fc.option(fc.record({ place: fc.integer({ min: 1, max: 10 }), steps }), { freq: 2, nil: undefined });
const often = fc.option(stopped, { freq: 2, nil: undefined });

/** Any step of such a run. */
export function stepOf({ kinds, writes }: Cast) {
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('write' as const), write: writes, node, stop: often }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('sync' as const), client: fc.nat({ max: kinds.length * OWNERS.length - 1 }), node, stop: reading }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('look' as const), owner: fc.nat({ max: OWNERS.length - 1 }), node }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(400, 1000, 1000, 1000, 5000, 61_000, HOUR) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clock' as const), node, ms: fc.constantFrom(-2 * 24 * HOUR, -HOUR, -5000, 0, 5000, HOUR, 2 * 24 * HOUR) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), node }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('zone' as const), zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata'), node, stop: often }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('background' as const), work: fc.constantFrom(...BACKGROUND_WORK), node, stop: reading }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('compare' as const), node }) },
  );
}

export type Step = ReturnType<typeof stepOf> extends fc.Arbitrary<infer S> ? S : never;

/** @throws with what happened, when a client lacks anything in the end */
export async function play(portal: Portal, { kinds }: Cast, steps: readonly Step[]): Promise<void> {
  const scene = await Scene.set(portal);
  await scene.advance(2000);
  const clients = OWNERS.flatMap((owner) => kinds.map((Kind) => new Kind(scene, scene.people[owner]!)));
  try {
    for (const each of steps) {
      await scene.nextStep();
      await take(scene, clients, each);
      scene.check();
    }
    await scene.nextStep();
    await scene.settle();
    // Everybody else as they are: rows that name somebody who has changed come once more, whatever was lost before.
    for (const owner of OWNERS) if (!scene.mayCall(scene.people[owner]!)) await scene.launchCall(0, userUpdate(scene, owner, { ACTIVE: 'Y' }), undefined);
    await compareAll(scene, clients, 0);
  } catch (error) {
    await scene.settle();
    throw new Error(`${(error as Error).message}\n\nWhat happened:\n${scene.log.join('\n')}\n`, { cause: error });
  } finally {
    for (const client of clients) client.close?.();
    await scene.advance(LONGEST_WAIT_S * 1000);
    scene.resetClocks();
  }
}

async function take(scene: Scene, clients: readonly SyncClient[], next: Step): Promise<void> {
  switch (next.do) {
    case 'write': {
      const call = callOf(scene, next.write);
      return call && scene.launchCall(next.node, call, next.stop);
    }
    case 'sync': {
      const client = clients[next.client]!;
      return scene.launchSync(next.node, client, next.stop);
    }
    case 'look': {
      const owner = scene.people[OWNERS[next.owner]!]!;
      for (const client of clients) if (client.owner === owner) await scene.launchSync(next.node, client, undefined);
      return;
    }
    case 'wait':
      return scene.advance(next.ms);
    case 'clock':
      return scene.setClock(next.node, next.ms);
    case 'restart':
      return scene.restart(next.node);
    case 'zone':
      return scene.setZone(next.node, next.zone, next.stop);
    case 'background':
      return scene.launchBackground(next.node, next.work, next.stop);
    case 'compare':
      return compareAll(scene, clients, next.node);
  }
}

/** Nothing is under way any longer: whoever syncs now has what a fresh list shows. */
async function compareAll(scene: Scene, clients: readonly SyncClient[], nodeIndex: number): Promise<void> {
  await scene.settle();
  scene.check();
  const node = scene.node(nodeIndex);
  for (const owner of OWNERS.map((index) => scene.people[index]!)) {
    if (scene.mayCall(owner)) await compareOf(scene, clients.filter((client) => client.owner === owner), owner, node);
  }
  scene.check();
}

/** While the clients sync, something may come due: then they sync once more. */
async function compareOf(scene: Scene, clients: readonly SyncClient[], owner: Person, node: Node): Promise<void> {
  const list = async () => (await listOf(scene, node, owner))!;
  let fresh = await list();
  let got: Row[] = [];
  for (let before: Row[] | undefined; !isDeepStrictEqual(before, fresh); fresh = await list()) {
    before = fresh;
    for (const client of clients) await client.finish(node);
    got = (await scene.call(node, owner, 'im.recent.get', {})).body.result as Row[];
  }
  same(`im.recent.get and im.recent.list of ${owner.name} (${owner.id})`, got.map(stable), fresh);
  for (const client of clients) client.compare(fresh);
}
