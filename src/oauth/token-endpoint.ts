/** `/oauth/token/`: codes and refresh tokens become access tokens. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AppRow, findAppByClientId } from '../db/app-store.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { toPolicy } from '../portal/policy.ts';
import { originOf, writeResponse } from '../rest/http.ts';
import { LeakyBuckets } from '../rest/rate-limit.ts';
import { RequestError } from '../rest/request-error.ts';
import { isSecretOf } from './applications.ts';
import { readParams, type TextParams } from './request.ts';
import { exchangeCode, refreshTokens, type TokenPair } from './tokens.ts';

/** An error as clients of the original know it. */
class TokenError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}

/** An unknown application is the one error with status 200: clients were written for that. */
const wrongClient = () => new TokenError(200, 'wrong_client', 'Wrong client');
const invalidClient = () => new TokenError(400, 'invalid_client', 'Invalid client credentials');
const notInstalled = () => new TokenError(401, 'NOT_INSTALLED', 'Application not installed');
const missing = (name: string) => new TokenError(400, 'invalid_request', `No "${name}" parameter found`);
/** Not `invalid_client`, for which clients give their tokens up: this one they try again. */
const tooManyGuesses = () => new TokenError(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');

const REFUSALS = {
  invalid_grant: () => new TokenError(400, 'invalid_grant', 'The code or token is invalid or has expired'),
  invalid_scope: () => new TokenError(403, 'invalid_scope', 'Given scope exceeds permissions associated with given grant'),
};

/** Wrong secrets from one address for one application: a burst, then one in ten seconds. */
const GUESSES = { threshold: 20, drainPerSecond: 0.1 };

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export function tokenEndpoint(m: Messenger): Handler {
  const guesses = new LeakyBuckets();
  return async (request, reply) => {
    const { status, body } = await answer(m, guesses, request);
    reply.hijack();
    reply.raw.setHeader('cache-control', 'no-store');
    writeResponse(reply.raw, { status, body: [JSON.stringify(body)] });
  };
}

async function answer(m: Messenger, guesses: LeakyBuckets, request: FastifyRequest): Promise<{ status: number; body: object }> {
  try {
    const origin = originOf(request);
    const { values } = await m.settings();
    if (toPolicy(values).httpsRequired && !origin.startsWith('https:')) throw new TokenError(400, 'invalid_request', 'Https required.');
    const params = await readParams(request);
    const app = await authenticate(m, guesses, params, request.ip);
    return { status: 200, body: await tokenAnswer(m, await grant(m, app, params), origin) };
  } catch (thrown) {
    if (thrown instanceof TokenError) return failure(thrown.status, thrown.code, thrown.message);
    if (thrown instanceof RequestError) return failure(thrown.status, 'invalid_request', thrown.message);
    throw thrown;
  }
}

function failure(status: number, error: string, description: string): { status: number; body: object } {
  return { status, body: { error, error_description: description } };
}

async function authenticate(m: Messenger, guesses: LeakyBuckets, params: TextParams, source: string): Promise<AppRow> {
  const clientId = required(params, 'client_id');
  const clientSecret = required(params, 'client_secret');
  const app = await m.db.read((s) => findAppByClientId(s, clientId));
  if (!app) throw wrongClient();
  const key = `${source} ${app.id}`;
  if (guesses.isFull(key, GUESSES, m.clock.precise())) throw tooManyGuesses();
  if (!isSecretOf(app, clientSecret)) {
    guesses.count(key, GUESSES, m.clock.precise());
    throw invalidClient();
  }
  if (app.active === 0) throw notInstalled();
  return app;
}

async function grant(m: Messenger, app: AppRow, params: TextParams): Promise<TokenPair> {
  const kind = required(params, 'grant_type');
  const scope = params.get('scope');
  const outcome =
    kind === 'authorization_code' ? await exchangeCode(m, app, required(params, 'code'), scope)
    : kind === 'refresh_token' ? await refreshTokens(m, app, required(params, 'refresh_token'), scope)
    : undefined;
  if (!outcome) throw new TokenError(400, 'unsupported_grant_type', 'The "grant_type" must be authorization_code or refresh_token');
  if (!outcome.ok) throw REFUSALS[outcome.reason]();
  return outcome.value;
}

function required(params: TextParams, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw missing(name);
  return value;
}

/** Everything that any of the official clients reads, in one shape. */
export async function tokenAnswer(m: Messenger, pair: TokenPair, origin: string): Promise<Record<string, string | number>> {
  const { memberId } = await m.settings();
  return {
    access_token: pair.accessToken,
    expires: Math.floor(pair.expiresAt / 1000),
    expires_in: pair.expiresIn,
    scope: pair.scope,
    domain: new URL(origin).host,
    server_endpoint: `${origin}/rest/`,
    status: 'L',
    client_endpoint: `${origin}/rest/`,
    member_id: memberId,
    user_id: pair.userId,
    refresh_token: pair.refreshToken,
  };
}
