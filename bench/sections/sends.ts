/** Acknowledged, durable sends. */
import { type Figure, milliseconds, perSecond, share, type Wanted } from '../figures.ts';
import { load, loadFor, type Target } from '../load.ts';
import { longestStop } from '../processes.ts';
import type { Section } from '../section.ts';
import type { Seeder } from '../seed.ts';
import { hook } from '../users.ts';

const IN_FLIGHT = 32;
const SMALL_CHATS = 100;
const ONE: Wanted = { sqlite: 12_000, postgres: 2_500 };
const MANY: Wanted = { sqlite: 12_000, postgres: 5_000 };
const STOP_MS = 50;
const PARTS = 5;
/** Of one part, seconds. */
const MINUTE = 60;
const QUICK_PART = 10;
/** As fast at the end as in the beginning, but for noise. */
const NO_SLOWER = 0.9;

interface Senders {
  sender: { id: number; code: string };
  /** Chats by what they are. */
  chats: Map<string, number[]>;
}

/** A user who is in a chat of each size and in many small ones. */
async function seedSenders(seeder: Seeder, sizes: readonly number[]): Promise<Senders> {
  const people = await seeder.users(Math.max(...sizes, 3));
  const chats = new Map<string, number[]>();
  for (const size of sizes) chats.set(`a chat of ${size}`, await seeder.chats(`a chat of ${size}`, [{ members: people.slice(0, size), daysAgo: 1 }]));
  const pairs = Array.from({ length: SMALL_CHATS }, (_, i) => ({ members: [people[0]!, people[1 + (i % (people.length - 1))]!], daysAgo: 1 }));
  chats.set(`${SMALL_CHATS} chats of 2 in turn`, await seeder.chats('chats of 2', pairs));
  return { sender: { id: people[0]!, code: await seeder.webhook(people[0]!) }, chats };
}

export function bodiesFor(chats: readonly number[]): string[] {
  return chats.map((chat) => JSON.stringify({ DIALOG_ID: `chat${chat}`, MESSAGE: 'The quick brown fox jumps over the lazy dog' }));
}

export const sends: Section = {
  name: 'sends',
  title: `im.message.add, durable, by the size of the chat (${IN_FLIGHT} in flight, and one at a time)`,
  async seed(seeder, { quick }) {
    const { sender, chats } = await seedSenders(seeder, quick ? [2, 100] : [2, 100, 1_000, 10_000]);
    return async ({ server, seconds }) => {
      const figures: Figure[] = [];
      await longestStop(server.ready.http);
      for (const [what, ids] of chats) {
        const target = { urls: [hook(server, sender, 'im.message.add')], bodies: bodiesFor(ids), seconds };
        const many = await load({ ...target, connections: IN_FLIGHT });
        figures.push(perSecond(what, many.perSecond, ids.length > 1 ? MANY : ONE), milliseconds(`${what}, p99`, many.p99));
        if (!/ (?:2|100)$/.test(what)) continue;
        figures.push(milliseconds(`${what}, one at a time, p50`, (await load({ ...target, connections: 1 })).p50, 0.45, 1));
      }
      return [...figures, milliseconds('longest stop of the event loop meanwhile', await longestStop(server.ready.http), STOP_MS, STOP_MS)];
    };
  },
};

export const endurance: Section = {
  name: 'endurance',
  title: `im.message.add over ${PARTS} minutes, ${SMALL_CHATS} chats of 2 in turn and one of 100 (${IN_FLIGHT} in flight)`,
  note: `With --quick a minute has ${QUICK_PART} seconds.`,
  onlyByName: true,
  async seed(seeder, { quick }) {
    const { sender, chats } = await seedSenders(seeder, [100]);
    return async ({ server }) => {
      const target: Omit<Target, 'seconds'> = { urls: [hook(server, sender, 'im.message.add')], bodies: bodiesFor([...chats.values()].flat()), connections: IN_FLIGHT };
      // What V8 compiles first is no part of it.
      await loadFor(target, 3);
      const minutes: number[] = [];
      for (let part = 0; part < PARTS; part++) minutes.push((await loadFor(target, quick ? QUICK_PART : MINUTE)).perSecond);
      const [first, last] = [minutes[0]!, minutes.at(-1)!];
      return [
        ...minutes.map((rate, minute) => perSecond(`minute ${minute + 1}`, rate)),
        share('the last minute to the first', last / first, { sqlite: NO_SLOWER, postgres: NO_SLOWER }),
        { name: 'resident at the end', value: server.residentMb(), unit: 'MB' },
      ];
    };
  },
};
