/** The MCP server over Streamable HTTP: no sessions, and every answer is JSON. */
import { createMcpHandler, isLegacyRequest, type McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { dispatch } from '../rest/dispatch.ts';
import type { RestRequest } from '../rest/request.ts';
import type { DispatchOptions } from '../rest/pipeline.ts';
import type { CallListener } from '../rest/http.ts';
import { originOf } from '../rest/incoming.ts';
import { readJson } from '../rest/json.ts';
import type { JsonPieces } from '../rest/method.ts';
import { networkOf } from '../base/rate-limit.ts';
import { RequestError } from '../rest/request-error.ts';
import { type Called, readAnswer } from './called.ts';
import { createMcpServer } from './mcp.ts';
import { Gate } from '../base/turns.ts';
import type { Reference } from './reference.ts';
import { methodAt, parseWebhook, type WebhookAddress } from './webhook-address.ts';

export interface McpRouteOptions<C> {
  reference: Reference;
  version: string;
  dispatch: DispatchOptions<C>;
  onAnswer: CallListener;
  /** Addresses of the server's own listeners. */
  origins: readonly string[];
  /** The address under which others reach the portal; empty for none. */
  url(): Promise<string>;
}

/** Every address that is this portal's, whatever the request says. */
async function ownOrigins<C>({ origins, url }: McpRouteOptions<C>): Promise<string[]> {
  const set = await url();
  return set === '' ? [...origins] : [...origins, set];
}

/** Most messages in one request; the revisions of the protocol that know requests of several are old. */
const MOST_MESSAGES = 20;
/** Most that the calls of one request may answer, bytes: each answer is read and written twice. */
const MOST_ANSWERED = 1024 * 1024;
/** Each takes some milliseconds without ever waiting: of a flood only so many are under way, and between them others get their turn. */
const atATime = new Gate(4);

export async function answerMcp<C>(request: FastifyRequest, reply: FastifyReply, options: McpRouteOptions<C>): Promise<FastifyReply> {
  if (request.method !== 'POST') return refuse(reply.header('allow', 'POST'), 405, 'There are no sessions here: use POST');
  if (!isFromHere(request, await ownOrigins(options))) return refuse(reply, 403, 'Requests of other sites are refused');
  if (!(await takesTurn(request, options))) return refuse(reply.header('retry-after', '1'), 503, 'Too many requests');
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  try {
    return await atATime.run(async () => relay(reply, await serve(toWebRequest(request, body), () => serverFor(request, options), parse(body))));
  } catch (problem) {
    if (problem instanceof RequestError) return refuse(reply, problem.status, problem.message);
    throw problem;
  }
}

/** A request counts like a call, whatever it asks for; the calls that it makes do not count again. */
async function takesTurn<C>(request: FastifyRequest, { dispatch: { limits, portal, preciseNow } }: McpRouteOptions<C>): Promise<boolean> {
  const { rate } = await portal();
  return rate === undefined || limits.take([{ key: networkOf(request.ip), rate }], preciseNow());
}

/**
 * The request's messages within the limits of any body; undefined where the protocol's library is to say what is wrong.
 *
 * @throws RequestError
 */
function parse(body: Uint8Array): unknown {
  try {
    const messages = readJson(body);
    if (Array.isArray(messages) && messages.length > MOST_MESSAGES) throw new RequestError(400, 'TOO_MANY_PARAMETERS', `Request has more than ${MOST_MESSAGES} messages`);
    return messages;
  } catch (problem) {
    if (problem instanceof RequestError && problem.code === 'INVALID_JSON') return undefined;
    throw problem;
  }
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null });
}

/**
 * Programs send no Origin. A page of another site that has made its name point here sends its own name in Origin and
 * Host alike, so a plain HTTP page may only come from a name or number that is known to be this machine's; over TLS
 * the certificate has proved the name.
 */
function isFromHere(request: FastifyRequest, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const [page, own] = [URL.parse(origin), new URL(originOf(request))];
  if (page && origins.includes(page.origin)) return true;
  if (!page || page.host !== own.host) return false;
  return page.protocol === 'https:' || isLoopback(page.hostname) || isAddress(page.hostname) || origins.some((known) => new URL(known).hostname === page.hostname);
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function toWebRequest(request: FastifyRequest, body: Uint8Array): Request {
  const headers = Object.entries(request.headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^(accept|content-type|mcp-[\w-]+)$/.test(entry[0]),
  );
  return new Request(`${originOf(request)}/mcp`, { method: 'POST', headers, body: new Uint8Array(body) });
}

/** Clients of the revision with handshakes get their JSON from the older transport, newer ones from the newer. */
async function serve(request: Request, build: () => McpServer, parsedBody: unknown): Promise<Response> {
  if (!(await isLegacyRequest(request, parsedBody))) return createMcpHandler(build, { legacy: 'reject', maxSubscriptions: 0 }).fetch(request, { parsedBody });
  const server = build();
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport);
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
}

async function relay(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  const type = response.headers.get('content-type');
  if (type !== null) void reply.type(type);
  return reply.code(response.status).send(Buffer.from(await response.arrayBuffer()));
}

function serverFor<C>(request: FastifyRequest, options: McpRouteOptions<C>): McpServer {
  const { reference, version } = options;
  const room = { left: MOST_ANSWERED };
  return createMcpServer({ reference, version, asksForWebhook: true, call: (method, params, webhook = '') => call(request, options, room, webhook, method, params) });
}

async function call<C>(
  request: FastifyRequest,
  options: McpRouteOptions<C>,
  room: { left: number },
  given: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Called> {
  const webhook = parseWebhook(given);
  if (!webhook) return { ok: false, code: 'INVALID_WEBHOOK', text: 'webhook is neither the address of a webhook nor user/code' };
  if (!isOurs(webhook, [...(await ownOrigins(options)), originOf(request)])) return { ok: false, code: 'INVALID_WEBHOOK', text: 'webhook belongs to another host; only this portal is called from here' };
  const start = performance.now();
  const answered = await dispatch(options.dispatch, toRestRequest(request, webhook, method, params));
  options.onAnswer(answered, performance.now() - start);
  return readWithin(room, answered.response.body);
}

/** A model could not read more, and everybody else would wait while it is written out for it. */
function readWithin(room: { left: number }, body: JsonPieces): Called {
  const size = body.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  if (size > room.left) return { ok: false, code: 'ANSWER_TOO_LARGE', text: `The answer takes ${size} bytes and there is room for ${room.left}: ask for less, such as a page or what is new since a date` };
  room.left -= size;
  return readAnswer(Buffer.concat(body.map((piece) => Buffer.from(piece))).toString());
}

/** Whether a webhook's address leads to this server; the names of the local machine count as one. */
function isOurs({ origin }: WebhookAddress, origins: readonly string[]): boolean {
  return origin === undefined || origins.some((own) => hostOf(own) === hostOf(origin));
}

function hostOf(origin: string): string {
  const { hostname, host, port } = new URL(origin);
  return isLoopback(hostname) ? `localhost:${port}` : host;
}

/** The call as it would have come over HTTP by itself. */
function toRestRequest(request: FastifyRequest, webhook: WebhookAddress, method: string, params: Readonly<Record<string, unknown>>): RestRequest {
  return {
    path: methodAt(webhook, method),
    query: '',
    contentType: 'application/json',
    authorization: undefined,
    body: Buffer.from(JSON.stringify(params)),
    source: request.ip,
    counted: true,
    origin: originOf(request),
  };
}
