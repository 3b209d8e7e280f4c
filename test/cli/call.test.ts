import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArguments, toParams } from '../../src/commands/call-arguments.ts';
import { clientFor } from '../support/client.ts';
import { CLI, serve, type ServerProcess, tidemark } from '../support/command.ts';
import { dropDatabase, freshDatabase } from '../support/server.ts';


let folder: string;
let databaseUrl: string;
let server: ServerProcess;
let store: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-call-'));
  databaseUrl = await freshDatabase();
  store = ['--data', folder, ...(databaseUrl ? ['--database-url', databaseUrl] : [])];
  server = await serve(...store, '--empty');
  await clientFor(server.ready.admin.webhook, 1).call('im.chat.add', { TITLE: 'Harbour', MESSAGE: 'Ahoy' });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

describe('with a webhook of its own', () => {
  test('the result is printed for people, or the whole answer on one line', async () => {
    const pretty = await tidemark('call', 'im.recent.get', '--SKIP_OPENLINES', 'Y', ...store);
    expect(pretty).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(pretty.stdout)).toMatchObject([{ title: 'Harbour' }]);
    expect(pretty.stdout.split('\n').length).toBeGreaterThan(10);
    const line = await tidemark('call', 'im.recent.get', ...store, '--json');
    expect(line.stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(line.stdout)).toMatchObject({ result: [{ title: 'Harbour' }], time: { start: expect.any(Number) } });
  });

  test('a reader that has seen enough is nothing to complain of', async () => {
    const child = spawn(process.execPath, [CLI, 'call', 'methods', ...store], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });

  test('lists, structures and texts that look like them arrive as meant', async () => {
    const sent = await tidemark('call', 'im.message.add', '--dialog_id', 'chat1', '--MESSAGE', '[b]Hi[/b]', '--ATTACH', '[{"MESSAGE":"x"}]', ...store);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const read = await tidemark('call', 'im.dialog.messages.get', '--DIALOG_ID=chat1', '--LIMIT=1', ...store);
    expect(JSON.parse(read.stdout)).toMatchObject({ messages: [{ text: '[b]Hi[/b]', params: { ATTACH: [{}] } }] });
    const users = await tidemark('call', 'im.user.list.get', '--ID', '1,999', '--RESULT_TYPE', 'array', ...store);
    expect(JSON.parse(users.stdout)).toMatchObject([{ id: 1 }]);
  });

  test('an error is one line on standard error', async () => {
    expect(await tidemark('call', 'im.dialog.get', ...store)).toEqual({ code: 1, stdout: '', stderr: "DIALOG_ID_EMPTY: Dialog ID can't be empty\n" });
    const json = await tidemark('call', 'im.nope', ...store, '--json');
    expect(json).toMatchObject({ code: 1, stderr: 'ERROR_METHOD_NOT_FOUND: Method not found!\n' });
    expect(JSON.parse(json.stdout)).toEqual({ error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' });
  });

  test('it acts for the user who is asked for, and leaves no webhook behind', async () => {
    const { id } = JSON.parse((await tidemark('user', 'add', '--name', 'Anna', ...store, '--json')).stdout) as { id: number };
    expect(JSON.parse((await tidemark('call', 'im.user.get', '--user', String(id), ...store)).stdout)).toMatchObject({ id, name: 'Anna' });
    expect((await tidemark('webhook', 'list', ...store)).stdout).not.toContain('tidemark call');
    expect(await tidemark('call', 'profile', '--user', '999', ...store)).toMatchObject({ code: 1, stderr: 'tidemark: --user: there is no user 999\n' });
  });
});

describe('with a given webhook', () => {
  test('its address is enough, by flag or variable; its two parts are enough beside the data folder', async () => {
    const { webhook } = server.ready.admin;
    expect(await tidemark('call', 'server.time', '--webhook', webhook)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^"\d{4}-/) });
    expect(await tidemark('call', 'server.time', '--webhook', webhook.split('/').slice(-3, -1).join('/'), ...store)).toMatchObject({ code: 0 });
  });

  test.each([
    ['nonsense', /^tidemark: --webhook: this is neither/],
    ['http://127.0.0.1:1/rest/1/secretcode/', /^NO_ANSWER: http:\/\/127\.0\.0\.1:1 does not answer/],
  ])('%s cannot be called, and its code is not repeated', async (webhook, message) => {
    const { code, stdout, stderr } = await tidemark('call', 'server.time', '--webhook', webhook);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secretcode');
  });
});

test('without a running server it says so', async () => {
  const { code, stderr } = await tidemark('call', 'server.time', '--data', join(folder, 'none'));
  expect({ code, stderr }).toEqual({ code: 1, stderr: `tidemark: no server runs on ${join(folder, 'none')}: start it, or give --webhook\n` });
});

test('help shows what a method takes, in either order', async () => {
  for (const args of [['--help', 'im.recent.pin'], ['im.recent.pin', '--help']]) {
    const { code, stdout } = await tidemark('call', ...args);
    expect(code).toBe(0);
    expect(stdout).toContain('DIALOG_ID (string, required): Dialog');
    expect(stdout).toContain('call im.recent.pin --DIALOG_ID chat5 --PIN Y');
  }
  expect((await tidemark('call', '--help')).stdout).toContain('Usage: tidemark call <method>');
  expect(await tidemark('call', 'im.nope', '--help')).toMatchObject({ code: 1, stderr: 'tidemark: there is no method im.nope\n' });
});

test('the words of a command line become parameters', () => {
  const types: Record<string, string> = { USERS: 'array', MESSAGE: 'string' };
  const read = (...words: string[]) => toParams(readArguments(['m', ...words]).given, (name) => types[name]);
  expect(read('--USERS', '1,2', '--PIN', '--A', '{"b":[1]}')).toEqual({ USERS: ['1', '2'], PIN: 'Y', A: { b: [1] } });
  expect(read('--MESSAGE', '[b]x', '--start', '-1', '--empty=', '--x=a=b\nc')).toEqual({ MESSAGE: '[b]x', start: '-1', empty: '', x: 'a=b\nc' });
  expect(() => read('stray')).toThrow('"stray" belongs to no parameter');
  expect(() => read('--A', '{oops')).toThrow('--A: it begins like JSON but is none');
});
