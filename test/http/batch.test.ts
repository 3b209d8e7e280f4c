/** `batch` over HTTP, in every form in which clients send it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addWebhook } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
});
afterAll(() => portal[Symbol.asyncDispose]());

interface BatchResult {
  result: Record<string, unknown> | unknown[];
  result_error: Record<string, { error: string; error_description: string; argument?: string }> | Array<{ error: string; error_description: string }>;
  result_total: Record<string, number> | number[];
  result_next: Record<string, number> | number[];
  result_time: Record<string, Record<string, unknown>> | Array<Record<string, unknown>>;
}

const batch = (cmd: unknown, halt?: unknown): Promise<BatchResult> => anna.call('batch', { cmd, ...(halt !== undefined && { halt }) });

const NOT_FOUND = { error: 'ERROR_METHOD_NOT_FOUND', error_description: 'Method not found!' };

describe('answers', () => {
  test('a list is answered with lists, all five collections are there', async () => {
    const { result, result_error, result_total, result_next, result_time } = await batch(['server.time', 'profile?']);
    expect(result).toEqual([expect.stringMatching(/T/), expect.objectContaining({ ID: String(anna.userId) })]);
    expect([result_error, result_total, result_next]).toEqual([[], [], []]);
    expect(result_time).toEqual([expect.objectContaining({ operating: 0, start: expect.any(Number) }), expect.objectContaining({ date_finish: expect.any(String) })]);
  });

  test('a map is answered with maps', async () => {
    const { result, result_error, result_time } = await batch({ me: 'profile', now: 'server.time' });
    expect(Object.keys(result)).toEqual(['me', 'now']);
    expect(Object.keys(result_time)).toEqual(['me', 'now']);
    expect(result_error).toEqual([]);
  });

  test('a failure in the middle leaves its key to the errors; the call itself succeeds', async () => {
    const { result, result_error, result_time } = await batch(['server.time', 'im.nope', 'server.time']);
    expect(Object.keys(result)).toEqual(['0', '2']);
    expect(result_error).toEqual({ 1: NOT_FOUND });
    expect(Object.keys(result_time)).toEqual(['0', '2']);
  });

  test('only the first failing leaves a list of one error', async () => {
    expect(await batch(['im.nope'])).toEqual({ result: [], result_error: [NOT_FOUND], result_total: [], result_next: [], result_time: [] });
  });

  test('totals and pages stand beside the results of those that have them', async () => {
    const { result_total, result_next } = await batch({ users: 'user.get', me: 'profile' });
    expect(result_total).toEqual({ users: 3 });
    expect(result_next).toEqual([]);
  });

  test('no command at all', async () => {
    for (const cmd of [undefined, null, '', [], {}]) {
      expect(await batch(cmd)).toEqual({ result: [], result_error: [], result_total: [], result_next: [], result_time: [] });
    }
  });
});

describe('commands', () => {
  test.each([['halt', true], ['halt', 1], ['HALT', '1'], ['Halt', 'Y'], ['halt', 'true']])('%s=%s stops after the first failure', async (name, value) => {
    const { body } = await anna.raw('batch', { [name]: value, cmd: { a: 'server.time', b: 'im.nope', c: 'server.time' } });
    expect(body.result).toMatchObject({ result: { a: expect.any(String) }, result_error: { b: NOT_FOUND } });
    expect(Object.keys((body.result as BatchResult).result)).toEqual(['a']);
  });

  test.each([false, 0, '0', 'N', 'false', null, ''])('halt=%s does not', async (halt) => {
    expect(Object.keys((await batch({ a: 'im.nope', b: 'server.time' }, halt)).result)).toEqual(['b']);
  });

  test('parameters are PHP queries, decoded once; a fragment is cut off', async () => {
    const title = 'Tom & Ann + 100% [b]ü[/b] 🌊';
    const { result } = await batch({
      chat: `im.chat.add?TITLE=${encodeURIComponent(title)}&USERS%5B0%5D=${boris.userId}&MESSAGE=a+b#ignored`,
      got: 'im.dialog.get?DIALOG_ID=chat$result[chat]',
    });
    const { chat } = result as { chat: number };
    expect(await anna.call('im.dialog.get', { DIALOG_ID: `chat${chat}` })).toMatchObject({ name: title, user_counter: 2 });
  });

  test('names are case-insensitive, a suffix is part of the name', async () => {
    const { result, result_error } = await batch(['SERVER.Time', 'server.time.json']);
    expect(result).toHaveLength(1);
    expect(result_error).toEqual({ 1: { ...NOT_FOUND, error_description: 'Method not found! The nearest documented method is server.time.' } });
  });

  test.each(['batch', 'BATCH?cmd[]=profile', 'Batch?', 'download', 'upload?x=1'])('%s is not allowed', async (command) => {
    expect((await batch([command])).result_error).toEqual([
      { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED', error_description: 'Method is not allowed for batch usage' },
    ]);
  });

  test('fifty run, each one more is refused', async () => {
    const { result, result_error } = await batch(Array.from({ length: 53 }, () => 'server.time'));
    expect(result).toHaveLength(50);
    const tooLong = { error: 'ERROR_BATCH_LENGTH_EXCEEDED', error_description: 'Max batch length exceeded' };
    expect(result_error).toEqual({ 50: tooLong, 51: tooLong, 52: tooLong });
  });

  test('what is no text is named', async () => {
    const { result, result_error } = await batch({ a: { method: 'profile', params: {} }, b: 5, c: null, d: 'server.time' });
    expect(Object.keys(result)).toEqual(['d']);
    expect(result_error).toMatchObject({ a: { error: 'ERROR_ARGUMENT', argument: 'CMD[a]' }, b: { argument: 'CMD[b]' }, c: { argument: 'CMD[c]' } });
  });

  test.each(['profile', 5, true])('a cmd that is %s is named', async (cmd) => {
    expect(await anna.fails('batch', { cmd: cmd as never })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'CMD' });
  });

  test('errors of methods and of their parameters are those of single calls', async () => {
    const { result_error } = await batch({ a: 'im.dialog.get', b: 'im.recent.get?LAST_UPDATE=yesterday', c: 'im.dialog.get?DIALOG_ID=%FF', d: '' });
    expect(result_error).toMatchObject({
      a: { error: 'DIALOG_ID_EMPTY', error_description: "Dialog ID can't be empty" },
      b: { error: 'ERROR_ARGUMENT', argument: 'LAST_UPDATE' },
      c: { error: 'WRONG_ENCODING', argument: 'DIALOG_ID' },
      d: NOT_FOUND,
    });
  });

  test('commands have the scopes of the batch, and say less about it', async () => {
    const webhook = await addWebhook(portal.server.context.db, portal.clock, { userId: anna.userId, scopes: ['user'], title: 'test' });
    const caller = clientFor(`${portal.http}/rest/${anna.userId}/${webhook!.code}/`, anna.userId);
    const { result, result_error } = await caller.call<BatchResult>('batch', { cmd: { a: 'im.recent.get', b: 'user.current' } });
    expect(result).toMatchObject({ b: { ID: String(anna.userId) } });
    expect(result_error).toEqual({ a: { error: 'insufficient_scope', error_description: '' } });
  });

  test('another one\'s credentials in a command change nothing', async () => {
    const [, , , , code] = boris.url.split('/').slice(-6);
    const { result } = await batch({ me: `profile?aplogin=${boris.userId}&ap=${code}&auth=x&access_token=y` });
    expect(result).toMatchObject({ me: { ID: String(anna.userId) } });
  });
});

describe('on the wire', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

  test('forms, encoded twice, in the order in which they were sent', async () => {
    const body = new URLSearchParams({
      'cmd[second]': `im.message.add?${new URLSearchParams({ DIALOG_ID: String(boris.userId), MESSAGE: 'a&b=ü' })}`,
      'cmd[first]': 'profile',
      halt: '1',
    });
    const reply = await send(`${anna.url}batch.json`, { body: body.toString(), headers: FORM });
    expect(Object.keys((reply.body['result'] as BatchResult).result)).toEqual(['second', 'first']);
    expect(await anna.call('im.dialog.messages.get', { DIALOG_ID: boris.userId })).toMatchObject({ messages: [{ text: 'a&b=ü' }] });
  });

  test('numeric keys run as they were sent', async () => {
    const body = `cmd[17]=im.message.add%3FDIALOG_ID%3D${boris.userId}%26MESSAGE%3Dfirst&cmd[5]=im.message.update%3FMESSAGE_ID%3D%24result%5B17%5D%26MESSAGE%3Dsecond`;
    const { result, result_error } = (await send(`${anna.url}batch`, { body, headers: FORM })).body['result'] as BatchResult;
    expect(result_error).toEqual([]);
    expect(result).toMatchObject({ 5: true, 17: expect.any(Number) });
  });

  test('by GET, with literal brackets', async () => {
    const reply = await send(`${anna.url}batch?cmd[a]=server.time&cmd[b]=profile%3Fx%3D1&halt=0`);
    expect(Object.keys((reply.body['result'] as BatchResult).result)).toEqual(['a', 'b']);
  });

  test('multipart', async () => {
    const form = new FormData();
    form.append('cmd[0]', 'server.time');
    form.append('cmd[1]', 'profile');
    const response = await fetch(`${anna.url}batch`, { method: 'POST', body: form });
    expect(((await response.json()) as { result: BatchResult }).result.result).toHaveLength(2);
  });

  test('as XML', async () => {
    const { headers, text } = await send(`${anna.url}batch.xml?cmd[a]=user.current&cmd[b]=im.nope`);
    expect(headers['content-type']).toBe('text/xml; charset=utf-8');
    expect(text).toContain('<result_error><b><error>ERROR_METHOD_NOT_FOUND</error>');
  });
});

describe('references', () => {
  test('a whole value keeps its type, within text a word or number stands', async () => {
    const { result, result_error } = await batch({
      chat: `im.chat.add?TITLE=Referred&USERS[]=${boris.userId}`,
      members: 'im.chat.user.list?CHAT_ID=$result[chat]',
      users: 'im.user.list.get?ID=$result[members]',
      said: 'im.message.add?DIALOG_ID=chat$result[chat]&MESSAGE=of $result[members][0] and $result[members][1] in $result[chat]',
      read: 'im.dialog.messages.get?DIALOG_ID=chat$result[chat]&LIMIT=1',
    });
    expect(result_error).toEqual([]);
    const { chat, users, read } = result as { chat: number; users: object; read: { messages: Array<{ text: string }> } };
    expect(Object.keys(users).sort()).toEqual([anna.userId, boris.userId].map(String).sort());
    expect(read.messages[0]!.text).toBe(`of ${anna.userId} and ${boris.userId} in ${chat}`);
  });

  test('percent-encoded ones are found after decoding; list commands are named by number', async () => {
    const { result } = await batch(['profile', 'im.user.get?ID=%24result%5B0%5D%5BID%5D']);
    expect(result).toEqual([expect.anything(), expect.objectContaining({ id: anna.userId })]);
  });

  test('totals, times and errors can be referred to', async () => {
    const { result } = await batch({
      users: 'user.get', bad: 'im.nope',
      said: `im.message.add?DIALOG_ID=${boris.userId}&MESSAGE=$total[users] $error[bad][error] $time[users][operating]`,
      read: `im.dialog.messages.get?DIALOG_ID=${boris.userId}&LIMIT=1`,
    });
    // Operating time is counted from a tenth of a second on.
    expect((result as { read: { messages: Array<{ text: string }> } }).read.messages[0]!.text).toMatch(/^3 ERROR_METHOD_NOT_FOUND (0|0\.[1-9]\d*)$/);
  });

  test('a missing key means what was reached; text cannot hold that, and stays as it is', async () => {
    const { result, result_error } = await batch({
      me: 'profile',
      self: 'im.user.get?ID=$result[me][ID][nothing][more]',
      said: `im.message.add?DIALOG_ID=${boris.userId}&MESSAGE=see $result[nothing][x] $result $Result[me][ID]`,
      read: `im.dialog.messages.get?DIALOG_ID=${boris.userId}&LIMIT=1`,
      list: 'im.user.get?ID=$result[later]',
    });
    expect(result).toMatchObject({ self: { id: anna.userId } });
    expect((result as { read: { messages: Array<{ text: string }> } }).read.messages[0]!.text).toBe('see $result[nothing][x] $result $Result[me][ID]');
    expect(Object.keys(result_error)).toEqual(['list']);
  });

  test('a command cannot refer to itself or to later ones', async () => {
    const { result_error } = await batch({ a: 'im.dialog.get?DIALOG_ID=$result[b]', b: 'im.dialog.get?DIALOG_ID=$result[a]' });
    expect(result_error).toMatchObject({ a: { error: 'DIALOG_ID_EMPTY' }, b: { error: 'DIALOG_ID_EMPTY' } });
  });

  test('keys of objects that nobody sent lead nowhere', async () => {
    const { result_error } = await batch({ me: 'profile', a: 'im.dialog.get?DIALOG_ID=$result[__proto__]', b: 'im.dialog.get?DIALOG_ID=$result[me][constructor][name]' });
    expect(result_error).toMatchObject({ a: { error: 'DIALOG_ID_EMPTY' }, b: { error: 'DIALOG_ID_EMPTY' } });
  });
});
