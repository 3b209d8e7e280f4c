/** Three nodes on one database together, against one of them alone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, perSecond, share } from '../figures.ts';
import { load, loadFor } from '../load.ts';
import { type Running, runServer } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import { hook, userWithChats } from '../users.ts';
import { bodiesFor } from './sends.ts';
import type { Ready } from '../../src/server.ts';

const NODES = 3;
const CONNECTIONS = 30;
/** Seconds of each call before it is measured: what V8 compiles first in each process is no part of it. */
const WARM_UP_S = 3;

export const nodes: Section = {
  name: 'nodes',
  title: `${NODES} nodes together against one (${CONNECTIONS} connections in all)`,
  note: 'All processes, the database and the load share the machine: more than one node can only win where one leaves processors idle.',
  engines: ['postgres'],
  async seed(seeder) {
    const user = await userWithChats(seeder, 100);
    return async (bench) => {
      await using others = new AsyncDisposableStack();
      const all = [bench.server];
      for (let n = 1; n < NODES; n++) all.push(others.use(await runServer({ ...bench.home, folder: folderOf(bench, n) })));
      const calls: Array<[string, string, string[]?]> = [
        ['im.recent.get unchanged', 'im.recent.get'], ['im.message.add, 100 chats in turn', 'im.message.add', bodiesFor(user.chats)],
      ];
      const figures: Figure[] = [];
      for (const [name, method, bodies] of calls) {
        await Promise.all(all.map((server) => loadFor({ urls: [hook(server, user, method)], ...(bodies && { bodies }), connections: CONNECTIONS / NODES }, WARM_UP_S)));
        const rate = (servers: ReadonlyArray<Running<Ready>>) => together(servers.map((server) => hook(server, user, method)), bodies, bench.seconds);
        const [one, three] = [await rate(all.slice(0, 1)), await rate(all)];
        figures.push(perSecond(`${name}: one node`, one), perSecond(`${name}: ${NODES} nodes`, three), share(`${name}: ratio`, three / one, { postgres: 1 }));
      }
      return figures;
    };
  },
};

function folderOf({ home }: Bench, n: number): string {
  const folder = join(home.folder, `node-${n}`);
  mkdirSync(folder);
  return folder;
}

async function together(urls: readonly string[], bodies: readonly string[] | undefined, seconds: number): Promise<number> {
  const connections = CONNECTIONS / urls.length;
  const loads = await Promise.all(urls.map((url) => load({ urls: [url], ...(bodies && { bodies }), connections, seconds })));
  return loads.reduce((sum, each) => sum + each.perSecond, 0);
}
