/** A portal of some size, as `tidemark seed` makes it: searches, pages of histories and of members. */
import { systemClock } from '../../src/base/clock.ts';
import type { Database } from '../../src/db/database.ts';
import { Indexing } from '../../src/db/indexing.ts';
import { seedPortal } from '../../src/demo/seed/seeder.ts';
import { type Figure, milliseconds, perSecond } from '../figures.ts';
import { makeHome } from '../home.ts';
import { type Latency, post, timeCalls } from '../load.ts';
import { longestStop, runServer } from '../processes.ts';
import { Progress } from '../progress.ts';
import type { Effort, Section } from '../section.ts';
import { openSeeder } from '../seed.ts';
import { type BenchUser, hook } from '../users.ts';

const [SEARCH_MS, HISTORY_MS, MEMBERS_MS, STOP_MS] = [100, 5, 20, 50];
/** What is sought: in most messages, in many, in few, in none; in several scripts. */
const TEXTS = ['the', 'meeting', 'launch plan', 'договор', '会议', 'サーバー', '#2f', '#4x9', 'nobody says this', 'quarterly thanks'];

type Caller = Pick<BenchUser, 'id' | 'code'>;

interface Large {
  users: Caller[];
  /** The first user's chats with the most members and the most messages. */
  everybody: number;
  busiest: number;
}

export const scale: Section = {
  name: 'scale',
  title: 'A portal of 10 000 people, 50 000 chats and 2 000 000 messages (--quick: a twentieth of it)',
  note: 'Each call by itself, one after the other, with what HTTP takes; messages are put into the index of texts before.',
  onlyByName: true,
  async seed() {
    return async ({ home, quick }) => {
      await using large = await makeHome(home.databaseUrl);
      const { figures, ...made } = await fill(large, quick);
      await using server = await runServer(large);
      await longestStop(server.ready.http);
      const call = (user: Caller, method: string, params: object) => post(hook(server, user, method), params);
      for (const [name, times, limit, make] of callsOf(made)) {
        const { p50, p99 }: Latency = await timeCalls(quick ? times / 5 : times, (i) => make(i, call));
        figures.push(milliseconds(`${name}, median`, p50), milliseconds(`${name}, p99`, p99, limit, limit));
      }
      return [...figures, milliseconds('longest stop of the event loop meanwhile', await longestStop(server.ready.http), STOP_MS, STOP_MS)];
    };
  },
};

type Call = (user: Caller, method: string, params: object) => Promise<unknown>;
type Measured = [name: string, times: number, limit: number, make: (i: number, call: Call) => Promise<unknown>];

function callsOf({ users, everybody, busiest }: Large): Measured[] {
  const textOf = (i: number) => TEXTS[i % TEXTS.length];
  const userOf = (i: number) => users[Math.floor(i / TEXTS.length) % users.length]!;
  return [
    ['tidemark.messages.search', 1000, SEARCH_MS, (i, call) => call(userOf(i), 'tidemark.messages.search', { SEARCH_MESSAGE: textOf(i), ORDER: { ID: i % 4 === 0 ? 'ASC' : 'DESC' } })],
    ['im.dialog.messages.search, the busiest chat', 1000, SEARCH_MS, (i, call) => call(users[0]!, 'im.dialog.messages.search', { CHAT_ID: busiest, SEARCH_MESSAGE: textOf(i) })],
    ['im.dialog.messages.get, 50 messages', 1000, HISTORY_MS, async (i, call) => call(users[0]!, 'im.dialog.messages.get', { DIALOG_ID: `chat${i % 2 === 0 ? busiest : everybody}`, LIMIT: 50 })],
    ['im.dialog.users.list, 50 of all', 200, MEMBERS_MS, (i, call) => call(users[0]!, 'im.dialog.users.list', { DIALOG_ID: `chat${everybody}`, LIMIT: 50, OFFSET: i * 50 })],
  ];
}

async function fill(home: Parameters<typeof openSeeder>[0], quick: Effort['quick']): Promise<Large & { figures: Figure[] }> {
  const seeder = await openSeeder(home);
  try {
    const size = quick ? { users: 500, chats: 2500, messages: 100_000, seed: 1 } : { users: 10_000, chats: 50_000, messages: 2_000_000, seed: 1 };
    const began = performance.now();
    const { messages } = await seedPortal(seeder.db, systemClock(), size, () => {});
    const seeded = performance.now();
    await index(seeder.db, messages);
    const figures = [
      perSecond('seeded messages, all else included', (1000 * messages) / (seeded - began), { sqlite: 100_000 }), perSecond('indexed messages', (1000 * messages) / (performance.now() - seeded)),
    ];
    const users: Caller[] = [];
    for (const id of [1, 2, Math.floor(size.users / 100), Math.floor(size.users / 2), size.users]) users.push({ id, code: await seeder.webhook(id) });
    return { figures, users, ...(await extremes(seeder.db)) };
  } finally {
    await seeder.close();
  }
}

async function index(db: Database, messages: number): Promise<void> {
  const progress = new Progress('messages indexed', messages);
  const indexing = new Indexing(db, 'never', '', () => Date.now(), (fault) => {
    throw fault;
  });
  await indexing.indexAll();
  progress.at(messages);
}

async function extremes(db: Database): Promise<{ everybody: number; busiest: number }> {
  return db.read(async (s) => {
    const own = await s.query((q) => q.selectFrom('chat as c').innerJoin('member as m', 'm.chat_id', 'c.id').select(['c.id', 'c.member_count', 'c.message_count']).where('m.user_id', '=', 1).where('c.type', '<>', 'P'));
    const most = (of: 'member_count' | 'message_count') => own.toSorted((a, b) => b[of] - a[of])[0]!.id;
    return { everybody: most('member_count'), busiest: most('message_count') };
  });
}
