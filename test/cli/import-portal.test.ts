/** `tidemark import --from <webhook>`: beside a running server, killed in the middle, and what it refuses. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carried, originsAt } from '../support/carried.ts';
import { clientFor } from '../support/client.ts';
import { start, tidemark, tidemarkOn } from '../support/command.ts';
import { meddle } from '../support/meddler.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let from: TestServer;
let to: TestServer;
beforeAll(async () => {
  [from, to] = await Promise.all([startTestServer({ empty: false }), startTestServer()]);
}, 60_000);
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const store = () => ['--data', to.folder, ...(to.databaseUrl ? ['--database-url', to.databaseUrl] : [])];

test('killed while it asks and while it writes, and run again, it brings everything once', { timeout: 120_000 }, async () => {
  const kills = new Set([5, 8, 14]);
  let child: ChildProcess | undefined;
  await using between = await meddle((_methods, before) => {
    if (kills.has(before) && before % 2 === 1) child!.kill('SIGKILL');
    return 'pass';
  }, () => {
    // The answer is on its way: it is being written down, or about to be.
    if (kills.has(between.requests.length - 1)) setImmediate(() => child!.kill('SIGKILL'));
  });
  const args = ['import', '--from', between.through(from.admin.url), '--messages', '10000', '--files', '--json', ...store()];
  let ends: Array<number | null> = [];
  for (let done = false; !done; done = ends.at(-1) === 0) {
    child = start(args);
    child.stdout!.resume();
    child.stderr!.resume();
    ends = [...ends, ((await once(child, 'close')) as [number | null])[0]];
    if (ends.at(-1) !== 0 && ends.at(-1) !== null) throw new Error(`ended with ${ends.at(-1)}`);
  }
  expect(ends.length).toBeGreaterThan(2);
  const again = JSON.parse(await tidemarkOn(to, 'import', '--from', args[2]!, '--files', '--json')) as { owner: number };
  expect(again).toMatchObject({ users: 0, chats: 0, messages: 0, files: 0, left: [] });
  const { secret } = JSON.parse(await tidemarkOn(to, 'webhook', 'add', '--user', String(again.owner), '--json')) as { secret: string };
  expect(await carried(clientFor(`${to.http}/rest/${again.owner}/${secret}/`, again.owner), await originsAt(to))).toEqual(await carried(from.admin));
});

test('says in words what has come and what was left out', { timeout: 60_000 }, async () => {
  const said = await tidemarkOn(to, 'import', '--from', from.admin.url, '--chats', '8', '--messages', '5', '--since', '2020-01-01');
  expect(said).toMatch(/^\d+ people, \d+ chats, \d+ messages and 0 files are new; the owner of the webhook is user \d+ here\nLeft out:\n {2}files: they come with --files\n$/);
});

test.each([
  [['--from', 'https://portal.example/rest/'], '--from: this is not the address of a webhook, as https://portal.example/rest/1/code/'],
  [['--from', 'http://127.0.0.1:1/rest/1/abc/', '--chats', '0'], '--chats: must be a whole number from 1 to 100000'],
  [['--from', 'http://127.0.0.1:1/rest/1/abc/', '--since', 'spring'], '--since: "spring" is not a date'],
  [['--from', 'http://127.0.0.1:1/rest/1/abc/', '--as', '999'], '--as: there is no user 999'],
  [['--from', '/nowhere', '--messages', '5'], '--messages: goes with a webhook; an export is imported whole'],
])('refuses %j', async (flags, problem) => {
  expect(await tidemark('import', ...flags, ...store())).toEqual({ code: 1, stdout: '', stderr: `tidemark: ${problem}\n` });
});
