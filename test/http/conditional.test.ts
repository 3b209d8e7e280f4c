/** Tags of the recent list: who has the same list already is told so, whatever else has happened; a change is never missed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordActivity, updateUser } from '../../src/db/stores/user-store.ts';
import type { Client } from '../support/client.ts';
import { type Reply, send } from '../support/http.ts';
import { addCrowd, knownAsActive, say } from '../support/people.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let viewer: Client;
/** Has a dialog with the viewer. */
let partner: Client;
/** In no row of the viewer's. */
let stranger: Client;
let group: number;
/** More than a hundred members: a message touches nobody's row. */
let wide: number;
/** The viewer is no member yet. */
let elsewhere: number;
/** The partner's last message to the viewer. */
let message: number;

beforeAll(async () => {
  portal = await startTestServer();
  [viewer, partner, stranger] = [await portal.addUser('Viewer'), await portal.addUser('Partner'), await portal.addUser('Stranger')];
  group = await partner.call<number>('im.chat.add', { TITLE: 'Group', USERS: [viewer.userId] });
  wide = await partner.call<number>('im.chat.add', { TITLE: 'Wide', USERS: [viewer.userId, ...(await addCrowd(portal, 105))] });
  elsewhere = await partner.call<number>('im.chat.add', { TITLE: 'Elsewhere', USERS: [stranger.userId] });
  for (const id of [group, wide]) await say(partner, `chat${id}`);
  message = await say(partner, viewer.userId);
  await knownAsActive(portal, [portal.admin, viewer, partner, stranger]);
});
afterAll(() => portal[Symbol.asyncDispose]());

const admin = () => movedTo(portal, portal.admin);
const db = () => portal.server.context.db;

/** Asks for the list as somebody who has answers with these tags. */
function ask(tags: string | undefined, query = '', who = viewer): Promise<Reply> {
  return send(`${who.url}im.recent.get${query}`, { headers: tags === undefined ? {} : { 'if-none-match': tags } });
}

async function tagOf(query = '', who = viewer): Promise<string> {
  const { status, headers } = await ask(undefined, query, who);
  expect(status).toBe(200);
  expect(headers.etag).toMatch(/^W\/"[\w.-]+"$/);
  return headers.etag!;
}

/** Changes of which the viewer's list shows something, one after another. */
const CHANGES: Record<string, () => Promise<unknown>> = {
  'a private message': () => say(partner, viewer.userId),
  'a message in a group': () => say(partner, `chat${group}`),
  'a message in a wide chat': () => say(partner, `chat${wide}`),
  'the first message of somebody': () => say(stranger, viewer.userId),
  'a message edited': async () => partner.call('im.message.update', { MESSAGE_ID: (message = await say(partner, viewer.userId)), MESSAGE: 'Edited' }),
  'a message deleted': () => partner.call('im.message.delete', { MESSAGE_ID: message }),
  'the viewer reads': () => viewer.call('im.dialog.read', { DIALOG_ID: partner.userId }),
  'the viewer reads a wide chat': () => viewer.call('im.dialog.read', { DIALOG_ID: `chat${wide}` }),
  'the partner reads': async () => {
    await say(viewer, partner.userId);
    await tagOf();
    return partner.call('im.dialog.read', { DIALOG_ID: viewer.userId });
  },
  'a row pinned': () => viewer.call('im.recent.pin', { DIALOG_ID: `chat${group}` }),
  'a row unpinned': () => viewer.call('im.recent.pin', { DIALOG_ID: `chat${group}`, PIN: 'N' }),
  'a row marked as unread': () => viewer.call('im.recent.unread', { DIALOG_ID: `chat${group}` }),
  'a chat silenced': () => viewer.call('im.chat.mute', { CHAT_ID: wide, MUTE: 'Y' }),
  'everything read': () => viewer.call('im.dialog.read.all'),
  'a row hidden': () => viewer.call('im.recent.hide', { DIALOG_ID: `chat${group}` }),
  'a group renamed': async () => {
    await say(partner, `chat${group}`);
    await tagOf();
    return partner.call('im.chat.updateTitle', { CHAT_ID: group, TITLE: 'Renamed' });
  },
  'a wide chat renamed': () => partner.call('im.chat.updateTitle', { CHAT_ID: wide, TITLE: 'Renamed' }),
  'another member': () => viewer.call('im.chat.user.add', { CHAT_ID: group, USERS: [stranger.userId] }),
  'the viewer invited': () => partner.call('im.chat.user.add', { CHAT_ID: elsewhere, USERS: [viewer.userId] }),
  'the viewer leaves': () => viewer.call('im.chat.leave', { CHAT_ID: elsewhere }),
  'the partner renamed': () => admin().call('user.update', { ID: partner.userId, LAST_NAME: 'Renamed' }),
  'the partner absent': () => db().write((s) => updateUser(s, partner.userId, { absent_until: portal.clock.now() + 60_000 })),
  'an absence over': async () => portal.clock.advance(61_000),
  'the partner active': () => db().write((s) => recordActivity(s, partner.userId, portal.clock.now() + 55_000)),
  'a reminder': async () => viewer.call('tidemark.reminder.add', { MESSAGE_ID: await say(partner, viewer.userId), DATE: '2020-01-01' }),
  'the partner dismissed': () => admin().call('user.update', { ID: partner.userId, ACTIVE: 'N' }),
};

