/** REST over HTTP: reads the request for the dispatcher and writes its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseAbsoluteForm } from './address.ts';
import { READABLE_TYPE, toRestRequest } from './incoming.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchOptions } from './pipeline.ts';
import { errorResponse, type Following, requestErrorResponse, type RestResponse } from './envelope.ts';
import { error, type JsonPieces } from './method.ts';
import { type Coding, codingFor } from './net/accept-encoding.ts';
import { compress, compressing } from './net/compression.ts';
import { Outflow } from './net/outflow.ts';
import { answerAgain, askAgain, begun } from './repeats.ts';
import { bareHead } from './net/bare-head.ts';
import type { Answered, RestRequest } from './request.ts';
import type { Sifted } from './spool/sifting.ts';
import { bodyTooLarge } from './request-error.ts';

/** Largest request body, bytes. Reading one that large takes less than 50 ms in the worst case. */
export const BODY_LIMIT = 2 * 1024 * 1024;

/** Names and values in turn: what Node writes soonest. */
type Head = string[];

const CORS: readonly string[] = [
  'access-control-allow-origin', '*',
  'access-control-allow-headers', 'origin, content-type, accept, authorization, if-none-match, x-requested-with, x-request-id',
  'access-control-expose-headers', 'etag, x-tidemark-token',
  'x-content-type-options', 'nosniff',
];
const PREFLIGHT: Head = [...CORS, 'access-control-allow-methods', 'GET, POST, OPTIONS', 'content-length', '0'];

const TYPES = { json: 'application/json; charset=utf-8', xml: 'text/xml; charset=utf-8' };

/** Told of every answered call, with the time it took in milliseconds. */
export type CallListener = (answered: Answered, milliseconds: number) => void;

/** Adds the REST routes and makes every failure of the transport itself a JSON error. */
export function addRestRoutes<C>(app: FastifyInstance, options: DispatchOptions<C>, onAnswer: CallListener): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler<FastifyError>((thrown, request, reply) => send(reply, transportFailure(thrown, request, options)));
  // The framework refuses bodies whose type it cannot read; here any type but JSON and multipart means a form.
  app.addHook('onRequest', async (request) => {
    const type = request.headers['content-type'];
    if (type !== undefined && !READABLE_TYPE.test(type)) request.headers = { 'content-type': 'application/octet-stream' };
  });
  app.options('/rest/*', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, PREFLIGHT).end();
  });
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/rest/*',
    exposeHeadRoute: false,
    handler: (request, reply) => answerRequest(options, request, reply, onAnswer),
  });
}

/** @param sifted what is to be read in place of the request's body */
export async function answerRequest<C>(
  options: DispatchOptions<C>, request: FastifyRequest, reply: FastifyReply, onAnswer: CallListener, sifted?: Sifted,
): Promise<void> {
  const call = toRestRequest(request);
  const start = performance.now();
  const answering = answerCall(options, sifted ? { ...call, body: sifted.body, sifted } : call, request.raw);
  const prepared = await prepare(answering, request.raw.headers['accept-encoding'], start);
  reply.hijack();
  await deliver(reply.raw, prepared, onAnswer);
}

/** An answer that can be sent. */
export interface Prepared {
  answered: Answered;
  encoded: EncodedResponse;
  /** When the request had been read, by `performance.now()`. */
  start: number;
}

/** The answer that somebody gives, encoded. */
export async function prepare(answering: Promise<Answered>, acceptEncoding: string | undefined, start: number): Promise<Prepared> {
  const answered = await answering;
  const encoded = encodeFor(acceptEncoding, answered.response);
  return { answered, encoded: encoded instanceof Promise ? await encoded : encoded, start };
}

export async function deliver(raw: ServerResponse, { answered, encoded, start }: Prepared, onAnswer: CallListener): Promise<void> {
  if (encoded.following) await sendFollowing(raw, encoded, encoded.following);
  else writeResponse(raw, encoded);
  onAnswer(answered, performance.now() - start);
}

async function answerCall<C>(options: DispatchOptions<C>, call: RestRequest, request: IncomingMessage): Promise<Answered> {
  // A GET was looked up before: see shortWayFirst.
  if (request.method === 'GET') return dispatch(options, { ...call, begun: begun.get(request) });
  const repeated = answerAgain(options, call);
  if (repeated) return repeated;
  const asked = await askAgain(options, call)?.catch(() => undefined);
  if (asked && 'response' in asked) return asked;
  return dispatch(options, asked ? { ...call, begun: asked } : call);
}

/**
 * Compresses what the routes of this scope send. Not for pages that hold secrets beside what a stranger can put there: their
 * length would tell.
 */
