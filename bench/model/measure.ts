/** Measures on one engine what the model rests on: sizes of a filled portal, and costs of calls to a server on it. */
import { ask, type Home } from '../home.ts';
import { type Running, runServer } from '../processes.ts';
import { openSeeder, type Seeder } from '../seed.ts';
import type { Ready } from '../../src/server.ts';
import type { Cost, EngineCoefficients } from './coefficients.ts';
import { caller, type Meter, meterOf } from './costs.ts';
import { fill, type Shape, usageOf } from './fill.ts';
import { rowsOf } from './model.ts';
import { type Sizes, sizesOf } from './sizes.ts';

export interface Point {
  sizes: Sizes;
  /** By members of the chat. */
  sends: Map<number, Cost>;
  get_unchanged: Cost;
  get_changed: Cost;
  page: Cost;
  kept_row_bytes: number;
}

const CALLS = 300;
const WARM_UP = 50;
const SENDS = 60;
const PEOPLE = 8;
/** Rows of a list whose cost is measured: those of the first page. */
const ROWS = 50;

interface Caller {
  id: number;
  code: string;
  /** A chat of all of these people. */
  common: number;
}

/** Fills an empty home and measures it. The sizes come first: what the measured calls write would be no part of the shape. */
export async function measurePoint(home: Home, shape: Shape, sendSizes: readonly number[]): Promise<Point> {
  const seeder = await openSeeder(home);
  const { users } = await fill(seeder, shape, async () => void (home.databaseUrl && (await ask(home.databaseUrl, 'vacuum chat, member'))));
  await seeder.close();
  const sizes = await sizesOf(home);
  const again = await openSeeder(home);
  const people = await seedPeople(again, users);
  const targets = await seedTargets(again, people[0]!, users, sendSizes);
  await again.close();
  await using server = await runServer(home);
  const meter = await meterOf(server, home);
  const sends = await costsOfSends(meter, server, people[0]!, targets);
  return { sizes, sends, ...(await costsOfReads(meter, server, people)), kept_row_bytes: await keptRowBytes(server) };
}

/** People with as many rows as a page has. */
async function seedPeople(seeder: Seeder, users: readonly number[]): Promise<Caller[]> {
  const ids = await seeder.users(PEOPLE);
  const [common] = (await seeder.chats('a common chat', [{ members: ids, daysAgo: 1 }])) as [number];
  const people: Caller[] = [];
  for (const id of ids) {
    await seeder.chats('a list', Array.from({ length: ROWS }, (_, index) => ({ members: [users[index % users.length]!, id], daysAgo: 2 })));
    people.push({ id, code: await seeder.webhook(id), common });
  }
  return people;
}

/** Several chats of each size, with the sender in them, so that calls at the same time need not wait for one row. */
async function seedTargets(seeder: Seeder, sender: Caller, users: readonly number[], sizes: readonly number[]): Promise<Map<number, number[]>> {
  const targets = new Map<number, number[]>();
  for (const size of sizes) {
    const chats = Array.from({ length: PEOPLE }, (_, index) => {
      const others = Array.from({ length: size - 1 }, (_unused, member) => users[(index * size + member) % users.length]!);
      return { members: [sender.id, ...others], daysAgo: 3 };
    });
    targets.set(size, await seeder.chats(`chats of ${size}`, chats));
  }
  return targets;
}

async function costsOfSends(meter: Meter, server: Running<Ready>, sender: Caller, targets: ReadonlyMap<number, number[]>): Promise<Map<number, Cost>> {
  const call = caller(server, sender);
  const costs = new Map<number, Cost>();
  for (const [size, chats] of targets) {
    const send = (index: number) => call('im.message.add', { DIALOG_ID: `chat${chats[index % chats.length]}`, MESSAGE: 'The quick brown fox jumps over the lazy dog' });
    await meter.measure(WARM_UP, send);
    costs.set(size, await meter.measure(CALLS, send));
  }
  return costs;
}

async function costsOfReads(meter: Meter, server: Running<Ready>, [sender, ...readers]: readonly Caller[]): Promise<Pick<Point, 'get_unchanged' | 'get_changed' | 'page'>> {
  const calls = readers.map((person) => caller(server, person));
  const get = (index: number) => calls[index % calls.length]!('im.recent.get', { LIMIT: ROWS });
  const page = (index: number) => calls[index % calls.length]!('im.recent.list', { LIMIT: ROWS });
  const send = () => caller(server, sender!)('im.message.add', { DIALOG_ID: `chat${sender!.common}`, MESSAGE: 'News for everybody' });
  const measured = async (times: number, call: (index: number) => Promise<unknown>, hands?: number) => {
    await meter.measure(WARM_UP, call, hands);
    return meter.measure(times, call, hands);
  };
  const unchanged = await measured(CALLS, get);
  // One message changes all lists, so that what it costs itself weighs little in what is left.
  const sent = await measured(SENDS, send, 1);
  const all = await measured(SENDS, async () => {
    await send();
    await Promise.all(calls.map((_, index) => get(index)));
  }, 1);
  return { get_unchanged: unchanged, get_changed: over(minus(all, sent), calls.length), page: await measured(CALLS, page) };
}

/** 0 where nothing is kept. */
async function keptRowBytes({ ready }: Running<Ready>): Promise<number> {
  const text = await (await fetch(`${ready.http}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  const lists = value('tidemark_kept_lists');
  return lists === 0 ? 0 : value('tidemark_kept_lists_bytes') / lists / ROWS;
}

function over(cost: Cost, by: number): Cost {
  return { statements: cost.statements / by, server: cost.server / by, database: cost.database / by };
}

function minus(a: Cost, b: Cost): Cost {
  const rest = (key: keyof Cost) => Math.max(0, a[key] - b[key]);
  return { statements: rest('statements'), server: rest('server'), database: rest('database') };
}

/** The sizes of chats from which {@link coefficientsOf} takes the costs of a send. */
export const SEND_SIZES = { two: 2, narrow: 100, wide: 300 } as const;

export function coefficientsOf(shape: Shape, point: Point): EngineCoefficients {
  const [two, narrow, wide] = [SEND_SIZES.two, SEND_SIZES.narrow, SEND_SIZES.wide].map((size) => point.sends.get(size)!) as [Cost, Cost, Cost];
  const more = minus(narrow, two);
  return {
    bytes: bytesOf(shape, point.sizes),
    send: two,
    send_per_member: over(more, SEND_SIZES.narrow - SEND_SIZES.two),
    send_wide: wide,
    get_unchanged: point.get_unchanged,
    get_changed: point.get_changed,
    page: point.page,
    kept_row_bytes: point.kept_row_bytes,
  };
}

/** Of the tables that the model knows and this portal has rows of. */
function bytesOf(shape: Shape, sizes: Sizes): EngineCoefficients['bytes'] {
  const bytes: EngineCoefficients['bytes'] = {};
  for (const table of Object.keys(rowsOf(usageOf(shape)))) {
    const size = sizes[table];
    if (!size || size.rows === 0) continue;
    const text = table === 'message' ? shape.text : 0;
    bytes[table] = { table: size.bytes / size.rows - text, indexes: size.indexBytes / size.rows };
  }
  return bytes;
}
