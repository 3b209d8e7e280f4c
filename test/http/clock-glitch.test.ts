/** A machine whose clock is in another year for a moment: nothing of that year stays. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, askForTokens, clientWith } from '../support/application.ts';
import { HOUR, SECOND, Scene, YEAR } from '../support/clock-scene.ts';
import { addCrowd, type Row } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer();
  crowd = await addCrowd(portal, 100);
});
afterAll(() => portal[Symbol.asyncDispose]());

describe('a moment in another year', () => {
  /** Something is done while the clock is a year ahead, or behind, and again after. */
  async function glitch(ms: number, meanwhile: () => Promise<unknown>): Promise<void> {
    portal.clock.set(ms);
    await meanwhile();
    portal.clock.set(-ms);
  }

  test.each([YEAR, -YEAR])('leaves no date of that year: %i ms', async (ms) => {
    const scene = await new Scene(portal).set(crowd);
    await glitch(ms, () => scene.do({ do: 'say', chat: 0, by: 0 }));
    await scene.do({ do: 'say', chat: 1, by: 0 });
    const rows = await scene.anna.call<Row[]>('im.recent.get');
    for (const { message } of rows) expect(Math.abs(Date.parse(message.date) - portal.clock.now())).toBeLessThan(HOUR);
  });

  test('tokens, also those of that moment, live no longer and no shorter', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    const before = await app.tokens(anna.userId);
    let during!: typeof before;
    await glitch(YEAR, async () => {
      during = await app.tokens(anna.userId);
      await clientWith(portal, before.accessToken, anna.userId).call('server.time');
    });
    const secret = { client_id: app.clientId, client_secret: app.clientSecret };
    for (const { accessToken } of [before, during]) await clientWith(portal, accessToken, anna.userId).call('server.time');
    portal.clock.advance(HOUR + SECOND);
    for (const { accessToken } of [before, during]) {
      expect(await clientWith(portal, accessToken, anna.userId).fails('server.time')).toMatchObject({ error: 'expired_token' });
    }
    for (const { refreshToken } of [before, during]) {
      const reply = await askForTokens(portal, { grant_type: 'refresh_token', refresh_token: refreshToken, ...secret });
      expect(reply.status).toBe(200);
    }
  });

  test('a token of a clock that stayed wrong for a while does not outlive it', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    portal.clock.set(YEAR);
    await anna.call('server.time');
    portal.clock.advance(61 * SECOND);
    const { accessToken, refreshToken } = await app.tokens(anna.userId);
    await clientWith(portal, accessToken, anna.userId).call('server.time');
    portal.clock.set(-YEAR);
    await anna.call('server.time');
    portal.clock.advance(61 * SECOND);
    expect(await clientWith(portal, accessToken, anna.userId).fails('server.time')).toMatchObject({ error: 'expired_token' });
    const reply = await askForTokens(portal, {
      grant_type: 'refresh_token', refresh_token: refreshToken, client_id: app.clientId, client_secret: app.clientSecret,
    });
    expect(reply.status).toBe(200);
    await clientWith(portal, reply.body['access_token'] as string, anna.userId).call('server.time');
    // What was stamped in that year stays in order with what came after.
    const scene = await new Scene(portal).set(crowd);
    await scene.do({ do: 'say', chat: 1, by: 1 });
    await scene.check();
  });

  test('throttles drain, and a refresh may be tried again', async () => {
    const app = await addApp(portal);
    const anna = await portal.addUser('Anna');
    const { refreshToken } = await app.tokens(anna.userId);
    const secret = { client_id: app.clientId, client_secret: app.clientSecret };
    const guess = () => askForTokens(portal, { grant_type: 'refresh_token', refresh_token: 'x', ...secret, client_secret: 'wrong' });
    const refresh = () => askForTokens(portal, { grant_type: 'refresh_token', refresh_token: refreshToken, ...secret });
    await glitch(YEAR, async () => {
      expect((await refresh()).status).toBe(200);
      while ((await guess()).status !== 503);
    });
    expect((await guess()).status).toBe(503);
    portal.clock.advance(11 * SECOND);
    expect((await guess()).status).toBe(400);
    portal.clock.advance(11 * SECOND);
    expect((await refresh()).status).toBe(200);
    portal.clock.advance(31 * SECOND);
    expect((await refresh()).status).toBe(400);
  });
});
