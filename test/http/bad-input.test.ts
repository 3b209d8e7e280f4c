/** Every parameter of every method with values that no well-behaved client sends, in JSON and in a form. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { type Hostile, hostileValues } from '../compat/hostile.ts';
import { type Scene, startScene } from '../compat/scene.ts';
import { callerOf, paramsBeside, validCalls } from '../compat/valid-calls.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

type Kind = 'json' | 'form';

/** One call with one hostile parameter. */
interface Attempt {
  method: string;
  parameter: string;
  kind: Kind;
  hostile: Hostile;
}

function describeAttempt({ method, parameter, kind, hostile }: Attempt): string {
  return `${method} with ${hostile.what} as ${parameter} in ${kind}`;
}

function sendAttempt({ method, parameter, kind, hostile }: Attempt): Promise<Reply> {
  const call = validCalls[method]!;
  const { url } = callerOf(scene, call);
  const beside = paramsBeside(scene, call, parameter);
  const body = kind === 'json' ? jsonBody(beside, parameter, hostile.json!) : formBody(beside, parameter, hostile.form!);
  const type = kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  return send(url + method, { body, headers: { 'content-type': type } });
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

/** All attempts on a method; those that were refused, and what was wrong with the answers. */
async function attack(method: string): Promise<{ refused: Attempt[]; wrong: string[] }> {
  const refused: Attempt[] = [];
  const wrong: string[] = [];
  for (const attempt of attemptsOn(method)) {
    const reply = await sendAttempt(attempt);
    if (reply.status !== 200) refused.push(attempt);
    wrong.push(...faults(attempt, reply).map((fault) => `${describeAttempt(attempt)}: ${fault}`));
  }
  return { refused, wrong };
}

function attemptsOn(method: string): Attempt[] {
  const parameters = Object.keys(methods.find(({ name }) => name === method)!.params);
  const hostile = hostileValues(scene);
  return parameters.flatMap((parameter) =>
    (['json', 'form'] as const).flatMap((kind) =>
      hostile.filter((value) => value[kind] !== undefined).map((value) => ({ method, parameter, kind, hostile: value })),
    ),
  );
}

/** Moves by itself with every call. */
const ACTIVITY = new Set(['last_activity_date', 'LAST_ACTIVITY_DATE', 'LAST_LOGIN', 'IS_ONLINE']);

/** What several people see of their lists, counters and messages. */
async function snapshot(): Promise<string> {
  const { anna, boris, clara, guest, admin, chat, channel, workgroup, claras } = scene;
  const own = async (who: Client) => [await who.call('im.recent.list', { LIMIT: 200 }), await who.call('im.counters.get'), await who.call('tidemark.reminder.list')];
  const dialog = (who: Client, DIALOG_ID: string | number) => who.call('im.dialog.messages.get', { DIALOG_ID, LIMIT: 50 });
  const seen: unknown[] = [];
  for (const who of [anna, boris, clara, guest, admin]) seen.push(await own(who));
  for (const id of [`chat${chat}`, `chat${channel}`, `chat${workgroup}`, boris.userId]) seen.push(await dialog(anna, id));
  seen.push(await dialog(clara, `chat${claras}`), await admin.call('user.get', { SORT: 'ID', ORDER: 'DESC' }));
  return JSON.stringify(seen, (key, value: unknown) => (ACTIVITY.has(key) ? undefined : value));
}

const names = methods.map((method) => method.name);

test('every method has a call to put bad values beside', async () => {
  expect(Object.keys(validCalls).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (method) => {
  test('answers JSON that names what is wrong, and a refused call writes nothing', { timeout: 120_000 }, async () => {
    const { refused, wrong } = await attack(method);
    expect(wrong).toEqual([]);
    const before = await snapshot();
    for (const attempt of refused) {
      const reply = await sendAttempt(attempt);
      if (reply.status === 200) throw new Error(`${describeAttempt(attempt)} was refused and now is not`);
    }
    expect(await snapshot()).toBe(before);
  });
});

describe('names of parameters', () => {
  test.each(['__proto__', 'constructor', 'toString', '💥', 'a'.repeat(100_000), '', ' ', '0', 'SKIP_CHAT ', 'bx24_request_id'])('%.20s is ignored', async (name) => {
    const headers = { 'content-type': 'application/json' };
    const reply = await send(`${scene.anna.url}im.recent.get`, { body: `{${JSON.stringify(name)}: {"x": [1]}}`, headers });
    expect(reply.status).toBe(200);
    expect(reply.body['result']).toHaveLength(5);
  });
});
