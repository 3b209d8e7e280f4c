/** What a server holds that nobody calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome } from '../home.ts';
import { load } from '../load.ts';
import { runServer } from '../processes.ts';
import type { Section } from '../section.ts';

const AFTER_S = 20;
const MOST_MB = 110;
const CONNECTIONS = 64;

export const memory: Section = {
  name: 'memory',
  title: `Resident memory with the demo data, ${AFTER_S} s after the start on an empty folder`,
  note: 'Of the whole process, as `npm start` runs it; nothing else of it stays in memory but npm.',
  async seed() {
    return async ({ home, seconds }) => {
      await using empty = await makeHome(home.databaseUrl);
      await using server = await runServer(empty, { demo: true });
      await sleep(AFTER_S * 1000);
      const rest = server.residentMb();
      await load({ urls: [`${server.ready.admin.webhook}im.recent.get`], connections: CONNECTIONS, seconds });
      return [
        { name: 'at rest', value: rest, unit: 'MB', wanted: { sqlite: MOST_MB, postgres: MOST_MB, most: true } },
        { name: `after a load of ${CONNECTIONS} connections`, value: server.residentMb(), unit: 'MB' },
      ];
    };
  },
};
