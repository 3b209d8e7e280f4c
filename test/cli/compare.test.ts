/** `tidemark compare`: against a portal with other data nothing differs, and whatever is planted in its answers is found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Comparison, comparePortals, type Finding, probesOf } from '../../src/compare/comparison.ts';
import { PROBES } from '../../src/compare/probes.ts';
import { seedPortal } from '../../src/demo/seed/seeder.ts';
import { methods } from '../../src/methods/index.ts';
import { Reference } from '../../src/reference/reference.ts';
import { type Change, type ChangedPortal, type Said, startChangedPortal } from '../support/changed-portal.ts';
import { tidemark } from '../support/command.ts';
import { dump } from '../support/dump.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Nothing is tidied meanwhile: whatever changes in the store, a call has changed. */
const STILL = { folding: 'never' } as const;

let here: TestServer;
let there: TestServer;
let other: ChangedPortal;
let reference: Reference;

beforeAll(async () => {
  reference = await Reference.of(methods);
  here = await startTestServer({ empty: false }, STILL);
  // On the other engine where there are two.
  there = await startTestServer({ databaseUrl: '' }, STILL);
  await seedPortal(there.server.context.db, there.clock, { users: 30, chats: 60, messages: 300, seed: 3 }, () => {});
  other = await startChangedPortal(there.admin);
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await Promise.all([here, there].map((portal) => portal[Symbol.asyncDispose]()));
});
afterEach(() => {
  other.change = () => undefined;
});

const compare = (names?: readonly string[], portals: { here: string; there: string } = { here: here.admin.url, there: other.url }): Promise<Comparison> =>
  comparePortals({ reference, ...portals }, names && probesOf(names));
const line = ({ method, what, path, here: mine, there: others }: Finding) => `${method}${what && ` (${what})`}${path && ` ${path}`}: ${mine} | ${others}`;

describe('portals with other data', () => {
  test('do not differ, whichever is asked by the other, and stand as they stood', async () => {
    const dumps = () => Promise.all([here, there].map(({ server }) => dump(server.context.db)));
    const before = await dumps();
    const found = await compare();
    expect(found.differences).toEqual([]);
    expect(found.methods).toBeGreaterThan(50);
    expect((await compare(undefined, { here: other.url, there: here.admin.url })).differences).toEqual([]);
    const after = await dumps();
    expect(before.map((one, at) => Object.keys(one).filter((table) => one[table]!.join() !== after[at]![table]!.join()))).toEqual([[], []]);
  });

  test('are asked by nothing but what is known to read', () => {
    const called = new Set(other.calls.map(({ method }) => method));
    expect([...called].filter((method) => WRITING.includes(method) || !PROBES.some((probe) => probe.method === method))).toEqual([]);
    const left = methods.map(({ name }) => name).filter((name) => !name.startsWith('tidemark.') && !PROBES.some(({ method }) => method === name));
    expect(left.sort()).toEqual([...WRITING].sort());
  });

  test('a portal of one user has little to compare, and it is said what', async () => {
    const alone = await startTestServer();
    const { differences, incomparable } = await compare(undefined, { here: here.admin.url, there: alone.admin.url });
    await alone[Symbol.asyncDispose]();
    expect(differences).toEqual([]);
    expect(incomparable.map(line)).toEqual(expect.arrayContaining(['im.dialog.get (groups): 200 | no groups', 'im.recent.list result.items: list | []']));
  });
});

/** Methods that change something, may make what they give, or give each change once; and those of addresses for files. */
const WRITING = [
  'app.option.set', 'department.add', 'department.delete', 'department.update', 'disk.file.delete', 'disk.file.getExternalLink', 'disk.folder.addSubfolder',
  'disk.folder.uploadFile', 'disk.storage.getList', 'disk.storage.uploadFile', 'download', 'event.bind', 'event.offline.clear', 'event.offline.error', 'event.offline.get', 'event.test', 'event.unbind',
  'im.chat.add', 'im.chat.leave', 'im.chat.mute', 'im.chat.setManager', 'im.chat.setOwner', 'im.chat.updateAvatar', 'im.chat.updateColor', 'im.chat.updateTitle',
  'im.chat.user.add', 'im.chat.user.delete', 'im.dialog.read', 'im.dialog.read.all', 'im.dialog.unread', 'im.dialog.writing', 'im.disk.file.commit', 'im.disk.file.delete',
  'im.disk.file.save', 'im.disk.folder.get', 'im.message.add', 'im.message.delete', 'im.message.like', 'im.message.share', 'im.message.update', 'im.notify', 'im.notify.answer',
  'im.notify.confirm', 'im.notify.delete', 'im.notify.personal.add', 'im.notify.read', 'im.notify.read.all', 'im.notify.read.list', 'im.notify.system.add', 'im.recent.hide',
  'im.recent.pin', 'im.recent.unread', 'im.search.last.add', 'im.search.last.delete', 'im.user.status.idle.end', 'im.user.status.idle.start', 'im.user.status.set',
  'im.v2.Event.get', 'im.v2.Event.subscribe', 'im.v2.Event.unsubscribe', 'im.v2.File.upload', 'pull.application.config.get', 'pull.application.event.add',
  'pull.application.push.add', 'pull.channel.public.get', 'pull.channel.public.list', 'pull.config.get', 'pull.watch.extend', 'upload', 'user.add', 'user.option.set', 'user.update',
];

