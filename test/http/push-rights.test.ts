/** By what right somebody is connected: as at calls, and until it ends. From the moment of a commit nobody is told what is not theirs any more. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteGrant } from '../../src/db/stores/oauth-store.ts';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { hashSecret } from '../../src/base/secrets.ts';
import { changeApplication } from '../../src/identity/applications.ts';
import { Logins, makeLink, setPassword } from '../../src/identity/logins.ts';
import { addWebhook, webhookNamed } from '../../src/identity/webhooks.ts';
import { LeakyBuckets } from '../../src/base/rate-limit.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { addApp, type TestApp } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { HeldStore } from '../support/held-store.ts';
import { byEvents, bySocket, type Connect, isEvent, type Place } from '../support/push.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const held = new HeldStore();
let portal: TestServer;
let ann: Client;
let app: TestApp;
let ben: Client;

beforeAll(async () => {
  portal = await startTestServer({}, { store: held.wrap });
  ann = await portal.addUser('Ann');
  app = await addApp(portal);
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  ben = await portal.addUser('Ben');
});

const db = () => portal.server.context.db;
const set = (key: string, value: string) => db().write((s) => writeSetting(s, key, value));
const at = (portalNow = portal): Place => ({ url: `${portalNow.http}/` });

async function byToken(query = false): Promise<{ place: Place; token: string }> {
  const { accessToken: token } = await app.tokens(ben.userId);
  return { token, place: query ? { ...at(), query: `auth=${token}` } : { ...at(), headers: { authorization: `Bearer ${token}` } } };
}

async function signedIn(): Promise<{ place: Place; session: string; logins: Logins }> {
  const logins = new Logins(portal.server.context.messenger, new LeakyBuckets());
  const { session } = (await logins.byLink((await makeLink(portal.server.context, ben.userId))!))!;
  return { session, logins, place: { ...at(), headers: { cookie: `tidemark_session=${session}` } } };
}

async function refusal(place: Place, kind = 'events'): Promise<{ status: number; error: string }> {
  const response = await fetch(`${place.url}push/${kind}?${place.query ?? ''}`, { headers: place.headers ?? {} });
  const { error } = (await response.json()) as { error: string };
  return { status: response.status, error };
}

describe.each<[string, Connect]>([['events', byEvents], ['socket', bySocket]])('by %s', (_name, connect) => {
  test('a webhook, a token and a session let in, each as its user', async () => {
    for (const place of [ben, (await byToken()).place, (await byToken(true)).place, (await signedIn()).place]) {
      await using heard = await connect(place);
      expect((await heard.take(isEvent('ready'))).data['user_id']).toBe(ben.userId);
    }
  });

  test.each<{ what: string; reason: string; place: () => Promise<{ place: Place; take: () => Promise<unknown>; give?: () => Promise<unknown> }> }>([
    { what: 'the webhook is deleted', reason: 'revoked', place: async () => ({ place: ben, take: async () => { const { id } = (await db().read((s) => webhookNamed(s, ben.url)))!; await db().write((s) => deleteWebhook(s, id)); } }) },
    { what: 'the webhook is held', reason: 'revoked', place: async () => ({ place: ben, take: async () => { const { id } = (await db().read((s) => webhookNamed(s, ben.url)))!; await db().write((s) => holdWebhook(s, id, 1)); } }) },
    { what: 'the user is dismissed', reason: 'revoked', place: async () => ({ place: ben, take: () => db().write((s) => updateUser(s, ben.userId, { active: 0 })) }) },
    { what: 'the user becomes a guest', reason: 'restart', place: async () => ({ place: ben, take: () => db().write((s) => updateUser(s, ben.userId, { extranet: 1 })) }) },
    { what: 'the portal is closed', reason: 'closed', place: async () => ({ place: ben, take: () => set(POLICY_KEYS.closed, '1'), give: () => set(POLICY_KEYS.closed, '0') }) },
    {
      what: 'the sign-in of the token is ended', reason: 'revoked', place: async () => {
        const { place, token } = await byToken();
        return { place, take: async () => {
          const [row] = await db().read((s) => s.query((q) => q.selectFrom('oauth_token').select('grant_id').where('access_hash', '=', hashSecret(token))));
          await db().write((s) => deleteGrant(s, row!.grant_id));
        } };
      },
    },
    { what: 'the application may not use im any more', reason: 'revoked', place: async () => ({ place: (await byToken()).place, take: () => changeApplication(db(), portal.clock, app.clientId, { scopes: ['user'] }), give: () => changeApplication(db(), portal.clock, app.clientId, { scopes: ['im', 'user'] }) }) },
    { what: 'the token expires', reason: 'expired', place: async () => ({ place: (await byToken()).place, take: async () => portal.clock.advance(3_700_000) }) },
    { what: 'the password is set anew', reason: 'revoked', place: async () => { const { place } = await signedIn(); return { place, take: () => setPassword(portal.server.context, ben.userId, 'quite another one') }; } },
    { what: 'the user is dismissed, who is signed in', reason: 'revoked', place: async () => { const { place } = await signedIn(); return { place, take: () => db().write((s) => updateUser(s, ben.userId, { active: 0 })) }; } },
    { what: 'the user signs out', reason: 'revoked', place: async () => { const { place, logins, session } = await signedIn(); return { place, take: () => logins.signOut(session) }; } },
  ])('it ends when $what, and nothing comes after', async ({ reason, place }) => {
    const { place: where, take, give } = await place();
    await using heard = await connect(where);
    await heard.take(isEvent('ready'));
    await take();
    // Whoever sends is told that it is done before the one who is not entitled could be.
    if (reason !== 'closed') await ann.call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Not for you' }).catch(() => {});
    expect((await heard.take(isEvent('end'))).data).toEqual({ reason });
    await heard.over;
    await give?.();
    expect(heard.heard.filter(isEvent('message'))).toEqual([]);
    expect(heard.heard.at(-1)!.event).toBe('end');
  });

  test('whoever is put out of a chat is told nothing of it from the commit on, even what was on its way', async () => {
    const chat = await ann.call<number>('im.chat.add', { USERS: [ben.userId], TITLE: 'Three' });
    await using heard = await connect(ben);
    await heard.take(isEvent('ready'));
    const asked = held.hold(/^select .* from "reminder" where "user_id" in/);
    await ann.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'On its way' });
    await asked.reached;
    await ann.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: ben.userId });
    asked.release();
    await heard.take(isEvent('chat', ({ change }) => change === 'left'));
    await ann.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Without them' });
    await ann.call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'Sorry' });
    await heard.take(isEvent('message', ({ message }) => message.text === 'Sorry'));
    expect(heard.heard.filter(isEvent('message', ({ chat_id }) => chat_id === chat))).toEqual([]);
    expect(heard.heard.filter(isEvent('list', ({ items }) => items.some((item: { chat_id: number }) => item.chat_id === chat)))).toEqual([]);
  });

  test('so is whoever loses their right while something is on its way', async () => {
    await using heard = await connect(ben);
    await heard.take(isEvent('ready'));
    const asked = held.hold(/^select .* from "reminder" where "user_id" in/);
    await ann.call('im.message.add', { DIALOG_ID: ben.userId, MESSAGE: 'On its way' });
    await asked.reached;
    const { id } = (await db().read((s) => webhookNamed(s, ben.url)))!;
    await db().write((s) => deleteWebhook(s, id));
    asked.release();
    await heard.take(isEvent('end', ({ reason }) => reason === 'revoked'));
    await heard.over;
    expect(heard.heard.map(({ event }) => event)).toEqual(['ready', 'end']);
  });

  test('messages from before one\'s history are not told', async () => {
    const chat = await ann.call<number>('im.chat.add', { TITLE: 'Old' });
    const old = await ann.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'Before' });
    await ann.call('im.chat.user.add', { CHAT_ID: chat, USERS: [ben.userId], HIDE_HISTORY: 'Y' });
    await using heard = await connect(ben);
    await ann.call('im.message.update', { MESSAGE_ID: old, MESSAGE: 'Changed' });
    await ann.call('im.message.like', { MESSAGE_ID: old });
    const later = await ann.call<number>('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'After' });
    expect((await heard.take(isEvent('message'))).data['message'].id).toBe(later);
    expect(heard.heard.filter(isEvent('reaction'))).toEqual([]);
  });
});

describe('who is not let in', () => {
  test('nobody, and whoever is not known', async () => {
    expect(await refusal(at())).toEqual({ status: 401, error: 'NO_AUTH_FOUND' });
    expect(await refusal({ ...at(), query: 'auth=1' })).toEqual({ status: 401, error: 'invalid_token' });
    expect(await refusal({ url: `${portal.http}/rest/${ben.userId}/wrong/` })).toEqual({ status: 401, error: 'INVALID_CREDENTIALS' });
  });

  test('whoever has no scope im', async () => {
    const { code } = (await addWebhook(db(), portal.clock, { userId: ben.userId, scopes: ['user'], title: 'none' }))!;
    const place = clientFor(`${portal.http}/rest/${ben.userId}/${code}/`, ben.userId);
    expect(await refusal(place)).toEqual({ status: 401, error: 'insufficient_scope' });
    await expect(bySocket(place)).rejects.toThrow('401');
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another site, by an older browser', { origin: 'https://elsewhere.example' }],
    ['another port', { 'sec-fetch-site': 'same-site' }],
  ])('a page of %s with the session of this one', async (_what, headers) => {
    const { place } = await signedIn();
    const foreign = { ...place, headers: { ...place.headers, ...headers } };
    expect(await refusal(foreign)).toEqual({ status: 401, error: 'NO_AUTH_FOUND' });
    await expect(bySocket(foreign)).rejects.toThrow('401');
  });

  test('whoever asks for the socket without asking for one', async () => {
    expect(await refusal(ben, 'socket')).toEqual({ status: 426, error: 'UPGRADE_REQUIRED' });
  });

  test('the next stream of somebody who has a hundred', async () => {
    const open = await Promise.all(Array.from({ length: 100 }, () => bySocket(ben)));
    for (const heard of open) await heard.take(isEvent('ready'));
    expect(await refusal(ben)).toEqual({ status: 429, error: 'TOO_MANY_STREAMS' });
    await open[0]!.close();
    await expect.poll(() => portal.server.context.live.listeners(ben.userId)).toBe(99);
    await using _another = await bySocket(ben);
    for (const heard of open) await heard.close();
  });
});
