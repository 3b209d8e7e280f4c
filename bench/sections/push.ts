/** Who is connected: what it costs to have them, and to tell them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, milliseconds } from '../figures.ts';
import { post } from '../load.ts';
import type { Order, Report } from '../push-clients.ts';
import type { Running } from '../processes.ts';
import type { Section } from '../section.ts';
import type { Seeder } from '../seed.ts';
import { hook } from '../users.ts';
import type { Ready } from '../../src/server.ts';

const IDLE = 10_000;
const MOST_IDLE_MB = 400;
const ONLINE = 1000;
const LAST_MS = 100;
const WIDE_ONLINE = 2000;
const TABS = 300;
const SENDS = 100;
/** Between the beginnings of two messages, milliseconds: what a busy chat has. */
const EVERY_MS = 200;
const MEMBERS = 100_000;
const MEMBERS_QUICK = 7000;
/** How much longer than without anybody online a send may take. */
const NOTHING = 1.2;

interface Person {
  id: number;
  code: string;
}

export const push: Section = {
  name: 'push',
  title: `Sockets of /push/socket: ${IDLE} of them, and messages to those who are online`,
  note: `Clients run in processes of their own beside the server; who sends is not among them. There is a message each ${EVERY_MS} ms. The time until the last socket has it counts from before the call. The wide chat has ${MEMBERS} members (--quick: ${MEMBERS_QUICK}).`,
  flags: ['--max-connections', '16000'],
  async seed(seeder, { quick }) {
    const people = await peopleOf(seeder, WIDE_ONLINE);
    const strangers = await seeder.users((quick ? MEMBERS_QUICK : MEMBERS) - WIDE_ONLINE);
    const ids = people.map(({ id }) => id);
    const [large, wide, tabs] = (await seeder.chats('chats of those who are online', [
      { members: ids.slice(0, ONLINE), daysAgo: 1 }, { members: [...ids, ...strangers], daysAgo: 1 }, { members: ids.slice(0, TABS), daysAgo: 1 },
    ])) as [number, number, number];
    return async ({ server }) => {
      const chat = (id: number) => ({ server, sender: people[0]!, id });
      const bare = server.residentMb();
      const alone = await sendTo(chat(wide), undefined, 0);
      const idle = await idleFigures(server, people, bare);
      const online = await connected(server, people.slice(0, ONLINE), (clients) => sendTo(chat(large), clients, ONLINE));
      const many = await connected(server, people, (clients) => sendTo(chat(wide), clients, WIDE_ONLINE));
      const tab = await connected(server, people.slice(0, TABS), (clients) => sendTo(chat(tabs), clients, TABS));
      return [
        ...idle,
        milliseconds(`a message to the last of ${ONLINE} members online, p50`, online.last.p50),
        milliseconds(`a message to the last of ${ONLINE} members online, p99`, online.last.p99, LAST_MS, LAST_MS),
        milliseconds(`processor of the server per message to ${ONLINE} members online`, online.processorMs),
        milliseconds('a send to a wide chat, nobody online, p50', alone.answered.p50),
        milliseconds(`a send to a wide chat, ${WIDE_ONLINE} members online, p50`, many.answered.p50),
        { name: 'the second of these by the first', value: many.answered.p50 / alone.answered.p50, unit: 'share', wanted: { sqlite: NOTHING, postgres: NOTHING, most: true } },
        milliseconds(`a message to the last of ${WIDE_ONLINE} members online of a wide chat, p99`, many.last.p99),
        milliseconds('processor of the server per message to a wide chat, nobody online', alone.processorMs),
        milliseconds(`processor of the server per message to a wide chat, ${WIDE_ONLINE} members online`, many.processorMs),
        milliseconds(`processor of the server per message to ${TABS} tabs`, tab.processorMs),
      ];
    };
  },
};

async function peopleOf(seeder: Seeder, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (const id of await seeder.users(count)) people.push({ id, code: await seeder.webhook(id) });
  return people;
}

async function idleFigures(server: Running<Ready>, people: readonly Person[], bare: number): Promise<Figure[]> {
  const urls = Array.from({ length: IDLE }, (_, i) => socketOf(server, people[i % people.length]!));
  const halves = [new Clients(), new Clients()];
  await Promise.all(halves.map((clients, half) => clients.order({ open: urls.filter((_, i) => i % 2 === half) })));
  await sleep(3000);
  const resident = server.residentMb();
  const before = processorMs(server.ready.pid);
  await sleep(10_000);
  const used = (processorMs(server.ready.pid) - before) / 10;
  for (const clients of halves) await clients.close();
  await sleep(2000);
  return [
    { name: `resident with ${IDLE} idle sockets`, value: resident, unit: 'MB', wanted: { sqlite: MOST_IDLE_MB, postgres: MOST_IDLE_MB, most: true } },
    { name: 'resident before', value: bare, unit: 'MB' },
    milliseconds('processor of the server per second meanwhile', used),
  ];
}

async function connected<T>(server: Running<Ready>, people: readonly Person[], work: (clients: Clients) => Promise<T>): Promise<T> {
  const clients = new Clients();
  await clients.order({ open: people.map((person) => socketOf(server, person)) });
  // Whoever has come is told to the others first.
  await sleep(3000);
  const result = await work(clients);
  await clients.close();
  await sleep(2000);
  return result;
}

interface Chat {
  server: Running<Ready>;
  sender: Person;
  id: number;
}

/** @param sockets on which each message is awaited */
async function sendTo({ server, sender, id }: Chat, clients: Clients | undefined, sockets: number) {
  const url = hook(server, sender, 'im.message.add');
  const [answered, last]: [number[], number[]] = [[], []];
  let before = 0;
  for (let n = -5; n < SENDS; n++) {
    if (n === 0) before = processorMs(server.ready.pid);
    const text = `Mark ${n} of ${id}.`;
    const heard = await clients?.watch({ mark: `"text":"${text}","unread"`, sockets });
    const began = performance.now();
    await post(url, { DIALOG_ID: `chat${id}`, MESSAGE: text });
    const took = performance.now() - began;
    const lastAt = (await heard?.last) ?? 0;
    if (n >= 0) {
      answered.push(took);
      last.push(lastAt - performance.timeOrigin - began);
    }
    await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
  }
  return { answered: quantiles(answered), last: quantiles(last), processorMs: (processorMs(server.ready.pid) - before) / SENDS };
}

class Clients {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, '..', 'push-clients.ts'));
  async order(order: Order): Promise<Report> {
    this.#child.send(order);
    return this.#report();
  }

  /** Resolves once it looks out for the mark; `last`: when the last socket had it. */
  async watch(watch: { mark: string; sockets: number }): Promise<{ last: Promise<number> }> {
    await this.order({ watch });
    return { last: this.#report().then(({ last }) => last!) };
  }

  async #report(): Promise<Report> {
    return ((await once(this.#child, 'message')) as [Report])[0];
  }

  async close(): Promise<void> {
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}

function socketOf(server: Running<Ready>, person: Person): string {
  return hook(server, person, 'push/socket').replace(/^http/, 'ws');
}

/** What a process has used, milliseconds; ticks of the system are a hundredth of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function quantiles(values: number[]): { p50: number; p99: number } {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { p50: at(0.5), p99: at(0.99) };
}
