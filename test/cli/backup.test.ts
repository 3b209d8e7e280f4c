/** Backups of a portal whose server goes on: what is in them, that a server starts on them, and that nothing looks like one that is none. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Client, clientFor } from '../support/client.ts';
import { CLI, serve, tidemark } from '../support/command.ts';
import { dropDatabase, ENGINE, freshDatabase } from '../support/server.ts';
import { historyOf, recount } from '../model/recount.ts';

/** What a server has in its folder for as long as it runs, or makes anew. */
const TRANSIENT = ['server.json', 'tidemark.lock', 'tidemark.lock-journal', 'tidemark.db-shm', 'tidemark.db-wal'];
const WRITERS = 4;

let parent: string;
let folder: string;
let target: string;
let databaseUrl: string;
let store: string[];
beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tidemark-backup-'));
  folder = join(parent, 'data');
  target = join(parent, 'copy');
  databaseUrl = await freshDatabase();
  store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
});
afterEach(async () => {
  rmSync(parent, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

const backup = () => tidemark('backup', target, ...store, '--json');

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).sort();
}

interface Sent {
  id: number;
  dialog: number | string;
  text: string;
}

/** Several hands that send one message after the other, into dialogs and groups, until told to stop. */
function keepSending(people: readonly Client[], dialogs: ReadonlyArray<number | string>): { sent: Sent[]; stop(): Promise<void> } {
  const sent: Sent[] = [];
  let stopped = false;
  const hands = Array.from({ length: WRITERS }, async (_, hand) => {
    for (let n = 0; !stopped; n += 1) {
      const [dialog, text] = [dialogs[(n + hand) % dialogs.length]!, `hand ${hand}, message ${n}`];
      sent.push({ id: await people[0]!.call<number>('im.message.add', { DIALOG_ID: dialog, MESSAGE: text }), dialog, text });
    }
  });
  return { sent, stop: async () => { stopped = true; await Promise.all(hands); } };
}

async function hire(...names: string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) ids.push((JSON.parse((await tidemark('user', 'add', '--name', name, ...store, '--json')).stdout) as { id: number }).id);
  return ids;
}

async function textsOf(who: Client, dialog: number | string): Promise<Map<number, string>> {
  return new Map((await historyOf(who, dialog)).map(({ id, text }) => [id, text]));
}