export function compressPages(scope: FastifyInstance): void {
  scope.addHook('onSend', async ({ headers }, reply, payload) => {
    if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) return payload;
    const size = lengthOf([payload]);
    const coding = codingFor(headers['accept-encoding'], size);
    void reply.header('vary', 'accept-encoding');
    if (!coding) return payload;
    void reply.header('content-encoding', coding).removeHeader('content-length');
    return Buffer.concat(await compress([payload], size, coding));
  });
}

/** The target without its host, which then stands in the place of the Host field: it is the one that counts. */
export function withoutHost(request: IncomingMessage): string {
  const absolute = parseAbsoluteForm(request.url ?? '');
  if (!absolute) return request.url ?? '';
  request.headers.host = absolute.host;
  return absolute.target;
}

/** Answers what the HTTP framework refuses before any route is chosen, such as an address that cannot be decoded. */
export function answerFrameworkError(thrown: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  send(reply, errorResponse(error('INVALID_REQUEST', thrown.statusCode ?? 400, thrown.message)));
}

function transportFailure<C>(thrown: FastifyError, { routeOptions }: FastifyRequest, options: DispatchOptions<C>): RestResponse {
  if (thrown.statusCode === 413) return requestErrorResponse(bodyTooLarge(routeOptions.bodyLimit ?? BODY_LIMIT));
  if (thrown.statusCode !== undefined && thrown.statusCode < 500) {
    return errorResponse(error('INVALID_REQUEST', thrown.statusCode, thrown.message));
  }
  return errorResponse(options.onFault('', thrown));
}

/** The answer in the coding that its caller likes best. Not a promise where there is nothing to wait for. */
export function encodeFor(acceptEncoding: string | undefined, response: RestResponse): EncodedResponse | Promise<EncodedResponse> {
  if (response.following) return encodeFollowing(acceptEncoding, response, response.following);
  const size = acceptEncoding === undefined ? 0 : lengthOf(response.body);
  const coding = codingFor(acceptEncoding, size);
  if (!coding) return { ...response, coding: 'identity' };
  const body = compress(response.body, size, coding);
  return body instanceof Promise ? body.then((compressed) => ({ ...response, body: compressed, coding })) : { ...response, body, coding };
}

/** Nobody knows how long it will be, but it is long. */
function encodeFollowing(acceptEncoding: string | undefined, response: RestResponse, following: Following): EncodedResponse {
  const coding = codingFor(acceptEncoding, Infinity);
  return coding ? { ...response, following: compressing(following, coding), coding } : { ...response, coding: 'identity' };
}

/** Ends a request with an answer. */
export function send(reply: FastifyReply, response: EncodedResponse): void {
  reply.hijack();
  writeResponse(reply.raw, response);
}

/** Sends what is still being made. Resolves when that is over. */
function sendFollowing(raw: ServerResponse, response: EncodedResponse, following: Following): Promise<void> {
  raw.writeHead(response.status, [...headOf(response), 'content-type', TYPES.json]);
  return outflow.follow(raw, following);
}

/** One for the process, as its memory is. */
const outflow = new Outflow();

/** An answer whose coding its caller has chosen, if the caller had a choice. */
export type EncodedResponse = RestResponse & { coding?: Coding | 'identity' };

/** Writes head and body in as few packets as they fit, without joining the pieces first. */
export function writeResponse(raw: ServerResponse<IncomingMessage>, response: EncodedResponse): void {
  const length = lengthOf(response.body);
  raw.writeHead(response.status, wholeHeadOf(response, length));
  if (response.status === 304) raw.end();
  else outflow.send(raw, response.body, length);
}

/** The same onto the connection itself; `taken` is called when there is room for another answer. */
export function writeBare(socket: Socket, response: EncodedResponse, keptSeconds: number, taken: () => void): void {
  const length = lengthOf(response.body);
  outflow.sendBare(socket, bareHead(response.status, wholeHeadOf(response, length), keptSeconds), response.body, length, taken);
}

function wholeHeadOf(response: EncodedResponse, length: number): Head {
  const head = headOf(response);
  if (response.status !== 304) head.push('content-type', TYPES[response.type ?? 'json'], 'content-length', String(length));
  return head;
}

function headOf({ headers, rehearsed, coding }: EncodedResponse): Head {
  const head = [...CORS];
  for (const name in headers) head.push(name, headers[name]!);
  if (coding !== undefined) head.push('vary', 'accept-encoding');
  if (coding !== undefined && coding !== 'identity') head.push('content-encoding', coding);
  if (rehearsed !== undefined) head.push('x-tidemark-rehearsal', rehearsed);
  return head;
}

function lengthOf(body: JsonPieces): number {
  return body.reduce((sum, piece) => sum + (typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length), 0);
}
