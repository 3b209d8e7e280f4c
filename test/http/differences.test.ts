/** docs/differences.md: each of its points, as a client sees it, or the tests that have more to say of it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeLink } from '../../src/identity/logins.ts';
import { addApp, askForTokens, type TestApp } from '../support/application.ts';
import { Browser, wordsOf } from '../support/browser.ts';
import { addCircle, type Circle, rowOf, say } from '../support/people.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'differences.md'), 'utf8');
/** How each point of the page begins. */
const points = [...page.matchAll(/^- \*\*([^]*?)\*\*/gm)].map(([, lead]) => lead!.replaceAll(/\s+/g, ' '));

const ATOM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/;

let portal: TestServer;
let app: TestApp;
let circle: Circle;
beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal, { title: 'Sales', redirectUri: 'https://app.example.org/back' });
  circle = await addCircle(portal);
});
afterAll(() => portal[Symbol.asyncDispose]());

const post = (method: string, body: string) => send(`${portal.admin.url}${method}`, { headers: { 'content-type': 'application/json' }, body });

/** A test file, or what shows that the point is true. */
const SHOWN: Record<string, string | (() => Promise<void>)> = {
  'Values that cannot be used are refused.': async () => {
    expect(await portal.admin.fails('im.recent.get', { LAST_SYNC_DATE: 'yesterday' })).toMatchObject({ status: 400, error: 'ERROR_ARGUMENT', argument: 'LAST_SYNC_DATE' });
  },
  'A body that is no JSON is refused': async () => {
    expect((await post('im.recent.get', '{"LIMIT": }')).body).toMatchObject({ error: 'INVALID_JSON' });
  },
  'A misspelt method says what was probably meant': async () => {
    expect(await portal.admin.fails('im.recent.gets')).toMatchObject({ error: 'ERROR_METHOD_NOT_FOUND', text: expect.stringContaining('im.recent.get.') });
  },
  'A misspelt filter is refused': async () => {
    expect((await portal.admin.fails('user.get', { FILTER: { ACTVE: 'Y' } })).text).toContain('ACTVE');
  },
  'Sending again gives the same message.': async () => {
    const sends = await Promise.all([1, 2, 3].map(() => say(circle.owner, circle.dialog, { TEMPLATE_ID: '5d0a1f9e-0000-4000-8000-000000000001' })));
    expect(new Set(sends).size).toBe(1);
  },
  'Pages of `im.recent.list` are full': 'test/http/recent-walk.test.ts',
  'Whatever changes a row moves its `date_update` forward': async () => {
    const before = (await rowOf(circle.owner, circle.dialog))!.date_update;
    portal.clock.advance(2_000);
    await circle.owner.call('im.chat.mute', { CHAT_ID: circle.chat, ACTION: 'Y' });
    expect(Date.parse((await rowOf(circle.owner, circle.dialog))!.date_update)).toBeGreaterThan(Date.parse(before));
  },
  'Events are delivered at least once': 'test/http/events.test.ts',
  'The list, the totals and the page show the same number.': async () => {
    const message = await say(circle.owner, circle.dialog);
    expect((await rowOf(circle.other, circle.dialog))!.counter).toBeGreaterThan(0);
    const before = (await rowOf(circle.other, circle.dialog))!.counter;
    await circle.owner.call('im.message.delete', { MESSAGE_ID: message });
    const { counter } = (await rowOf(circle.other, circle.dialog))!;
    expect(counter).toBe(before - 1);
    expect(await circle.other.call('im.counters.get')).toMatchObject({ CHAT: counter === 0 ? [] : { [circle.chat]: counter } });
  },
  'A flag is set by `Y`, `1` or `true`': async () => {
    for (const [on, off] of [['Y', 'N'], ['1', '0'], [true, false], ['true', 'false']]) {
      for (const [PIN, pinned] of [[on, true], [off, false]]) {
        await circle.owner.call('im.recent.pin', { DIALOG_ID: circle.dialog, PIN });
        expect((await rowOf(circle.owner, circle.dialog))!.pinned, String(PIN)).toBe(pinned);
      }
    }
  },
  'Dates are ATOM': async () => {
    const [{ DATE_REGISTER }] = await portal.admin.call<[{ DATE_REGISTER: string }]>('user.get', { ID: 1 });
    expect(DATE_REGISTER).toMatch(ATOM);
    expect((await rowOf(circle.owner, circle.dialog))!.message.date).toMatch(ATOM);
  },
  'Errors are JSON': 'test/http/system-errors.test.ts',
  'HTTP works beside HTTPS': async () => {
    const path = new URL(circle.owner.url).pathname;
    for (const origin of [portal.http, portal.https]) {
      expect((await send(`${origin}${path}profile`, { ca: readFileSync(portal.ca, 'utf8') })).status).toBe(200);
    }
  },
  'Nothing is limited unless you say so.': async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => circle.member.raw('server.time')));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  },
  "One's own messages can be edited for ever": async () => {
    const message = await say(circle.member, circle.dialog);
    portal.clock.advance(30 * 86_400_000);
    expect(await circle.member.call('im.message.update', { MESSAGE_ID: message, MESSAGE: 'A month later' })).toBe(true);
  },
  '`user.add` adds': async () => {
    const id = await portal.admin.call<number>('user.add', { EMAIL: 'new@example.org', NAME: 'New' });
    expect(await portal.admin.call('user.get', { ID: id })).toMatchObject([{ NAME: 'New', ACTIVE: true }]);
  },
  'The authorization server is the portal itself': async () => {
    const browser = new Browser(portal.http);
    await browser.get(`/sign-in/?link=${await makeLink(portal.server.context, circle.owner.userId)}`);
    expect(wordsOf(await browser.get(`/oauth/authorize/?client_id=${app.clientId}`))).toContain('Sales asks for access');
  },
  'A refresh token that is used again later than 30 seconds after its first use ends the sign-in': async () => {
    const { refreshToken } = await app.tokens(circle.owner.userId);
    const again = async () => (await askForTokens(portal, { grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret, refresh_token: refreshToken })).body;
    const { access_token: token } = await again();
    const calls = async () => (await send(`${portal.http}/rest/profile?auth=${String(token)}`)).status;
    expect([(await again())['error'], await calls()]).toEqual([undefined, 200]);
    portal.clock.advance(31_000);
    expect([(await again())['error'], await calls()]).toEqual(['invalid_grant', 401]);
  },
  'Handlers have public addresses': 'test/http/events.test.ts',
  'Links in messages are not looked at': 'test/http/link-previews.test.ts',
  'A guest sees nobody without a shared chat': 'test/http/foreign-chats.test.ts',
  '`tidemark.recent.changes`': async () => {
    const { token } = await circle.owner.call<{ token: string }>('tidemark.recent.changes');
    const waiting = circle.owner.call('tidemark.recent.changes', { TOKEN: token, WAIT: 30 });
    await circle.owner.call('im.recent.hide', { DIALOG_ID: circle.dialog });
    expect(await waiting).toMatchObject({ removed: [circle.dialog] });
  },
  'Being told at once': 'test/http/push.test.ts',
  'Chat events for applications': async () => {
    const caller = await app.as(portal.admin);
    expect(await caller.call('event.bind', { EVENT: 'ONIMV2MESSAGEADD', HANDLER: 'https://app.example.org/event' })).toBe(true);
  },
  'Errors on purpose': 'test/http/rehearsals.test.ts',
  'Reminders, comments, reactions, pinned messages and forwarding': async () => {
    const names = await portal.admin.call<string[]>('methods');
    expect(names).toEqual(expect.arrayContaining(['tidemark.reminder.add', 'tidemark.comments.open', 'tidemark.message.react', 'tidemark.message.pin']));
  },
  'Everything of `/admin/` as methods': 'test/http/admin-calls.test.ts',
  Bots: async () => {
    for (const method of ['imbot.register', 'imopenlines.session.start', 'crm.deal.list', 'task.item.list']) {
      expect(await portal.admin.fails(method)).toMatchObject({ status: 404, error: 'ERROR_METHOD_NOT_FOUND' });
    }
  },
  'No general chat': async () => {
    const rows = await portal.admin.call<{ items: Array<{ chat: { type?: string } }> }>('im.recent.list');
    expect(rows.items.filter(({ chat }) => chat?.type === 'general')).toEqual([]);
  },
};

test('each point of the page is shown, and nothing else', () => {
  expect(Object.keys(SHOWN)).toEqual(points);
  for (const shown of Object.values(SHOWN)) if (typeof shown === 'string') expect(existsSync(join(ROOT, shown)), shown).toBe(true);
});

test.each(Object.entries(SHOWN).flatMap(([point, show]) => (typeof show === 'function' ? [{ point, show }] : [])))('$point', ({ show }) => show());
