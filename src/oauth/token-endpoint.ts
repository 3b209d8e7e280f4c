/** `/oauth/token/`: codes and refresh tokens become access tokens. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AppRow, findAppByClientId } from '../db/stores/app-store.ts';
import type { Portal } from '../portal/portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { writeResponse } from '../rest/http.ts';
import { originOf } from '../rest/incoming.ts';
import { type Limits, networkOf } from '../base/rate-limit.ts';
import { RequestError } from '../rest/request-error.ts';
import { tokenAnswer } from '../identity/token-fields.ts';
import { isSecretOf } from '../identity/applications.ts';
import { readBasic, readParams, type TextParams } from './request.ts';
import { exchangeCode, refreshTokens, type TokenPair } from '../identity/tokens.ts';

/** An error as clients of the original know it. */
class TokenError extends Error {
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, description: string, headers: Readonly<Record<string, string>> = {}) {
    super(description);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** An unknown application is the one error with status 200: clients were written for that. */
const wrongClient = () => new TokenError(200, 'wrong_client', 'Wrong client');
const invalidClient = () => new TokenError(400, 'invalid_client', 'Invalid client credentials');
/** Who has used the header for it is answered in its terms (RFC 6749, 5.2). */
const unauthorized = () => new TokenError(401, 'invalid_client', 'Invalid client credentials', { 'www-authenticate': 'Basic realm="tidemark"' });
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

/** @param guesses counts wrong secrets */
export function tokenEndpoint(portal: Portal, guesses: Limits): Handler {
  return async (request, reply) => {
    const { status, body, headers = {} } = await answer(portal, guesses, request);
    reply.hijack();
    for (const [name, value] of Object.entries({ 'cache-control': 'no-store', ...headers })) reply.raw.setHeader(name, value);
    writeResponse(reply.raw, { status, body: [JSON.stringify(body)] });
  };
}

interface TokenReply {
  status: number;
  body: object;
  headers?: Readonly<Record<string, string>>;
}

async function answer(portal: Portal, guesses: Limits, request: FastifyRequest): Promise<TokenReply> {
  try {
    const origin = originOf(request);
    const { httpsRequired, url } = toPolicy((await portal.settings()).values);
    if (httpsRequired && !origin.startsWith('https:')) throw new TokenError(400, 'invalid_request', 'Https required.');
    const params = await readParams(request);
    const app = await authenticate(portal, guesses, readClient(request.headers.authorization, params), request.ip);
    return { status: 200, body: await tokenAnswer(portal, await grant(portal, app, params), url || origin) };
  } catch (thrown) {
    if (thrown instanceof TokenError) return { ...failure(thrown.status, thrown.code, thrown.message), headers: thrown.headers };
    if (thrown instanceof RequestError) return failure(thrown.status, 'invalid_request', thrown.message);
    throw thrown;
  }
}

function failure(status: number, error: string, description: string): TokenReply {
  return { status, body: { error, error_description: description } };
}

interface Client {
  clientId: string;
  clientSecret: string;
  /** It has shown its secret in the header. */
  basic: boolean;
}

/** The client's credentials from the `Authorization` header or the parameters, never from both (RFC 6749, 2.3). */
function readClient(authorization: string | undefined, params: TextParams): Client {
  const basic = readBasic(authorization);
  if (!basic) return { clientId: required(params, 'client_id'), clientSecret: required(params, 'client_secret'), basic: false };
  if (basic === 'malformed') throw new TokenError(400, 'invalid_request', 'The Authorization header cannot be read');
  const also = params.get('client_id');
  if (params.has('client_secret') || (also !== undefined && also !== basic.name)) {
    throw new TokenError(400, 'invalid_request', 'The client must identify itself once: in the Authorization header or with parameters');
  }
  return { clientId: basic.name, clientSecret: basic.password, basic: true };
}

async function authenticate(portal: Portal, guesses: Limits, client: Client, source: string): Promise<AppRow> {
  const { clientId, clientSecret, basic } = client;
  const app = await portal.db.read((s) => findAppByClientId(s, clientId));
  if (!app) throw basic ? unauthorized() : wrongClient();
  const limit = { key: `${networkOf(source)} ${app.id}`, rate: GUESSES };
  if (await guesses.isFull(limit, portal.clock.precise())) throw tooManyGuesses();
  if (!isSecretOf(app, clientSecret)) {
    guesses.count(limit, portal.clock.precise());
    throw basic ? unauthorized() : invalidClient();
  }
  if (app.active === 0) throw notInstalled();
  return app;
}

async function grant(portal: Portal, app: AppRow, params: TextParams): Promise<TokenPair> {
  const kind = required(params, 'grant_type');
  const scope = params.get('scope');
  const outcome =
    kind === 'authorization_code' ? await exchangeCode(portal, app, required(params, 'code'), scope)
    : kind === 'refresh_token' ? await refreshTokens(portal, app, required(params, 'refresh_token'), scope)
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