if (ENGINE === 'sqlite') describe('on SQLite', () => {
  test('made while others write, it is a portal in which all that was answered before is there and the counters are right', async () => {
    await using server = await serve(...store, '--empty');
    const webhook = server.ready.admin.webhook;
    const admin = clientFor(webhook, 1);
    const [ann, bob] = await hire('Ann', 'Bob');
    const group = await admin.call<number>('im.chat.add', { TITLE: 'Group', USERS: [ann, bob] });
    const dialogs = [ann!, bob!, `chat${group}`];
    const { secret } = JSON.parse((await tidemark('webhook', 'add', '--user', String(ann), '--scope', 'im', ...store, '--json')).stdout) as { secret: string };
    const writing = keepSending([admin], dialogs);
    while (writing.sent.length < 100) await new Promise((resolve) => setImmediate(resolve));
    const before = [...writing.sent];
    const { code, stdout, stderr } = await backup();
    const during = writing.sent.length - before.length;
    await writing.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ path: target, engine: 'sqlite', database: true, bytes: expect.any(Number) });
    expect(during, 'messages that were answered meanwhile').toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);

    const restored = join(parent, 'restored');
    cpSync(target, restored, { recursive: true });
    await using second = await serve('--data', restored, '--empty');
    expect(readFileSync(second.ready.ca)).toEqual(readFileSync(join(folder, 'tls', 'ca.pem')));
    const moved = (path: string) => second.ready.http + path;
    const again = clientFor(moved(new URL(webhook).pathname), 1);
    const annAgain = clientFor(moved(`/rest/${ann}/${secret}/`), ann!);
    for (const dialog of dialogs) {
      const texts = await textsOf(again, dialog);
      for (const { id, text } of before.filter((sent) => sent.dialog === dialog)) expect(texts.get(id)).toBe(text);
    }
    for (const who of [again, annAgain]) await recount(who);
    const id = await again.call<number>('im.message.add', { DIALOG_ID: ann, MESSAGE: 'goes on' });
    expect((await textsOf(annAgain, 1)).get(id)).toBe('goes on');
  });

  test('on a restored copy a client goes on from what the copy knows; from what came later it begins anew, however much has changed since', async () => {
    interface Changes { items: Array<{ id: string | number }>; token: string; reset_required: boolean }
    await using server = await serve(...store, '--empty');
    const admin = clientFor(server.ready.admin.webhook, 1);
    const chat = await admin.call<number>('im.chat.add', { TITLE: 'Chat', USERS: await hire('Ann') });
    const send = (who: Client) => who.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'News' });
    const { token: before } = await admin.call<Changes>('tidemark.recent.changes');
    await send(admin);
    expect((await backup()).code).toBe(0);
    for (let n = 0; n < 3; n += 1) await send(admin);
    const { token: later } = await admin.call<Changes>('tidemark.recent.changes', { TOKEN: before });
    expect(await server.stop()).toBe(0);

    const restored = join(parent, 'restored');
    cpSync(target, restored, { recursive: true });
    await using second = await serve('--data', restored, '--empty');
    const again = clientFor(second.ready.http + new URL(server.ready.admin.webhook).pathname, 1);
    for (let n = 0; n < 5; n += 1) {
      expect(await again.call<Changes>('tidemark.recent.changes', { TOKEN: later })).toMatchObject({ reset_required: true });
      await send(again);
    }
    const known = await again.call<Changes>('tidemark.recent.changes', { TOKEN: before });
    expect(known).toMatchObject({ reset_required: false, items: [{ id: `chat${chat}` }] });
  });

  test('whatever a server has in its folder is copied, or belongs to the running server; only the owner may read it', async () => {
    await using server = await serve(...store, '--empty');
    chmodSync(join(folder, 'tls', 'ca.pem'), 0o644);
    expect((await backup()).code).toBe(0);
    expect(filesIn(target)).toEqual([...filesIn(folder).filter((name) => !TRANSIENT.includes(name)), 'backup.json'].sort());
    const open = ['.', 'tls', ...filesIn(target)].filter((name) => (statSync(join(target, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
    expect(await server.stop()).toBe(0);
  });

  test('files of chats are in it, also while others upload; a damaged one is named, and what is not kept yet is left out', async () => {
    await using server = await serve(...store, '--empty');
    const admin = clientFor(server.ready.admin.webhook, 1);
    const chat = await admin.call<number>('im.chat.add', { TITLE: 'Files' });
    const upload = (name: string, content: string) =>
      admin.call<{ file: { id: number } }>('im.v2.File.upload', { DIALOGID: `chat${chat}`, FIELDS: { name, content: Buffer.from(content).toString('base64') } });
    const sent = [await upload('a.txt', 'first'), await upload('b.txt', 'second'), await upload('again.txt', 'first')];
    writeFileSync(join(folder, 'files', 'incoming', 'half'), 'half of it');
    let stopped = false;
    const uploading = (async () => {
      for (let n = 0; !stopped; n += 1) await upload(`${n}.txt`, `content ${n}`);
    })();
    const { code, stdout } = await backup();
    stopped = true;
    await uploading;
    expect({ code, made: JSON.parse(stdout) as object }).toMatchObject({ code: 0, made: { files: expect.any(Number), damaged: [] } });
    expect(filesIn(target).filter((name) => name.includes('incoming'))).toEqual([]);
    expect(await server.stop()).toBe(0);

    await using second = await serve('--data', target, '--empty');
    const again = clientFor(second.ready.http + new URL(server.ready.admin.webhook).pathname, 1);
    const { files } = await again.call<{ files: Array<{ id: number; urlDownload: string }> }>('im.dialog.messages.get', { DIALOG_ID: `chat${chat}`, LIMIT: 50 });
    // Whatever the copied database knows is there, what came during the copy too.
    for (const { urlDownload } of files) expect((await fetch(urlDownload)).status).toBe(200);
    const contents = await Promise.all(sent.map(async ({ file }) => {
      const { downloadUrl } = await again.call<{ downloadUrl: string }>('im.v2.File.download', { DIALOGID: `chat${chat}`, FILEID: file.id });
      return (await fetch(downloadUrl)).text();
    }));
    expect(contents).toEqual(['first', 'second', 'first']);
    expect(await second.stop()).toBe(0);

    const [name = ''] = filesIn(target).filter((path) => path.startsWith('files/'));
    appendFileSync(join(target, name), 'damage');
    const damaged = await tidemark('backup', join(parent, 'third'), '--data', target, '--json');
    expect(JSON.parse(damaged.stdout)).toMatchObject({ damaged: [name] });
    const told = await tidemark('backup', join(parent, 'fourth'), '--data', target);
    expect(told.stdout).toContain(`DAMAGED, AND SO IN THE COPY: ${name}`);
  });

  test('tables that an older release made are copied as they are', async () => {
    mkdirSync(folder);
    const old = new DatabaseSync(join(folder, 'tidemark.db'));
    old.exec(`pragma journal_mode = wal; create table portal (key varchar(64) primary key, value text not null); pragma user_version = 1`);
    const { code, stdout } = await backup();
    expect({ code, made: JSON.parse(stdout) as object }).toMatchObject({ code: 0, made: { schema: 1 } });
    expect(old.prepare('pragma user_version').get()).toEqual({ user_version: 1 });
    old.close();
  });

  test.each([
    ['a damaged database', () => damage(join(folder, 'tidemark.db'))],
    ['a key that cannot be read', () => mkdirSync(join(folder, 'tls', 'folder.pem'))],
  ])('%s is said in one line, and nothing is left', async (_, spoil) => {
    expect(await (await serve(...store)).stop()).toBe(0);
    spoil();
    const { code, stdout, stderr } = await backup();
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^tidemark: [^\n]+\n$/) });
    expect(readdirSync(parent)).toEqual(['data']);
  });

  test('killed half-way it leaves nothing that has the name of a backup, and the next one succeeds', async () => {
    expect(await (await serve(...store, '--empty')).stop()).toBe(0);
    // Whoever reads a pipe that nobody writes to waits: at that moment the database has been copied.
    const pipe = join(folder, 'tls', 'wait.pem');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const changes = watch(parent, { recursive: true });
    const copied = new Promise<void>((resolve) => changes.on('change', (_, name) => String(name).endsWith('server.pem') && resolve()));
    const child = spawn(process.execPath, [CLI, 'backup', target, ...store], { stdio: 'ignore' });
    await copied;
    child.kill('SIGKILL');
    await once(child, 'exit');
    changes.close();
    rmSync(pipe);
    expect(readdirSync(parent).sort()).toEqual([expect.stringMatching(/^copy\.[0-9a-f]{8}\.unfinished$/), 'data']);
    expect((await backup()).code).toBe(0);
    expect(existsSync(join(target, 'backup.json'))).toBe(true);
  });
});

