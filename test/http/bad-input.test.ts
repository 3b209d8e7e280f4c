/** Every parameter of every method with values that no well-behaved client sends, in JSON and in a form. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { type Hostile, hostileValues } from '../compat/hostile.ts';
import { addScene, type Scene } from '../compat/scene.ts';
import { callerOf, paramsBeside, validCalls } from '../compat/valid-calls.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

let portal: TestServer;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

type Kind = 'json' | 'form';

/** One call with one hostile parameter. */
interface Attempt {
  caller: Client;
  method: string;
  parameter: string;
  /** The other parameters, which are as they should be. */
  beside: () => Record<string, unknown>;
  kind: Kind;
  hostile: Hostile;
}

function describeAttempt({ method, parameter, kind, hostile }: Attempt): string {
  return `${method} with ${hostile.what} as ${parameter} in ${kind}`;
}

function sendAttempt({ caller, method, parameter, beside, kind, hostile }: Attempt): Promise<Reply> {
  const body = kind === 'json' ? jsonBody(beside(), parameter, hostile.json!) : formBody(beside(), parameter, hostile.form!);
  const type = kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  return send(caller.url + method, { body, headers: { 'content-type': type } });
}

function jsonBody(beside: object, parameter: string, value: string | Buffer): Buffer {
  const rest = JSON.stringify(beside).slice(1, -1);
  return Buffer.concat([Buffer.from(`{${rest}${rest && ','}"${parameter}":`), Buffer.from(value), Buffer.from('}')]);
}

function formBody(beside: object, parameter: string, form: string): string {
  const rest = Object.entries(beside).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((item) => `${name}[]=${item}`) : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return [...rest, form.replaceAll('P', parameter)].join('&');
}

/** Bytes of a JSON body are checked before it is known what they belong to. */
const NO_NAME_KNOWN = 'Wrong request encoding: the request is not valid UTF-8';

/** What is wrong with an answer, or nothing. */
function faults(attempt: Attempt, reply: Reply): string[] {
  const found: string[] = [];
  if (reply.headers['content-type'] !== 'application/json; charset=utf-8') found.push(`content type ${reply.headers['content-type']}`);
  if (reply.status >= 500) found.push(`status ${reply.status}`);
  const { error, error_description: text } = reply.body;
  if (reply.status === 200) return 'error' in reply.body ? [...found, 'an error with 200'] : found;
  if (typeof error !== 'string' || error === '') found.push(`code ${JSON.stringify(error)}`);
  if (!explains(attempt, String(text ?? ''))) found.push(`does not name the parameter: ${error} ${text}`);
  return found;
}

function explains({ method, parameter }: Attempt, text: string): boolean {
  const declared = methods.find((candidate) => candidate.name === method)!.errors;
  return text.includes(parameter) || text === NO_NAME_KNOWN || Object.values(declared).some((declaration) => declaration.text === text);
}

/** Makes all attempts; those that were refused, and what was wrong with the answers. */
async function attack(attempts: readonly Attempt[]): Promise<{ refused: Attempt[]; wrong: string[] }> {
  const refused: Attempt[] = [];
  const wrong: string[] = [];
  for (const attempt of attempts) {
    const reply = await sendAttempt(attempt);
    if (reply.status !== 200) refused.push(attempt);
    wrong.push(...faults(attempt, reply).map((fault) => `${describeAttempt(attempt)}: ${fault}`));
  }
  return { refused, wrong };
}

async function attemptsOn(method: string, scene: Scene): Promise<Attempt[]> {
  const call = validCalls[method]!;
  const given = (await call.params?.(scene)) ?? {};
  const parameters = Object.keys(methods.find(({ name }) => name === method)!.params);
  const hostile = hostileValues(scene);
  const caller = callerOf(scene, call);
  // The many fields of a profile are read alike: each meets some of the values, together they meet every one.
  const share = (parameters.length > MANY_PARAMETERS ? 4 : parameters.length > SOME_PARAMETERS ? 2 : 1) * ONE_IN;
  return parameters.flatMap((parameter, place) =>
    (['json', 'form'] as const).flatMap((kind) =>
      hostile
        .filter((value, index) => value[kind] !== undefined && (index + place) % share === 0)
        .map((value) => ({ caller, method, parameter, beside: () => paramsBeside(call, given, parameter), kind, hostile: value })),
    ),
  );
}

const MOST_REPEATED = runs(150);
/** All where everything is tried, else every third one. */
const ONE_IN = 4 - runs(3);
const SOME_PARAMETERS = 6;
const MANY_PARAMETERS = 30;

/** Parameters that name what the method adds: something may have been added under a number that was refused. */
const NAMES_ITS_OWN: Readonly<Record<string, readonly string[]>> = { 'department.add': ['PARENT'] };

/** Moves by itself with every call. */
const ACTIVITY = new Set(['urlDownload', 'urlShow', 'src', 'last_activity_date', 'LAST_ACTIVITY_DATE', 'LAST_LOGIN', 'IS_ONLINE']);

