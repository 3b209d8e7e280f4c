/** Applications and calls with their tokens. */
import { MAX_HOPS } from '../../src/base/caller.ts';
import { addApplication, type NewApplication } from '../../src/identity/applications.ts';
import { findAppByClientId } from '../../src/db/stores/app-store.ts';
import { issueTokens, lifeNow, type TokenPair } from '../../src/identity/tokens.ts';
import { SCOPES } from '../../src/identity/webhooks.ts';
import { type Client, clientFor } from './client.ts';
import { type Reply, send } from './http.ts';
import type { TestServer } from './server.ts';

export interface TestApp {
  id: number;
  clientId: string;
  clientSecret: string;
  /** Tokens without a sign-in. */
  tokens(userId: number): Promise<TokenPair>;
  /** Calls as the user, with a token. */
  as(who: Client): Promise<Client>;
}

/** Adds an application with every scope, for everybody, unless said otherwise. */
export async function addApp(portal: Pick<TestServer, 'server' | 'http'>, settings: Partial<NewApplication> = {}): Promise<TestApp> {
  const { db, clock, messenger } = portal.server.context;
  const application = { title: 'Test', scopes: SCOPES, redirectUri: '', handlerUrl: '', userIds: [], createdBy: 1, ...settings };
  const { clientId, clientSecret } = await addApplication(db, clock, application);
  const app = (await db.read((s) => findAppByClientId(s, clientId)))!;
  const tokens = async (userId: number) => {
    const life = await lifeNow(messenger);
    return db.write((s) => issueTokens(s, { appId: app.id, userId, scope: app.scope, hops: MAX_HOPS }, life));
  };
  return {
    id: app.id, clientId, clientSecret, tokens,
    as: async (who) => clientWith(portal, (await tokens(who.userId)).accessToken, who.userId),
  };
}

/** Calls with an access token. The method comes last, so that it can be appended as to the address of a webhook. */
export function clientWith(portal: Pick<TestServer, 'http'>, accessToken: string, userId: number): Client {
  return clientFor(`${portal.http}/rest/?auth=${accessToken}&method=`, userId);
}

/** Asks the token endpoint, as a form. */
export function askForTokens(portal: TestServer, params: Record<string, string>): Promise<Reply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(`${portal.http}/oauth/token/`, { body: new URLSearchParams(params).toString(), headers });
}
