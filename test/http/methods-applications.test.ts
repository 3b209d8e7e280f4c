/** What applications ask about themselves, what they keep here, and what rights callers have. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let app: TestApp;
let anna: Client;
/** Anna, Boris and the administrator through the application. */
let annas: Client;
let boriss: Client;
let admins: Client;

beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal, { scopes: ['im', 'user'], redirectUri: 'https://app.example.org/back' });
  anna = await portal.addUser('Anna', { last_name: 'Berg' });
  annas = await app.as(anna);
  boriss = await app.as(await portal.addUser('Boris'));
  admins = await app.as(portal.admin);
});
afterAll(() => portal[Symbol.asyncDispose]());

describe('app.info', () => {
  test('with a token: the portal\'s view and the authorization server\'s, at one address', async () => {
    const { hostname } = new URL(portal.http);
    const info = await annas.call<Record<string, unknown>>('app.info');
    expect(info).toEqual({
      ID: app.id, CODE: app.clientId, VERSION: 1, STATUS: 'L', INSTALLED: true, PAYMENT_EXPIRED: 'N', DAYS: null, LANGUAGE_ID: 'en',
      LICENSE: 'en_selfhosted', LICENSE_TYPE: 'selfhosted', LICENSE_FAMILY: 'selfhosted',
      client_id: app.clientId, scope: 'im,user', expires: expect.any(String), user_id: anna.userId,
      install: {
        installed: true, version: 1, status: 'L', scope: 'im,user', domain: hostname, uri: 'https://app.example.org/back',
        client_endpoint: `${portal.http}/rest/`, member_id: expect.stringMatching(/^[\da-f]{32}$/), member_type: 'selfhosted',
      },
    });
    const left = Date.parse(info['expires'] as string) - portal.clock.now();
    expect(left).toBeGreaterThan(3500_000);
    expect(left).toBeLessThanOrEqual(3600_000);
  });

  test('with a webhook: its scopes and the licence', async () => {
    expect(await anna.call('app.info')).toEqual({ SCOPE: await anna.call('scope'), LICENSE: 'en_selfhosted' });
  });
});

describe('options', () => {
  const VALUES = { text: 'väl🌊ue', number: 1.5, yes: true, nothing: null, list: [1, '2', { a: [] }], map: { deep: { er: false } }, '': undefined };

  test('of the application: every user reads what an administrator has written, with its types', async () => {
    expect(await annas.call('app.option.get')).toEqual([]);
    const { '': _, ...values } = VALUES;
    expect(await admins.call('app.option.set', { options: values })).toBe(true);
    expect(await annas.call('app.option.get')).toEqual(values);
    expect(await annas.call('app.option.get', { option: 'list' })).toEqual(values.list);
    expect(await annas.call('app.option.get', { option: 'LIST' })).toBeNull();
    await admins.call('app.option.set', { options: { text: 'new' } });
    expect(await boriss.call('app.option.get')).toEqual({ ...values, text: 'new' });
  });

  test('of a user: nobody else sees them', async () => {
    expect(await annas.call('user.option.set', { options: { theme: 'dark' } })).toBe(true);
    expect(await annas.call('user.option.get', { option: 'theme' })).toBe('dark');
    expect(await boriss.call('user.option.get')).toEqual([]);
    expect(await annas.call('app.option.get', { option: 'theme' })).toBeNull();
  });

  test('bare parameters are options too, as they are spelled; a value that is not there is a row of null in a batch', async () => {
    const user = await app.as(await portal.addUser('Bare'));
    expect(await user.call('user.option.set', { fontSize: 12, Dark: true })).toBe(true);
    expect(await user.call('user.option.get')).toEqual({ fontSize: 12, Dark: true });
    const { result, result_error } = await user.call<{ result: object; result_error: object }>('batch', {
      cmd: { set: 'user.option.set?size=$result[nothing]&deep[a]=1', there: 'user.option.get?option=Dark', gone: 'user.option.get?option=nothing' },
    });
    expect({ result, result_error }).toEqual({ result: { set: true, there: true, gone: null }, result_error: [] });
    expect(await user.call('user.option.get')).toEqual({ fontSize: 12, Dark: true, size: [], deep: { a: '1' } });
  });

  test('another application has its own', async () => {
    const other = await (await addApp(portal)).as(anna);
    expect(await other.call('user.option.get')).toEqual([]);
    expect(await other.call('app.option.get')).toEqual([]);
  });

  test.each([
    [undefined, "Argument 'OPTIONS' is null or empty"],
    [['a'], "The value of an argument 'OPTIONS' must be a map of values by name"],
    [{ '': 1 }, 'has a name that is empty'],
    [{ ['n'.repeat(256)]: 1 }, 'more than 255 characters'],
    [{ big: 'x'.repeat(65_534) }, 'longer than 65535 characters'],
    [Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`o${at}`, at])), 'would make more than 1000 options'],
  ])('%# are refused, and nothing is stored', async (options, text) => {
    const user = await app.as(await portal.addUser('Limits'));
    expect(await user.fails('user.option.set', { options })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'OPTIONS', text: expect.stringContaining(text) });
    expect(await user.call('user.option.get')).toEqual([]);
  });

  test('calls at once do not get past the limit', async () => {
    const user = await app.as(await portal.addUser('Crowd'));
    const some = (from: number) => Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`o${from + at}`, at]));
    const answers = await Promise.all([0, 300, 600, 900].map((from) => user.raw('user.option.set', { options: some(from) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 400]);
    expect(Object.keys(await user.call<object>('user.option.get'))).toHaveLength(900);
  });

  test('in a batch', async () => {
    const batch = { cmd: { set: 'user.option.set?options[a]=1', get: 'user.option.get?option=a', info: 'app.info' } };
    expect(await annas.call('batch', batch)).toMatchObject({ result: { set: true, get: '1', info: { CODE: app.clientId } }, result_error: [] });
  });
});

