/** The official JavaScript SDK with tokens, unmodified, the current release and the one before: over HTTP, with real refreshes. */
import { B24OAuth, EnumAppStatus } from '@bitrix24/b24jssdk';
import { B24OAuth as B24OAuth1 } from 'b24jssdk-1';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addApp, type TestApp } from '../support/application.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const HOUR = 3600_000;

let portal: TestServer;
let app: TestApp;

beforeAll(async () => {
  portal = await startTestServer();
  app = await addApp(portal);
});
afterAll(() => portal[Symbol.asyncDispose]());

const RELEASES = [
  { release: '2', make: B24OAuth },
  { release: '1', make: B24OAuth1 as unknown as typeof B24OAuth },
];

/** What an application keeps of the token answer, as the SDK wants it. */
async function connect(make: typeof B24OAuth, secret = app.clientSecret): Promise<B24OAuth> {
  const pair = await app.tokens(1);
  return new make(
    {
      applicationToken: 'x', userId: 1, memberId: 'x', accessToken: pair.accessToken, refreshToken: pair.refreshToken,
      expires: Math.floor(pair.expiresAt / 1000), expiresIn: pair.expiresIn, scope: pair.scope, domain: new URL(portal.http).host,
      clientEndpoint: `${portal.http}/rest/`, serverEndpoint: `${portal.http}/rest/`, status: EnumAppStatus.Local,
    },
    { clientId: app.clientId, clientSecret: secret },
  );
}

async function resultOf<T>(b24: B24OAuth, method: string, params: Record<string, unknown> = {}): Promise<T> {
  return (await b24.actions.v2.call.make<T>({ method, params })).getData()!.result as T;
}

const timeBy = (b24: B24OAuth) => resultOf<string>(b24, 'server.time');

describe.each(RELEASES)('release $release', ({ make }) => {
  test('calls, and the example of the page im.recent.get', async () => {
    const b24 = await connect(make);
    await portal.admin.call('im.chat.add', { TITLE: 'For the SDK', MESSAGE: 'Hello' });
    const rows = await resultOf<Array<{ title: string }>>(b24, 'im.recent.get', { SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' });
    expect(rows.map(({ title }) => title)).toContain('For the SDK');
    await b24.initIsAdmin();
    expect(b24.auth.isAdmin).toBe(true);
  });

  test('an expired token: it refreshes by itself and repeats the call, time and again', async () => {
    const b24 = await connect(make);
    const told: string[] = [];
    b24.setCallbackRefreshAuth(async ({ b24OAuthParams }) => void told.push(b24OAuthParams.accessToken));
    for (let i = 1; i <= 3; i += 1) {
      portal.clock.advance(HOUR + 1);
      expect(await timeBy(b24)).toMatch(/^\d{4}-/);
      expect(new Set(told).size).toBe(i);
    }
  });

  test('many calls at once with an expired token all succeed', async () => {
    const b24 = await connect(make);
    portal.clock.advance(HOUR + 1);
    const times = await Promise.all(Array.from({ length: 5 }, () => timeBy(b24)));
    for (const time of times) expect(time).toMatch(/^\d{4}-/);
  });

  test('a refresh that is refused reaches the caller', async () => {
    const b24 = await connect(make, 'wrong');
    portal.clock.advance(HOUR + 1);
    await expect(timeBy(b24)).rejects.toThrow(/Invalid client credentials/);
  });
});
