/** JSON that comes as text within a parameter: the limits are those of a body, and the error names the parameter. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna');
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Every parameter of every method that is a list or a map; one that reads no text as JSON refuses it as a whole. */
const structured = () =>
  portal.server.context.dispatch.registry.all().flatMap(({ name, params }) =>
    Object.entries(params).filter(([, { type }]) => type === 'array' || type === 'object').map(([parameter]) => ({ name, parameter })),
  );

const LIMITS: Array<[what: string, text: string, error: string]> = [
  ['as deep as may be, and one more', `${'['.repeat(65)}${']'.repeat(65)}`, 'PARAMETERS_TOO_DEEP'],
  ['so deep that a recursive reader ends', '['.repeat(1_000_000), 'PARAMETERS_TOO_DEEP'],
  ['maps within maps', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`, 'PARAMETERS_TOO_DEEP'],
  ['one item too many', `[${'1,'.repeat(10_000)}1]`, 'TOO_MANY_PARAMETERS'],
  ['150 000 keys', `{${Array.from({ length: 150_000 }, (_, i) => `"k${i}":1`).join(',')}}`, 'TOO_MANY_PARAMETERS'],
  ['half a million empty maps', `[${'{},'.repeat(500_000)}{}]`, 'TOO_MANY_PARAMETERS'],
];

/** Besides the parameter what the method asks for. */
const REST: Record<string, string> = { ID: '1', DIALOG_ID: '1', CHAT_ID: '1', MESSAGE_ID: '1', MESSAGE: 'x', USER_ID: '1', PROCESS_ID: '1', EVENT: 'ONUSERADD', TITLE: 'x', CLIENT_ID: 'x', DIALOGID: '1' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** They take no JSON in text: it is an ordinary wrong value to them. */
const PLAIN_METHODS = new Set(['user.get', 'user.search', 'department.get']);
const PLAIN = new Set(['batch CMD', 'app.option.set OPTIONS', 'user.option.set OPTIONS', 'user.access ACCESS', 'access.name ACCESS']);

describe.each(LIMITS)('%s', (_, text, error) => {
  test('is refused by name, from a body and from a form', async () => {
    const wanted = structured().filter(({ name, parameter }) => !PLAIN_METHODS.has(name) && !PLAIN.has(`${name} ${parameter}`));
    expect(wanted.length).toBeGreaterThan(8);
    for (const { name, parameter } of wanted) {
      const { [parameter]: _replaced, ...others } = REST;
      const params = { ...others, [parameter]: text };
      expect([name, await anna.fails(name, params)]).toEqual([name, expect.objectContaining({ status: 400, error, argument: parameter, text: expect.stringContaining(`'${parameter}'`) })]);
      const form = await send(anna.url + name, { body: `${new URLSearchParams(others)}&${parameter}=${text}`, headers: FORM });
      expect(form.body).toMatchObject({ error, argument: parameter });
    }
  });
});

test('within the limits it is read as it would be in a body', async () => {
  const keyboard = [{ TEXT: 'Go', LINK: '/', FUNC: '__proto__' }];
  const [asText, asValue] = [
    await anna.call<number>('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x', KEYBOARD: `\n ${JSON.stringify(keyboard)}` }),
    await anna.call<number>('im.message.add', { DIALOG_ID: 1, MESSAGE: 'x', KEYBOARD: keyboard }),
  ];
  const { messages } = await anna.call<{ messages: Array<{ id: number; params: unknown }> }>('im.dialog.messages.get', { DIALOG_ID: 1 });
  const [second, first] = messages;
  expect([first, second]).toMatchObject([{ id: asText }, { id: asValue }]);
  expect(first!.params).toEqual(second!.params);
});

test('a lone surrogate within it is refused by name', async () => {
  expect(await anna.fails('im.message.add', { ...REST, ATTACH: '[{"MESSAGE":"\\ud800"}]' })).toMatchObject({ error: 'WRONG_ENCODING', argument: 'ATTACH' });
});
