/** The main measures on both engines, beside each other. */
import { findPostgres, type Home, makeHome } from './home.ts';
import { load, post, timeCalls } from './load.ts';
import { runServer } from './processes.ts';
import type { Section } from './sections.ts';
import { openSeeder } from './seed.ts';
import { table } from './table.ts';
import { hook, userWithChats } from './users.ts';

const CONNECTIONS = 16;
const SENDERS = 32;
const SECONDS = 4;
const CALLS = 200;
const MEMBERS = 20;

/** What is measured, in the order of {@link measure}. */
const MEASURES = [
  `im.recent.get of 200 unchanged rows, ${CONNECTIONS} connections: requests/s`,
  'im.recent.get after a change of one row, one connection: p50 / p99 ms',
  'im.recent.list, a page of 50, one connection: p50 / p99 ms',
  'im.message.add, one connection: p50 / p99 ms',
  `im.message.add into one chat of ${MEMBERS}, ${SENDERS} connections: sends/s / p99 ms`,
  `im.message.add into 200 chats of 2, ${SENDERS} connections: sends/s / p99 ms`,
];

export const engines: Section = {
  async seed() {
    return async () => {
      await using postgres = await findPostgres();
      const columns: string[][] = [];
      for (const url of ['', ...(postgres ? [postgres.url] : [])]) {
        await using home = await makeHome(url);
        columns.push(await measure(home));
      }
      const lines = MEASURES.map((name, index) => [name, ...columns.map((column) => column[index]!)]);
      return [
        '## 9. SQLite and PostgreSQL',
        postgres ? 'PostgreSQL runs on the same machine, as it comes.' : 'PostgreSQL was SKIPPED: there is none here.',
        table(['measure', 'SQLite', ...(postgres ? ['PostgreSQL'] : [])], lines),
      ].join('\n\n');
    };
  },
};

async function measure(home: Home): Promise<string[]> {
  const seeder = await openSeeder(home);
  const user = await userWithChats(seeder, 200);
  const [busy] = await seeder.chats('busy chat', [{ members: [user.id, ...(await seeder.users(MEMBERS - 1))], daysAgo: 1 }]);
  await seeder.close();
  await using server = await runServer(home);
  const url = (method: string) => hook(server, user, method);
  const get = () => post(url('im.recent.get'), {});
  const pin = (i: number) => post(url('im.recent.pin'), { DIALOG_ID: `chat${user.chats[0]}`, PIN: i % 2 ? 'N' : 'Y' });
  const send = (i: number) => post(url('im.message.add'), bodyFor(user.chats[i % user.chats.length]!));
  const calls = async (call: (i: number) => Promise<unknown>, before?: (i: number) => Promise<unknown>) => {
    const took = await timeCalls(CALLS, async (i) => void (await call(i)), before && (async (i) => void (await before(i))));
    return `${took.p50.toFixed(2)} / ${took.p99.toFixed(2)}`;
  };
  const sends = async (chats: readonly number[]) => {
    const target = { url: url('im.message.add'), method: 'POST', bodies: chats.map((chat) => JSON.stringify(bodyFor(chat))), connections: SENDERS } as const;
    await load({ ...target, seconds: 1 });
    const took = await load({ ...target, seconds: SECONDS });
    return `${took.perSecond.toFixed(0)} / ${took.p99}`;
  };
  await load({ url: url('im.recent.get'), connections: CONNECTIONS, seconds: 1 });
  const unchanged = await load({ url: url('im.recent.get'), connections: CONNECTIONS, seconds: SECONDS });
  return [
    unchanged.perSecond.toFixed(0), await calls(get, pin), await calls(() => post(url('im.recent.list'), {})), await calls(send),
    await sends([busy!]), await sends(user.chats),
  ];
}

function bodyFor(chat: number): { DIALOG_ID: string; MESSAGE: string } {
  return { DIALOG_ID: `chat${chat}`, MESSAGE: 'The quick brown fox jumps over the lazy dog' };
}