/** What the viewer's list shows nothing of. */
const NO_CHANGES: Record<string, () => Promise<unknown>> = {
  'nothing': async () => {},
  'time': async () => portal.clock.advance(1000),
  'a new user': () => portal.addUser('New'),
  'a chat of others': () => stranger.call('im.chat.add', { TITLE: 'Others', USERS: [portal.admin.userId] }),
  'the same again': () => viewer.call('im.chat.mute', { CHAT_ID: wide, MUTE: 'N' }),
  'a restart': async () => {
    await portal.restart();
    [viewer, partner, stranger] = [movedTo(portal, viewer), movedTo(portal, partner), movedTo(portal, stranger)];
  },
};

describe('without a change the tag stands', () => {
  test.each(Object.entries(NO_CHANGES))('%s', async (_what, happen) => {
    const tag = await tagOf();
    await happen();
    expect(await ask(tag)).toMatchObject({ status: 304, text: '', headers: { etag: tag } });
    expect(await tagOf()).toBe(tag);
  });
});

describe('with every change there is another tag, and the list comes whole', () => {
  const seen = new Map<string, string>();

  test.each(Object.entries(CHANGES))('%s', async (_what, change) => {
    const before = await tagOf();
    await change();
    const { status, headers, body } = await ask(before);
    expect(status).toBe(200);
    expect(headers.etag).not.toBe(before);
    const result = JSON.stringify(body['result']);
    expect(seen.get(headers.etag!) ?? result).toBe(result);
    seen.set(headers.etag!, result);
    expect((await ask(headers.etag)).status).toBe(304);
  });

  test('no two lists had the same tag', () => {
    expect(new Set(seen.values()).size).toBe(seen.size);
  });
});

test('every selection of rows has a tag of its own, which it also has as POST, as XML and compressed', async () => {
  const selections = ['', '?SKIP_DIALOG=Y', '?SKIP_CHAT=Y', '?ONLY_OPENLINES=Y', `?LAST_UPDATE=${new Date(portal.clock.now() - 1000).toISOString()}`];
  const tags: string[] = [];
  for (const query of selections) {
    const { headers, body } = await ask(undefined, query);
    const rows = JSON.stringify(body['result']);
    tags.push(`${rows} ${headers.etag}`);
    for (const way of [
      send(`${viewer.url}im.recent.get.xml${query}`),
      send(`${viewer.url}im.recent.get${query}`, { body: '' }),
      send(`${viewer.url}im.recent.get${query}`, { headers: { 'accept-encoding': 'br' } }),
      send(`${viewer.url}im.recent.get${query}`, { method: 'HEAD' }),
    ]) expect((await way).headers.etag).toBe(headers.etag);
  }
  expect(new Set(tags.map((tag) => tag.slice(tag.lastIndexOf(' ')))).size).toBe(new Set(tags).size);
});

test('two people with the same rows have the same tag', async () => {
  const [a, b] = [await portal.addUser('A'), await portal.addUser('B')];
  expect(await tagOf('', a)).toBe(await tagOf('', b));
});

