/** Many people who all ask for their lists while others write, in chats of every size. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, milliseconds, perSecond } from '../figures.ts';
import { groupsOf } from '../groups.ts';
import { load, post } from '../load.ts';
import type { Running } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import type { Seeder } from '../seed.ts';
import { hook } from '../users.ts';
import type { Ready } from '../../src/server.ts';

const PEOPLE = 300;
const CONNECTIONS = 16;
const MESSAGES_PER_SECOND = 50;
const SLOWEST_MS = 20;
/** How many chats of a size everybody is in, 120 in all. Above the number of people, strangers fill the chat. */
const CHATS_EACH: ReadonlyArray<readonly [size: number, chats: number]> = [[2, 50], [10, 40], [50, 20], [300, 6], [1000, 4]];

interface Person {
  id: number;
  code: string;
}

interface Crowd {
  people: Person[];
  /** Chats by size, each with somebody who may write there. */
  chats: Array<Array<{ id: number; writer: Person }>>;
}

export const crowd: Section = {
  name: 'crowd',
  title: `im.recent.get by ${PEOPLE} people with 120 rows each, in chats of 2 to 1 000 members (${CONNECTIONS} connections)`,
  note: 'The connections ask without a pause, for one after the other. Kept: the whole answer was there; renewed: some rows were read again; read: the whole list was.',
  async seed(seeder) {
    const seeded = await seedCrowd(seeder);
    return async (bench) => {
      // Lists that nobody has asked for yet are not what is measured.
      for (let again = 0; again < 2; again++) for (const url of polling(bench.server, seeded).urls) await post(url, {});
      return [...(await measure(bench, seeded, 0)), ...(await measure(bench, seeded, MESSAGES_PER_SECOND))];
    };
  },
};

async function seedCrowd(seeder: Seeder): Promise<Crowd> {
  const ids = await seeder.users(PEOPLE);
  const strangers = await seeder.users(Math.max(...CHATS_EACH.map(([size]) => size)) - PEOPLE);
  const people: Person[] = [];
  for (const id of ids) people.push({ id, code: await seeder.webhook(id) });
  const chats: Crowd['chats'] = [];
  for (const [size, each] of CHATS_EACH) {
    const groups = Array.from({ length: each }, (_, round) => groupsOf(people, size, round)).flat();
    const members = groups.map((group) => [...group.map(({ id }) => id), ...strangers.slice(0, size - group.length)]);
    const made = await seeder.chats(`${groups.length} chats of ${size}`, members.map((all) => ({ members: all, daysAgo: 1 })));
    chats.push(made.map((id, index) => ({ id, writer: groups[index]![0]! })));
  }
  return { people, chats };
}

function polling(server: Running<Ready>, { people }: Crowd) {
  return { urls: people.map((person) => hook(server, person, 'im.recent.get')), connections: CONNECTIONS };
}

async function measure({ server, seconds }: Bench, seeded: Crowd, rate: number): Promise<Figure[]> {
  const before = await lookUps(server);
  const stop = new AbortController();
  const writing = write(server, seeded, rate, stop.signal);
  const polled = await load({ ...polling(server, seeded), seconds: 2 * seconds });
  stop.abort();
  await writing;
  const after = await lookUps(server);
  const who = rate === 0 ? 'nobody writes' : `${rate} messages/s`;
  const share = (name: 'kept' | 'renewed' | 'loaded') => (100 * (after[name] - before[name])) / (after.all - before.all);
  return [
    perSecond(`${who}: requests`, polled.perSecond),
    milliseconds(`${who}: p50`, polled.p50),
    rate === 0 ? milliseconds(`${who}: p99`, polled.p99) : milliseconds(`${who}: p99`, polled.p99, SLOWEST_MS, SLOWEST_MS),
    { name: `${who}: kept`, value: share('kept'), unit: '%' },
    { name: `${who}: renewed`, value: share('renewed'), unit: '%' },
    { name: `${who}: read`, value: share('loaded'), unit: '%' },
    { name: `${who}: resident`, value: server.residentMb(), unit: 'MB' },
  ];
}

/** Writes at an even pace, into chats of all sizes in turn. */
async function write(server: Running<Ready>, { chats }: Crowd, rate: number, signal: AbortSignal): Promise<void> {
  if (rate === 0) return;
  const sent: Array<Promise<unknown>> = [];
  const start = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    const size = chats[n % chats.length]!;
    const { id, writer } = size[Math.floor(n / chats.length) % size.length]!;
    sent.push(post(hook(server, writer, 'im.message.add'), { DIALOG_ID: `chat${id}`, MESSAGE: `News number ${n}` }));
    await sleep(Math.max(0, start + ((n + 1) * 1000) / rate - performance.now()));
  }
  await Promise.all(sent);
}

/** What the server says of its kept lists. */
async function lookUps(server: Running<Ready>) {
  const text = await (await fetch(`${server.ready.http}/metrics`)).text();
  const value = (result: string) => Number(new RegExp(`^tidemark_kept_list_lookups_total\\{result="${result}"\\} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  const [kept, renewed, loaded, passed] = [value('kept'), value('renewed'), value('loaded'), value('passed')];
  return { kept, renewed, loaded, all: kept + renewed + loaded + passed };
}
