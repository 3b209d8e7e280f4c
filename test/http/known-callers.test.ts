/** Whoever calls the same again on one connection is let in without a look: exactly where a stranger's connection would be. */
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteWebhook, holdWebhook, writeSetting } from '../../src/db/stores/portal-store.ts';
import { deleteRehearsals, insertRehearsal } from '../../src/db/stores/rehearsal-store.ts';
import { updateUser } from '../../src/db/stores/user-store.ts';
import { webhookNamed } from '../../src/identity/webhooks.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import type { Client } from '../support/client.ts';
import { ENGINE, startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let partner: Client;
let viewer: Client;
let line: http.Agent;

beforeAll(async () => {
  portal = await startTestServer();
  partner = await portal.addUser('Partner');
  await set(POLICY_KEYS.rehearsals, '1');
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  viewer = await portal.addUser('Viewer');
  line?.destroy();
  line = new http.Agent({ keepAlive: true, maxSockets: 1 });
});
afterAll(() => line.destroy());

const db = () => portal.server.context.db;
const admitted = () => portal.server.context.dispatch.repeats.admitted;
const set = (key: string, value: string) => db().write((s) => writeSetting(s, key, value));
const webhook = async () => (await db().read((s) => webhookNamed(s, viewer.url)))!;

interface Given {
  url?: string;
  params?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** What is answered, without what differs between any two calls. @param agent the connection; one of its own without it */
function ask({ url = `${viewer.url}im.user.get`, params = { ID: partner.userId }, headers = {} }: Given, agent?: http.Agent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(params);
    const options = { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }, agent: agent ?? false } as const;
    http.request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => {
        const { time: _time, ...said } = JSON.parse(text) as Record<string, unknown>;
        resolve({ status: response.statusCode, said });
      });
    }).on('error', reject).end(body);
  });
}

const rehearsal = { app_id: 0, method: '', error: 'QUERY_LIMIT_EXCEEDED', remaining: -1, per_million: 1_000_000, delay_ms: 0, created_at: 0 };

/** What may happen between two calls, what undoes it where it concerns others, and what is asked then. */
const HAPPENINGS: Record<string, { happen?: () => Promise<unknown>; undo?: () => Promise<unknown>; given?: () => Given; known?: true }> = {
  'nothing': { known: true },
  'other parameters': { given: () => ({ params: { ID: viewer.userId } }), known: true },
  'wrong parameters': { given: () => ({ params: { ID: 'x' } }), known: true },
  'another method': { given: () => ({ url: `${viewer.url}im.recent.get`, params: { SKIP_CHAT: 'N' } }) },
  'an unknown method': { given: () => ({ url: `${viewer.url}im.nope` }) },
  'somebody else': { given: () => ({ url: `${partner.url}im.user.get` }) },
  'a wrong secret': { given: () => ({ url: `${portal.http}/rest/${viewer.userId}/wrong/im.user.get` }) },
  'as XML': { given: () => ({ url: `${viewer.url}im.user.get.json` }) },
  'a token in the parameters': { given: () => ({ params: { ID: partner.userId, auth: 'nobody' } }) },
  'another token in the parameters': { given: () => ({ params: { ID: partner.userId, access_token: 'nobody' } }) },
  'a token in the head': { given: () => ({ headers: { authorization: 'Bearer nobody' } }) },
  'a token in the query': { given: () => ({ url: `${viewer.url}im.user.get?auth=nobody` }) },
  'the webhook deleted': { happen: async () => { const { id } = await webhook(); return db().write((s) => deleteWebhook(s, id)); } },
  'the webhook held': { happen: async () => { const { id } = await webhook(); return db().write((s) => holdWebhook(s, id, 1)); } },
  'the viewer dismissed': { happen: () => portal.admin.call('user.update', { ID: viewer.userId, ACTIVE: 'N' }) },
  'the viewer a guest': { happen: () => db().write((s) => updateUser(s, viewer.userId, { extranet: 1 })) },
  'the portal closed': { happen: () => set(POLICY_KEYS.closed, '1'), undo: () => set(POLICY_KEYS.closed, '0') },
  'HTTPS required': { happen: () => set(POLICY_KEYS.httpsRequired, '1'), undo: () => set(POLICY_KEYS.httpsRequired, '0') },
  'the plan without REST': { happen: () => set(POLICY_KEYS.restPlan, 'free'), undo: () => set(POLICY_KEYS.restPlan, 'commercial') },
  'an error rehearsed': {
    happen: async () => { const { id } = await webhook(); await db().write((s) => insertRehearsal(s, { ...rehearsal, webhook_id: id })); },
    undo: async () => { const { id } = await webhook(); await db().write((s) => deleteRehearsals(s, { webhookId: id, appId: 0 })); },
  },
};

test.each(Object.entries(HAPPENINGS))('after: %s', async (_what, { happen, undo, given = () => ({}), known = false }) => {
  for (let i = 0; i < 3; i++) await ask({}, line);
  await happen?.();
  const before = admitted();
  const again = await ask(given(), line);
  const took = admitted() - before;
  const anew = await ask(given());
  await undo?.();
  expect(again).toEqual(anew);
  // On PostgreSQL other nodes write too: there it is asked each time.
  expect(took).toBe(known && ENGINE === 'sqlite' ? 1 : 0);
});
