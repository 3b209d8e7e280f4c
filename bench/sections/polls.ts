/** Polls by date, and a list so long that it might stop others. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, milliseconds } from '../figures.ts';
import { load, post, timeCalls } from '../load.ts';
import { longestStop } from '../processes.ts';
import type { Section } from '../section.ts';
import { hook, userWithChats } from '../users.ts';

const POLLS = 200;
/** Dates have seconds only: from then on nothing has happened. */
const PAST_MS = 2500;

export const polls: Section = {
  name: 'polls',
  title: 'im.recent.get with LAST_SYNC_DATE, 10 000 rows in the window (one connection)',
  note: 'Polls with something new are called from Node by `fetch`, whose own time is in the figures; they also hold what changed earlier in the same second.',
  async seed(seeder, { quick }) {
    const user = await userWithChats(seeder, quick ? 2_000 : 10_000);
    return async ({ server, seconds }) => {
      const url = hook(server, user, 'im.recent.get');
      await post(url, {});
      const since = new Date().toISOString().slice(0, 19);
      await sleep(PAST_MS);
      const nothing = await load({ urls: [`${url}?LAST_SYNC_DATE=${since}Z`], connections: 1, seconds });
      const mute = (i: number) => post(hook(server, user, 'im.chat.mute'), { CHAT_ID: user.chats[i % 50], MUTE: i < 50 ? 'Y' : 'N' });
      const one = await timeCalls(POLLS, () => post(url, { LAST_SYNC_DATE: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString() }), mute);
      return [milliseconds('nothing new, p50', nothing.p50, 0.25, 0.8), milliseconds('nothing new, p99', nothing.p99), milliseconds('one chat changed, p50', one.p50)];
    };
  },
};

const LONG = 50_000;

export const long: Section = {
  name: 'long-list',
  title: `im.recent.get of ${LONG} rows in the window`,
  note: 'The first call reads the list, the second finds it changed, the third unchanged. The stop is the longest that the event loop did nothing else.',
  async seed(seeder) {
    const user = await userWithChats(seeder, LONG);
    return async ({ server }) => {
      const figures: Figure[] = [];
      for (const what of ['first', 'changed', 'unchanged']) {
        if (what === 'changed') await post(hook(server, user, 'im.recent.pin'), { DIALOG_ID: `chat${user.chats[0]}`, PIN: 'Y' });
        await longestStop(server.ready.http);
        const first = await firstByte(hook(server, user, 'im.recent.get'));
        figures.push(milliseconds(`${what}: until the first byte`, first, 100, 100), milliseconds(`${what}: longest stop`, await longestStop(server.ready.http), 50, 50));
      }
      return figures;
    };
  },
};

/** Milliseconds until the answer begins, which is then read to its end. */
function firstByte(url: string): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let began = NaN;
      response.on('data', () => (began = Number.isNaN(began) ? performance.now() - start : began));
      response.on('end', () => resolve(began));
      response.on('error', reject);
    }).on('error', reject);
  });
}