type Row = Record<string, unknown>;
/** Changes each row of a list, or the one that there is. */
const rows = (change: (row: Row) => void, within?: string): Change => (_method, said) => {
  const list = within === undefined ? said.body.result : (said.body.result as Row | undefined)?.[within];
  for (const row of [list].flat()) if (row !== undefined) change(row as Row);
};
const inChats = (change: (chat: Row) => void) => rows((row) => String(row['id']).startsWith('chat') && change(row['chat'] as Row), 'items');
const heads = (change: (said: Said) => Partial<Said>): Change => (_method, said) => ({ ...said, ...change(said) });
const ofErrors = (change: (said: Said) => Partial<Said>): Change => heads((said) => (said.body['error'] === undefined ? {} : change(said)));
const ofAnswers = (change: (said: Said) => Partial<Said>): Change => heads((said) => (said.body['error'] === undefined ? change(said) : {}));
const renamed = (code: string) => ofErrors(({ body }) => ({ body: { ...body, error: code } }));

describe('what is planted is found, and nothing else', () => {
  test.each<[string, method: string, Change, string[]]>([
    ['a field that is gone', 'im.recent.list', inChats((chat) => delete chat['owner']), ['', ' (first page)'].map((what) => `im.recent.list${what} result.items[].chat.owner: integer | missing`)],
    ['a number in quotes', 'im.recent.get', rows((row) => (row['chat_id'] = String(row['chat_id']))), ['im.recent.get result[].chat_id: integer | number in quotes']],
    ['a field of another name', 'im.dialog.users.list', rows((row) => { row['lastName'] = row['last_name']; delete row['last_name']; }), [
      'im.dialog.users.list (groups) result[].last_name: text | missing', 'im.dialog.users.list (groups) result[].lastName: missing | empty text or text',
    ]],
    ['a field more', 'im.revision.get', rows((row) => (row['desktop_api'] = 5)), ['im.revision.get result.desktop_api: missing | integer']],
    ['a date of another form', 'im.recent.get', rows((row) => (row['date_update'] = '31.01.2026 10:00:00')), ['im.recent.get result[].date_update: date | text']],
    ['a date within a record of texts', 'user.get', rows((row) => (row['DATE_REGISTER'] = '31.01.2026')), ['user.get result[].DATE_REGISTER: date | text']],
    ['a field of users that is always there', 'user.get', rows((row) => delete row['IS_ONLINE']), ['user.get result[].IS_ONLINE: text | missing']],
    ['null', 'im.recent.get', rows((row) => (row['counter'] = null)), ['im.recent.get result[].counter: integer | null']],
    ['an object for an empty list', 'im.recent.get', rows((row) => (row['options'] = {})), ['im.recent.get result[].options: [] | object']],
    ['a map instead of a list', 'im.dialog.users.list', ofAnswers(({ body }) => ({ body: { ...body, result: { ...(body.result as Row) } } })), ['im.dialog.users.list (groups) result: list | object']],
    ['Y and N', 'im.recent.list', ofAnswers(({ body }) => ({ body: { ...body, result: { ...(body.result as Row), hasMore: 'N' } } })), ['', ' (first page)'].map((what) => `im.recent.list${what} result.hasMore: true or false | text`)],
    ['in every other row', 'im.dialog.messages.get', rows((row) => Number(row['id']) % 2 === 0 && delete row['uuid'], 'messages'), ['groups', 'others'].map((what) => `im.dialog.messages.get (${what}) result.messages[].uuid: always | sometimes missing`)],
    ['a word of its own', 'im.recent.get', rows((row) => row['type'] === 'chat' && (row['type'] = 'channel')), ['im.recent.get result[].type: text | text or text like none declared']],
    ['no total', 'user.get', heads(({ body: { total: _total, ...body } }) => ({ body })), ['user.get total: integer | missing']],
    ['time that is counted otherwise', 'server.time', heads(({ body }) => ({ body: { ...body, time: { ...(body['time'] as Row), duration: '0.1', operating: undefined } } })), [
      'server.time time.duration: fraction | number in quotes', 'server.time time.operating: integer | missing',
    ]],
    ['another code', 'im.user.get', renamed('ERROR_USER'), ['ID that is none', 'of nobody'].map((what) => `im.user.get (${what}): 400 ${what === 'of nobody' ? 'USER_NOT_EXISTS' : 'ID_EMPTY'} | 400 ERROR_USER`)],
    ['a code that nobody knows', 'im.user.list.get', renamed('s3cr3t'), ['without ID', 'ID that is none'].map((what) => `im.user.list.get (${what}): 400 INVALID_FORMAT | 400 a code of its own`)],
    ['another status', 'im.chat.user.list', ofErrors(() => ({ status: 403 })), ['im.chat.user.list (without CHAT_ID): 400 CHAT_ID_EMPTY | 403 CHAT_ID_EMPTY']],
    ['an error that says more', 'im.search.user.list', ofErrors(({ body }) => ({ body: { ...body, details: [] } })), ['im.search.user.list (FIND too short) details: missing | []']],
    ['another type of content', 'server.time', heads(() => ({ type: 'text/html; charset=utf-8' })), ['server.time: 200 | 200 as text/html']],
    ['no JSON', 'server.time', heads(() => ({ body: '<p>' as unknown as Row })), ['server.time: 200 | 200 no JSON']],
    ['no such method', 'im.search.last.get', (_method, said) => ({ ...said, status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND', error_description: '' } }), ['im.search.last.get: 200 | 404 ERROR_METHOD_NOT_FOUND']],
    ['an error for some', 'im.dialog.get', (_method, said, params) => (/^\d{1,5}$/.test(String(params['DIALOG_ID'])) ? { ...said, status: 403, body: { error: 'ACCESS_ERROR', error_description: '' } } : undefined), ['im.dialog.get (others): 200 | 403 ACCESS_ERROR']],
    ['success where there is an error', 'feature.get', ofErrors(({ type }) => ({ status: 200, type, body: { result: { value: 'N' } } })), ['feature.get (without CODE): 400 CODE_EMPTY | 200']],
  ])('%s', async (_what, method, change, expected) => {
    other.change = (called, said, params) => (called === method ? change(called, said, params): undefined);
    const { differences } = await compare([method]);
    expect(differences.map(line).sort()).toEqual([...expected].sort());
  });

  test('what the webhook may not see is no difference', async () => {
    other.change = (method, said) => (method.startsWith('user.') ? { ...said, status: 401, body: { error: 'insufficient_scope', error_description: '' } } : undefined);
    const { differences, incomparable, methods: count } = await compare(['user.current', 'user.fields', 'scope']);
    expect({ differences, count }).toEqual({ differences: [], count: 1 });
    expect(incomparable.map(line)).toEqual(['user.current: 200 | 401 insufficient_scope', 'user.fields: 200 | 401 insufficient_scope']);
  });
});

describe('the command', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidemark-compare-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const store = () => ['--data', here.folder, ...(here.databaseUrl ? ['--database-url', here.databaseUrl] : [])];
  const webhooks = async () => (await here.admin.raw('tidemark.webhooks.list')).body['total'];
  /** No other text of a portal's than the words that are in every declaration. */
  const textsOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, one]) => [key, ...textsOf(one)]) : []);

  test('with a webhook of its own: the same is 0, and the webhook is gone', async () => {
    const before = await webhooks();
    const { code, stdout, stderr } = await tidemark('compare', '--with', other.url, '--methods', 'im.revision.get,im.counters.*', ...store());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Not comparable, .*\n {2}im\.counters\.get: result\.[^]*\n2 methods compared, no differences\n$/);
    expect(await webhooks()).toBe(before);
  });

  test('differences are 1, told by their places and never by what is there', async () => {
    other.change = (method, said) => {
      const told = JSON.parse(JSON.stringify(said, (_key, value: unknown) => (typeof value === 'number' ? String(value) : typeof value === 'boolean' ? 'Y' : value))) as Said;
      return { ...said, status: said.body['error'] === undefined ? 200 : 418, body: { ...told.body, ...(method !== 'profile' && { [there.admin.url]: there.admin.url, s3cr3tK3y0: 1 }) } };
    };
    const calls = other.calls.length;
    const args = ['compare', '--with', other.url, '--own', here.admin.url];
    const [lines, json] = await Promise.all([tidemark(...args), tidemark(...args, '--json')]);
    expect([lines, json]).toMatchObject([{ code: 1, stderr: '' }, { code: 1, stderr: '' }]);
    const { same, differences, not_comparable: open } = JSON.parse(json.stdout) as { same: boolean; differences: Finding[]; not_comparable: Finding[] };
    expect({ same, enough: differences.length > 500, told: open.length > 5 }).toEqual({ same: false, enough: true, told: true });
    expect(lines.stdout).toMatch(/^im\.recent\.get$/m);
    expect(lines.stdout).toContain('\n  result[].chat_id: integer here, number in quotes there\n');
    expect(lines.stdout).toContain(`\n${new Set(PROBES.map(({ method }) => method)).size} methods compared, ${differences.length} differences\n`.slice(-20));
    const envelope = (await here.admin.raw('profile')).body;
    const declared = JSON.stringify([reference, Object.keys(envelope), Object.keys(envelope.time as object)]).toLowerCase();
    const said = [...other.calls.slice(calls).map((call) => call.said.body), await here.admin.call('im.recent.get'), await here.admin.call('user.get')].flatMap(textsOf);
    const secrets = new Set(said.filter((text) => text.length > 3 && !declared.includes(text.toLowerCase()) && !/^(?:chat)?\d+$/.test(text)));
    expect(secrets.size).toBeGreaterThan(300);
    const [printed, hooks] = [lines.stdout + json.stdout, [here, there].map(({ admin }) => admin.url.split('/').at(-2)!)];
    expect([...secrets, ...hooks, 's3cr3tK3y0'].filter((text) => printed.includes(text))).toEqual([]);
  });

  test('a portal that is called too often is called again', async () => {
    let refused = 0;
    other.change = (method) => (method === 'im.revision.get' && refused < 2 ? (refused += 1, { status: 503, type: 'application/json', body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: '' } }) : undefined);
    const { differences, calls, methods: count } = await compare(['im.revision.get']);
    expect({ differences, count, more: calls.there - calls.here }).toEqual({ differences: [], count: 1, more: 2 });
  });

  test.each<[string, () => string[], RegExp]>([
    ['nothing to compare with', () => [], /^tidemark: --with: give the address of a webhook\n$/],
    ['no webhook', () => ['--with', 'https://example.org/'], /^tidemark: --with: this is no address of a webhook\n$/],
    ['half a webhook', () => ['--with', '1/secretcode'], /^tidemark: --with: the other portal needs the whole address of a webhook\n$/],
    ['nobody there', () => ['--with', 'http://127.0.0.1:1/rest/1/secretcode/', '--own', here.admin.url], /^tidemark: the portal there does not answer at http:\/\/127\.0\.0\.1:1: .+\n$/],
    ['a wrong webhook', () => ['--with', `${there.http}/rest/1/secretcode/`, ...store()], /^tidemark: the portal there refuses the webhook: 401 INVALID_CREDENTIALS\n$/],
    ['no server here', () => ['--with', other.url, '--data', join(folder, 'none')], /^tidemark: no server runs on .*\n$/],
    ['a method that writes', () => ['--with', other.url, '--methods', 'im.message.add', ...store()], /^tidemark: --methods: "im\.message\.add" is none of those that only read: access\.name, /],
    ['a flag that there is not', () => ['--wiht', 'x'], /^error: unknown option '--wiht'/],
  ])('%s is 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await tidemark('compare', ...args());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secretcode');
  });

  test('a page that is no portal, and a portal that shows the webhook nothing, are 2', async () => {
    other.change = (_method, said) => ({ ...said, type: 'text/html', body: '<p>' as unknown as Row });
    expect(await tidemark('compare', '--with', other.url, ...store())).toEqual({ code: 2, stdout: '', stderr: 'tidemark: what answers there is no portal: 200, and no JSON\n' });
    other.change = (method, said) => (method === 'profile' ? said : { ...said, status: 401, body: { error: 'insufficient_scope', error_description: '' } });
    const { code, stderr } = await tidemark('compare', '--with', other.url, '--methods', 'im.revision.get', ...store());
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'tidemark: nothing could be compared\n' });
  });
});
