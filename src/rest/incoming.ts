/** Requests as HTTP brings them, for the dispatcher. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Repeatable } from './repeats.ts';
import type { RestRequest } from './request.ts';
import { sessionOf } from './session-cookie.ts';

/** What the framework can read. */
export const READABLE_TYPE = /^[\w.+-]+\/[\w.+-]+\s*(;|$)/;
const NO_BODY = new Uint8Array(0);

/** Undefined for what a body may belong to. */
export function repeatableOf({ method, headers, url = '', socket }: IncomingMessage): Repeatable | undefined {
  if (method !== 'GET' || headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return undefined;
  const { path, query } = splitTarget(url);
  return { path, query, contentType: undefined, authorization: headers.authorization, ifNoneMatch: headers['if-none-match'], body: NO_BODY, connection: socket };
}

/** Bytes of a body that is read without the framework. */
const SHORT_BODY = 64 * 1024;
const LENGTH = /^[1-9]\d{0,5}$/;
/** A webhook's address as almost everybody writes it. */
const WEBHOOK = /^\/rest\/\d+\/\w+\/[\w.]+(?:\?|$)/;

/** Whether all of it is as the framework would take it, too. */
export function hasShortBody({ method, headers, url = '' }: IncomingMessage): boolean {
  const { 'content-type': type, 'content-length': length } = headers;
  if (method !== 'POST' || length === undefined || headers['transfer-encoding'] !== undefined) return false;
  if (!LENGTH.test(length) || Number(length) > SHORT_BODY) return false;
  return WEBHOOK.test(url) && (type === undefined || READABLE_TYPE.test(type));
}

/** Of a request that breaks off nobody waits for the answer. */
export function readBody(request: IncomingMessage, done: (body: Uint8Array) => void): void {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => done(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
  request.on('error', () => {});
}

/** What the framework has read. */
export function toRestRequest(request: FastifyRequest): RestRequest {
  const { raw, body } = request;
  const origin = originOf(request);
  return {
    ...toCall(raw), source: request.ip, origin, body: raw.method === 'POST' && body instanceof Uint8Array ? body : NO_BODY,
    session: sessionOf(raw.headers, origin), csrf: csrfOf(raw),
  };
}

/** What has been read without the framework: whoever connects is who calls. */
export function toPlainRequest(request: IncomingMessage, body: Uint8Array): RestRequest {
  const { socket, headers } = request;
  const protocol = 'encrypted' in socket ? 'https' : 'http';
  return { ...toCall(request), source: socket.remoteAddress ?? '', origin: originAt(protocol, headers.host, socket), body };
}

function csrfOf({ headers }: IncomingMessage): string | undefined {
  const given = headers['x-bitrix-csrf-token'];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/** What a request says by itself. */
function toCall({ url = '', headers, method, httpVersion, socket }: IncomingMessage): Omit<RestRequest, 'source' | 'origin' | 'body'> {
  const { path, query } = splitTarget(url);
  return {
    path,
    query,
    contentType: headers['content-type'],
    authorization: headers.authorization,
    ifNoneMatch: headers['if-none-match'],
    // A tag is known when all is read; an older protocol cannot tell an answer that broke off from a whole one.
    streams: httpVersion === '1.1' && method !== 'HEAD' && headers['if-none-match'] === undefined,
    connection: socket,
  };
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** As the caller wrote it, or where the connection came in when that cannot be a host. */
export function originOf({ host, protocol, raw }: FastifyRequest): string {
  return originAt(protocol, host, raw.socket);
}

function originAt(protocol: string, given: string | undefined, { localAddress = '127.0.0.1', localPort = 80 }: Socket): string {
  const host = given !== undefined && HOST.test(given) ? given : `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
  return `${protocol === 'https' ? 'https' : 'http'}://${host.toLowerCase()}`;
}

function splitTarget(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return { path: mark < 0 ? url : url.slice(0, mark), query: mark < 0 ? '' : url.slice(mark + 1) };
}