describe('rights', () => {
  test('method.get: whether it is there, and whether the scope covers it', async () => {
    expect(await annas.call('method.get', { name: 'Im.Recent.Get' })).toEqual({ isExisting: true, isAvailable: true });
    const noUser = await (await addApp(portal, { scopes: ['im'] })).as(anna);
    expect(await noUser.call('method.get', { name: 'user.get' })).toEqual({ isExisting: true, isAvailable: false });
    expect(await annas.call('method.get', { name: 'crm.lead.add' })).toEqual({ isExisting: false, isAvailable: false });
    expect(await annas.call('method.get')).toEqual({ isExisting: false, isAvailable: false });
  });

  test('feature.get', async () => {
    const ask = (CODE: string) => annas.call('feature.get', { CODE });
    expect(await Promise.all(['rest_offline_extended', 'rest_auth_connector', 'constructor', 'x'].map(ask))).toEqual([{ value: 'Y' }, { value: 'Y' }, { value: 'N' }, { value: 'N' }]);
  });

  test('user.admin, by webhook and by token', async () => {
    expect(await Promise.all([anna, annas, portal.admin, admins].map((who) => who.call('user.admin')))).toEqual([false, false, true, true]);
  });

  test('user.access: one of the rights is enough; administrators have all', async () => {
    const mine = `U${anna.userId}`;
    const answers = await Promise.all([mine, ['U1', mine], 'AU', ['G2'], 'U1', ['U1', 'G1'], 'x'].map((ACCESS) => anna.call('user.access', { ACCESS })));
    expect(answers).toEqual([true, true, true, true, false, false, false]);
    expect(await admins.call('user.access', { ACCESS: mine })).toBe(true);
    expect(await anna.fails('user.access')).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'ACCESS' });
  });

  test('access.name: known codes by name, nobody\'s that the caller may not see', async () => {
    const mine = `U${anna.userId}`;
    expect(await anna.call('access.name', { ACCESS: ['AU', mine, 'U999999', 'x', '__proto__'] })).toEqual({
      AU: { provider: '', name: 'All authorized users', provider_id: 'other' },
      [mine]: { provider: 'Users', name: 'Anna Berg', provider_id: 'user' },
    });
    expect(await anna.call('access.name', { ACCESS: ['x'] })).toEqual([]);
    expect(await anna.call('access.name')).toBe(false);
    const guest = await portal.addUser('Guest', { extranet: 1 });
    expect(await guest.call('access.name', { ACCESS: mine })).toEqual([]);
  });
});
