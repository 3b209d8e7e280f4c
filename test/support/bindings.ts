/** Handlers and the tokens that they are bound with. */
import { unreadEvents } from '../../src/testing/settling.ts';
import { askForTokens, clientWith, type TestApp } from './application.ts';
import type { Client } from './client.ts';
import type { TestServer } from './server.ts';

export interface Signed {
  caller: Client;
  refreshToken: string;
  scopes: string[];
}

/** Signs somebody in with fewer scopes than the application has. */
export async function narrowed(portal: TestServer, app: TestApp, who: Client, scopes: readonly string[]): Promise<Signed> {
  const { refreshToken } = await app.tokens(who.userId);
  const body = await refresh(portal, app, refreshToken, scopes.join(','));
  return { caller: clientWith(portal, String(body['access_token']), who.userId), refreshToken: String(body['refresh_token']), scopes: [...scopes] };
}

export async function refresh(portal: TestServer, app: TestApp, refreshToken: string, scope?: string): Promise<Record<string, unknown>> {
  const params = { grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret, refresh_token: refreshToken };
  return (await askForTokens(portal, scope === undefined ? params : { ...params, scope })).body;
}

/** Until the handlers of an application have been told what there is to tell; what has failed once may wait. */
export async function settled(portal: TestServer, { id }: TestApp): Promise<void> {
  const { db } = portal.server.context;
  const isOpen = (row: { app_id: number; claimed_until: number; attempts: number }) => row.app_id === id && (row.claimed_until > 0 || row.attempts === 0);
  for (;;) {
    const left = await db.read(async (s) => {
      const unread = await unreadEvents(s);
      const deliveries = await s.query((q) => q.selectFrom('delivery').select(['app_id', 'attempts', 'claimed_until']).where('state', '=', 'waiting'));
      return unread + deliveries.filter(isOpen).length;
    });
    if (left === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until all that is to be recorded so far is. */
export async function recorded({ server }: TestServer): Promise<void> {
  while ((await server.context.db.read(unreadEvents)) > 0) await new Promise((resolve) => setImmediate(resolve));
}