/** Overwrites whatever lies behind the first page. */
function damage(file: string): void {
  const fd = openSync(file, 'r+');
  for (let at = 4096; at < statSync(file).size; at += 4096) writeSync(fd, Buffer.alloc(64, 0xff), 0, 64, at);
}

test.each([['a folder', () => mkdirSync(target)], ['a backup', () => void mkdirSync(join(target, 'tls'), { recursive: true })], ['a file', () => void openSync(target, 'wx')]])(
  '%s that is there is left alone',
  async (_, put) => {
    mkdirSync(folder);
    put();
    const before = filesIn(parent);
    expect(await backup()).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^tidemark: [^\n]*copy exists already[^\n]*\n$/) });
    expect(filesIn(parent)).toEqual(before);
  },
);

test('where there is no portal, or no folder for the copy, it says so and makes nothing', async () => {
  expect(await backup()).toMatchObject({ code: 1, stderr: `tidemark: there is no portal in ${folder}\n` });
  const elsewhere = await tidemark('backup', join(parent, 'no', 'copy'), ...store);
  expect(elsewhere).toMatchObject({ code: 1, stderr: `tidemark: there is no folder ${join(parent, 'no')}\n` });
  expect(readdirSync(parent)).toEqual([]);
});

if (ENGINE === 'postgres') test('on PostgreSQL it copies the certificates and names the tools for the rest', async () => {
  expect(await (await serve(...store, '--empty')).stop()).toBe(0);
  const { code, stdout } = await tidemark('backup', target, ...store);
  expect(code).toBe(0);
  expect(stdout).toMatch(/THE DATABASE IS NOT IN IT[^]*pg_dump[^]*pg_basebackup/);
  expect(filesIn(target)).toEqual(['backup.json', 'tls/ca-key.pem', 'tls/ca.pem', 'tls/server-key.pem', 'tls/server.pem']);
  expect(JSON.parse(readFileSync(join(target, 'backup.json'), 'utf8'))).toMatchObject({ engine: 'postgres', database: false });
});