/** What several people see of their lists, counters and messages. */
async function snapshot({ anna, boris, clara, guest, victim, admin, chat, channel, workgroup, claras }: Scene): Promise<string> {
  const own = (who: Client) => Promise.all([who.call('im.recent.list', { LIMIT: 200 }), who.call('im.counters.get'), who.call('tidemark.reminder.list')]);
  // A number that is somebody else's may have been one that an administrator deletes.
  const dialog = async (who: Client, DIALOG_ID: string | number) => {
    const { body } = await who.raw('im.dialog.messages.get', { DIALOG_ID, LIMIT: 50 });
    return body.result ?? body.error;
  };
  const seen = await Promise.all([
    ...[anna, boris, clara, guest].map(own),
    ...[`chat${chat}`, `chat${channel}`, `chat${workgroup}`, boris.userId].map((id) => dialog(anna, id)),
    dialog(clara, `chat${claras}`), admin.call('im.user.get', { ID: victim.userId }), admin.call('user.get', { SORT: 'ID', ORDER: 'DESC' }),
  ]);
  return JSON.stringify(seen, (key, value: unknown) => (ACTIVITY.has(key) ? undefined : value));
}

/** Some of many, from all over the list. */
function sample<T>(all: readonly T[]): T[] {
  const step = Math.ceil(all.length / MOST_REPEATED);
  return all.filter((_, index) => index % step === 0);
}

/** They work at addresses that other methods give, and take no parameters. */
const BY_ADDRESS = new Set(['download', 'upload']);
const names = methods.map((method) => method.name).filter((name) => !BY_ADDRESS.has(name));

test('every method has a call to put bad values beside', () => {
  expect(Object.keys(validCalls).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (method) => {
  test('succeeds as it should be called', async () => {
    const scene = await addScene(portal);
    const call = validCalls[method]!;
    const given = (await call.params?.(scene)) ?? {};
    expect(await callerOf(scene, call).raw(method, paramsBeside(call, given, ''))).toMatchObject({ status: 200 });
  });

  test('answers JSON that names what is wrong, and a refused call writes nothing', { timeout: 120_000 }, async () => {
    const scene = await addScene(portal);
    const { refused, wrong } = await attack(await attemptsOn(method, scene));
    expect(wrong).toEqual([]);
    const before = await snapshot(scene);
    for (const attempt of sample(refused)) {
      const reply = await sendAttempt(attempt);
      if (reply.status === 200 && !(NAMES_ITS_OWN[method] ?? []).includes(attempt.parameter)) throw new Error(`${describeAttempt(attempt)} was refused and now is not`);
    }
    expect(await snapshot(scene)).toBe(before);
  });
});

describe('dates at the end of the calendar', () => {
  const LATE = ['9999-12-31T23:59:59-12:00', '9999-12-31T23:59:59Z', '9999-12-31'];
  const NOT_THERE = [
    '2026-02-25T18:30:00+99:99', '2026-02-25T18:30:00+24:00', '2026-02-25T18:30:00+01:60', '2026-02-25T24:00:01Z', '2026-13-01',
    '2026-02-29',
  ];

  test.each(LATE)('%s is refused, or shown as it was given', async (DATE) => {
    const { anna, messages } = await addScene(portal);
    const { status } = await anna.raw('tidemark.reminder.add', { MESSAGE_ID: messages.annas, DATE });
    const shown = await anna.call<Array<{ date: string }>>('tidemark.reminder.list');
    expect(shown.map(({ date }) => Date.parse(date))).toEqual(status === 200 ? [Date.parse(DATE)] : []);
  });

  test.each(LATE)('ABSENT_UNTIL %s is refused, or shown as it was given, and breaks nobody\'s list', async (ABSENT_UNTIL) => {
    const { admin, victim, anna } = await addScene(portal);
    await anna.call('im.message.add', { DIALOG_ID: victim.userId, MESSAGE: 'said' });
    const { status } = await admin.raw('user.update', { ID: victim.userId, ABSENT_UNTIL });
    const [row] = await anna.call<Array<{ user: { absent: string | false } }>>('im.recent.get', { SKIP_CHAT: 'Y' });
    expect(row!.user.absent && Date.parse(row!.user.absent)).toBe(status === 200 && Date.parse(ABSENT_UNTIL));
  });

  test.each([...LATE, '2026-12-31', '1996-02-29'])('PERSONAL_BIRTHDAY %s is refused, or kept as a day and a month', async (PERSONAL_BIRTHDAY) => {
    const { admin, victim } = await addScene(portal);
    const { status } = await admin.raw('user.update', { ID: victim.userId, PERSONAL_BIRTHDAY });
    const { birthday } = await victim.call<{ birthday: string }>('im.user.get');
    expect(birthday).toMatch(status === 200 ? /^\d\d-\d\d$/ : /^$/);
  });

  test.each(NOT_THERE)('%s is no date', async (date) => {
    const { anna } = await addScene(portal);
    expect(await anna.fails('im.recent.get', { LAST_UPDATE: date })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'LAST_UPDATE' });
  });
});

describe('names of parameters', () => {
  test.each(['__proto__', 'constructor', 'toString', '💥', 'a'.repeat(100_000), '', ' ', '0', 'SKIP_CHAT ', 'bx24_request_id'])('an odd one is ignored: %j', async (name) => {
    const headers = { 'content-type': 'application/json' };
    const { url } = await portal.addUser('Loner');
    const reply = await send(`${url}im.recent.get`, { body: `{${JSON.stringify(name)}: {"x": [1]}}`, headers });
    expect(reply).toMatchObject({ status: 200, body: { result: [] } });
  });
});
