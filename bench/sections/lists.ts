/** The first page of `im.recent.list`, and lists after a change, by the number of chats. */
import { type Figure, milliseconds, perSecond } from '../figures.ts';
import { load, post, timeCalls } from '../load.ts';
import type { Section } from '../section.ts';
import { type BenchUser, hook, userWithChats } from '../users.ts';

const CONNECTIONS = 16;
const CHANGES = 200;

interface Sized extends BenchUser {
  size: number;
}

export const lists: Section = {
  name: 'list',
  title: 'im.recent.list, the first 50',
  async seed(seeder, { quick }) {
    const users: Sized[] = [];
    for (const size of quick ? [100, 1_000] : [100, 1_000, 10_000]) users.push({ size, ...(await userWithChats(seeder, size)) });
    return async ({ server, seconds }) => {
      const figures: Figure[] = [];
      for (const user of users) {
        const urls = [hook(server, user, 'im.recent.list')];
        const many = await load({ urls, connections: CONNECTIONS, seconds });
        const one = await load({ urls, connections: 1, seconds });
        figures.push(
          perSecond(`${user.size} chats, ${CONNECTIONS} connections`, many.perSecond, { sqlite: 6000, postgres: 3000 }),
          milliseconds(`${user.size} chats, one connection, p50`, one.p50, 0.35, 1),
        );
      }
      return figures;
    };
  },
};

export const changes: Section = {
  name: 'changes',
  title: 'Lists of 50 rows after a change of one, by the number of chats in all (one connection)',
  note: 'A row is pinned before each call. Called from Node by `fetch`, whose own time is in the figures.',
  async seed(seeder, { quick }) {
    const users: Sized[] = [];
    for (const size of quick ? [100, 10_000] : [100, 10_000, 50_000]) users.push({ size, ...(await userWithChats(seeder, 50, size - 50)) });
    return async ({ server }) => {
      const figures: Figure[] = [];
      for (const user of users) {
        const pin = (i: number) => post(hook(server, user, 'im.recent.pin'), { DIALOG_ID: `chat${user.chats[0]}`, PIN: i % 2 ? 'N' : 'Y' });
        const first = await timeCalls(1, () => post(hook(server, user, 'im.recent.get'), {}));
        figures.push(milliseconds(`${user.size} chats: the first im.recent.get`, first.p50));
        for (const method of ['im.recent.get', 'im.recent.list']) {
          const took = await timeCalls(CHANGES, () => post(hook(server, user, method), {}), pin);
          figures.push(milliseconds(`${user.size} chats: ${method}, p50`, took.p50), milliseconds(`${user.size} chats: ${method}, p99`, took.p99));
        }
      }
      return figures;
    };
  },
};
