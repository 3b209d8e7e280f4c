/** Many people who all ask for their lists while others write, in chats of every size. */
import autocannon from 'autocannon';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupsOf } from './groups.ts';
import { post } from './load.ts';
import type { Ready } from '../src/server.ts';
import type { Running } from './processes.ts';
import type { Section } from './sections.ts';
import type { Seeder } from './seed.ts';
import { table } from './table.ts';

const PEOPLE = 300;
const CONNECTIONS = 16;
const SECONDS = 10;
const MESSAGES_PER_SECOND = 50;
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
  async seed(seeder) {
    const seeded = await seedCrowd(seeder);
    return async (server) => {
      const lines = [];
      for (const user of seeded.people) await fetch(address(server, user, 'im.recent.get'));
      for (const [label, perSecond] of [['nobody', 0], [`${MESSAGES_PER_SECOND} messages/s`, MESSAGES_PER_SECOND]] as const) {
        lines.push([label, ...(await measure(server, seeded, perSecond))]);
      }
      return [
        `## 7. im.recent.get by ${PEOPLE} people with 120 rows each, in chats of 2 to 1 000 members (${CONNECTIONS} connections)`,
        table(['who writes', 'requests/s', 'p50 ms', 'p99 ms', 'answered from memory', 'some rows read again', 'whole list read', 'lists MB', 'resident MB'], lines),
      ].join('\n\n');
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

function address(server: Running<Ready>, { id, code }: Person, method: string): string {
  return `${server.ready.http}/rest/${id}/${code}/${method}`;
}

async function measure(server: Running<Ready>, seeded: Crowd, perSecond: number): Promise<string[]> {
  const before = await lookUps(server);
  const stop = new AbortController();
  const writing = write(server, seeded, perSecond, stop.signal);
  const paths = seeded.people.map((person) => ({ path: new URL(address(server, person, 'im.recent.get')).pathname }));
  let turn = 0;
  const result = await autocannon({
    url: server.ready.http,
    connections: CONNECTIONS,
    duration: SECONDS,
    // Each connection begins with somebody else, so that they are spread over all people.
    setupClient: (client) => {
      const first = Math.floor((turn++ * paths.length) / CONNECTIONS);
      client.setRequests([...paths.slice(first), ...paths.slice(0, first)]);
    },
  });
  stop.abort();
  await writing;
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error('not every list was answered');
  const after = await lookUps(server);
  const all = after.all - before.all;
  const share = (name: 'kept' | 'renewed' | 'loaded') => `${((100 * (after[name] - before[name])) / all).toFixed(0)} %`;
  return [
    result.requests.average.toFixed(0), String(result.latency.p50), String(result.latency.p99),
    share('kept'), share('renewed'), share('loaded'), (after.bytes / 2 ** 20).toFixed(0), server.residentMb().toFixed(0),
  ];
}

/** Writes at an even pace, into chats of all sizes in turn. */
async function write(server: Running<Ready>, { chats }: Crowd, perSecond: number, signal: AbortSignal): Promise<void> {
  if (perSecond === 0) return;
  const sent: Array<Promise<unknown>> = [];
  const start = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    const size = chats[n % chats.length]!;
    const { id, writer } = size[Math.floor(n / chats.length) % size.length]!;
    sent.push(post(address(server, writer, 'im.message.add'), { DIALOG_ID: `chat${id}`, MESSAGE: `News number ${n}` }));
    await sleep(Math.max(0, start + ((n + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(sent);
}

/** What the server says of its kept lists. */
async function lookUps(server: Running<Ready>) {
  const text = await (await fetch(`${server.ready.http}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  const [kept, renewed, loaded, passed] = ['kept', 'renewed', 'loaded', 'passed'].map((result) => value(`tidemark_kept_list_lookups_total{result="${result}"}`)) as [number, number, number, number];
  return { kept, renewed, loaded, all: kept + renewed + loaded + passed, bytes: value('tidemark_kept_lists_bytes') };
}
