/** The documents over HTTP: pages, OpenAPI and MCP, all made from the declarations of the methods. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DispatchOptions } from '../rest/pipeline.ts';
import type { CallListener } from '../rest/http.ts';
import { originOf } from '../rest/incoming.ts';
import { Guide } from './guide/guide.ts';
import { addGuide } from './guide/routes.ts';
import { renderIndex } from './index-page.ts';
import { type Reader, renderMissing } from './layout.ts';
import { Documents } from './documents.ts';
import type { McpRouteOptions } from './mcp-http.ts';
import { renderMethod } from './method-page.ts';
import type { Reference } from './reference.ts';
import { packageVersion } from './version.ts';

export interface DocsOptions<C> {
  dispatch: DispatchOptions<C>;
  /** Told of the calls that come in over MCP. */
  onAnswer: CallListener;
  /** Addresses of the listeners. */
  origins: { http: string; https: string };
  /** Whether the documents are shown at all. */
  enabled(): Promise<boolean>;
  /** The address under which others reach the portal; empty for that of the request. */
  url(): Promise<string>;
}

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function addDocs<C>(app: FastifyInstance, options: DocsOptions<C>): void {
  const version = packageVersion();
  const documents = new Documents(() => options.dispatch.registry.all(), version);
  const { dispatch, onAnswer, origins, url } = options;
  const originFor = async (request: FastifyRequest) => (await url()) || originOf(request);
  void app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      if (await options.enabled()) return undefined;
      reply.callNotFound();
      return reply;
    });
    const readerOf = async (request: FastifyRequest) => readerAt(await originFor(request), origins.https);
    const guide = new Guide();
    addPages(scope, documents.reference, guide, readerOf);
    addGuide(scope, guide, { readerOf, send: sendPage });
    addAssets(scope);
    addOpenApi(scope, documents.openApi, originFor);
    addMcp(scope, documents, { version, dispatch, onAnswer, origins: Object.values(origins), url });
  });
}

function addPages(app: FastifyInstance, referenceOf: () => Promise<Reference>, guide: Guide, readerOf: (request: FastifyRequest) => Promise<Reader>): void {
  const index = async (request: FastifyRequest, reply: FastifyReply) =>
    sendPage(reply, 200, renderIndex(await referenceOf(), await readerOf(request), await guide.pages()));
  app.get('/docs', index);
  app.get('/docs/', index);
  app.get<{ Params: { method: string } }>('/docs/:method', async (request, reply) => {
    const [reference, reader] = [await referenceOf(), await readerOf(request)];
    const method = reference.find(request.params.method);
    return method ? sendPage(reply, 200, renderMethod(reference, reader, method)) : sendPage(reply, 404, renderMissing(reference, reader));
  });
}

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': CONTENT_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    })
    .send(page);
}

/** Readers without TLS are given the TLS listener under the name that they have used. */
function readerAt(origin: string, https: string): Reader {
  if (origin.startsWith('https:')) return { origin, secure: origin };
  return { origin, secure: `https://${new URL(origin).hostname}:${new URL(https).port}` };
}

const ASSETS = { 'docs.css': 'text/css; charset=utf-8', 'docs.js': 'text/javascript; charset=utf-8' };

function addAssets(app: FastifyInstance): void {
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = readFileSync(join(import.meta.dirname, 'assets', name));
    app.get(`/docs/${name}`, async (_request, reply) =>
      reply.type(type).headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' }).send(content),
    );
  }
}

/** All but the first entry, which says how this reader reaches the portal, is encoded once. */
function addOpenApi(app: FastifyInstance, document: () => Promise<Buffer>, originFor: (request: FastifyRequest) => Promise<string>): void {
  app.get('/openapi.json', async (request, reply) => {
    const servers = Buffer.from(`{"servers":${JSON.stringify([{ url: await originFor(request) }])},`);
    return reply
      .type('application/json; charset=utf-8')
      .headers({ 'access-control-allow-origin': '*', 'cache-control': 'no-cache' })
      .send(Buffer.concat([servers, await document()]));
  });
}

/** Largest request to MCP, bytes: whoever sends one is not known until it has been read. */
const MCP_BODY_LIMIT = 256 * 1024;

function addMcp<C>(app: FastifyInstance, documents: Documents, options: Omit<McpRouteOptions<C>, 'reference'>): void {
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    bodyLimit: MCP_BODY_LIMIT,
    handler: async (request, reply) => {
      const [reference, { answerMcp }] = [await documents.reference(), await documents.mcp()];
      return answerMcp(request, reply, { ...options, reference });
    },
  });
}