describe('If-None-Match', () => {
  const WAYS: Record<string, (tag: string) => Promise<Reply>> = {
    GET: (tag) => ask(tag),
    POST: (tag) => send(`${viewer.url}im.recent.get`, { headers: { 'content-type': 'application/json', 'if-none-match': tag }, body: '{}' }),
    HEAD: (tag) => send(`${viewer.url}im.recent.get`, { method: 'HEAD', headers: { 'if-none-match': tag } }),
    XML: (tag) => send(`${viewer.url}im.recent.get.xml`, { headers: { 'if-none-match': tag } }),
    'a compressed GET': (tag) => send(`${viewer.url}im.recent.get`, { headers: { 'if-none-match': tag, 'accept-encoding': 'gzip, identity;q=0' } }),
  };

  test.each(Object.entries(WAYS))('%s: the answer is the head alone, with all that else stands in it', async (_how, way) => {
    const tag = await tagOf();
    const full = await way('"other"');
    const { status, headers, bytes } = await way(tag);
    expect([full.status, status, bytes.length]).toEqual([200, 304, 0]);
    const { date: _date, 'content-length': _length, 'content-type': _type, 'content-encoding': _coding, ...rest } = full.headers;
    const { date: _now, ...got } = headers;
    expect(got).toEqual(rest);
    expect(got).toMatchObject({ etag: tag, 'cache-control': 'private, no-cache', vary: 'accept-encoding', 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag, x-tidemark-token' });
  });

  test.each<[header: (tag: string) => string, status: number]>([
    [(tag) => tag, 304],
    [(tag) => tag.replace('W/', ''), 304],
    [(tag) => `"a", ${tag}, "b"`, 304],
    [(tag) => `W/"a",${tag}`, 304],
    [(tag) => `"a,b",${tag}`, 304],
    [() => '*', 304],
    [() => ' * ', 304],
    [() => '"*"', 200],
    [() => '""', 200],
    [() => '', 200],
    [() => '"a", W/"b"', 200],
    [(tag) => tag.replace('W/', '').replaceAll('"', ''), 200],
    [(tag) => `${tag.slice(0, -1)}x"`, 200],
    [(tag) => tag.replace('W/"', 'W/"x'), 200],
    [(tag) => tag.toUpperCase(), 200],
    [(tag) => `"${tag}"`, 200],
    [() => '"'.repeat(8000), 200],
  ])('%s', async (header, status) => {
    expect((await ask(header(await tagOf()))).status).toBe(status);
  });

  test('the connection goes on after an answer without a body', async () => {
    const tag = await tagOf();
    for (let i = 0; i < 3; i += 1) {
      expect((await ask(tag)).status).toBe(304);
      expect((await ask(undefined)).status).toBe(200);
    }
  });

  test.each<[what: string, path: () => string, status: number]>([
    ['a broken date', () => `${viewer.url}im.recent.get?LAST_UPDATE=soon`, 400],
    ['an unknown method', () => `${viewer.url}im.recent.nope`, 404],
    ['a wrong webhook', () => `${portal.http}/rest/1/wrong/im.recent.get`, 401],
  ])('an error never depends on it: %s', async (_what, path, status) => {
    const reply = await send(path(), { headers: { 'if-none-match': '*' } });
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: expect.any(String) });
    expect(reply.headers.etag).toBeUndefined();
  });

  test.each(['profile', 'server.time', 'im.recent.list'])('%s has no tag and does not look at it', async (method) => {
    const { status, headers } = await send(viewer.url + method, { headers: { 'if-none-match': '*' } });
    expect([status, headers.etag, headers['cache-control']]).toEqual([200, undefined, undefined]);
  });

  test('within a batch it has no effect', async () => {
    const url = `${viewer.url}batch?cmd[list]=im.recent.get`;
    const { status, headers, body } = await send(url, { headers: { 'if-none-match': `*, ${await tagOf()}` } });
    expect([status, headers.etag]).toEqual([200, undefined]);
    expect(body).toMatchObject({ result: { result: { list: expect.any(Array) } } });
  });

  test('who may not call is not told', async () => {
    const tag = await tagOf();
    const { status } = await send(`${portal.http}/rest/im.recent.get`, { headers: { 'if-none-match': tag } });
    expect(status).toBe(401);
  });
});

test('pages of other origins may send it and read what comes back', async () => {
  const { status, headers } = await send(`${portal.http}/rest/im.recent.get`, {
    method: 'OPTIONS', headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'if-none-match' },
  });
  expect(status).toBe(200);
  expect(headers['access-control-allow-headers']).toContain('if-none-match');
});
