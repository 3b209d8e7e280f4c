/** The documents say what the declarations say, and nothing in them runs that is not the server's own. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import type { JsonSchemaType } from '@modelcontextprotocol/server';
import fastify from 'fastify';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { javaScript, literal } from '../../src/reference/literals.ts';
import { renderIndex } from '../../src/reference/index-page.ts';
import { renderMethod } from '../../src/reference/method-page.ts';
import { type Declared, Reference } from '../../src/reference/reference.ts';
import { addDocs } from '../../src/reference/routes.ts';
import { methods } from '../../src/methods/index.ts';
import { error } from '../../src/rest/method.ts';
import { systemErrors } from '../../src/rest/system-errors.ts';
import type { Value } from '../../src/rest/values.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { addCircle, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

type Json = Record<string, unknown>;
interface OpenApi extends Json {
  servers: Array<{ url: string }>;
  paths: Record<string, { post: Json & { responses: Json; requestBody: { content: Record<string, { example?: Json }> } } }>;
  components: { schemas: Record<string, Json> };
}

let portal: TestServer;
let anna: Client;
let chat: number;

beforeAll(async () => {
  portal = await startTestServer();
  const circle = await addCircle(portal);
  [anna, chat] = [circle.owner, circle.chat];
  await say(circle.member, `chat${chat}`);
  await say(circle.member, anna.userId);
});
afterAll(() => portal[Symbol.asyncDispose]());

const declared = methods.map((method) => ({ name: method.name, method }));

async function openApi(): Promise<OpenApi> {
  return (await send(`${portal.http}/openapi.json`)).body as OpenApi;
}

describe('OpenAPI', () => {
  test('the document is valid and says where this portal is', async () => {
    const document = await openApi();
    const { valid, errors } = await new Validator().validate(document);
    expect({ valid, errors }).toEqual({ valid: true });
    expect(document['openapi']).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: portal.http }]);
    const named = await send(`${portal.http}/openapi.json`, { headers: { host: 'Chat.example.com:8080' } });
    expect(named.body['servers']).toEqual([{ url: 'http://chat.example.com:8080' }]);
  });

  test.each(declared)('$name is at both addresses with its parameters and errors', async ({ name, method }) => {
    const { paths, components } = await openApi();
    const operations = [paths[`/rest/{user_id}/{webhook}/${name}`], paths[`/rest/${name}`]].map((path) => path!.post);
    const required = Object.entries(method.params).filter(([, param]) => param.required).map(([param]) => param);
    const schema = components.schemas[`${name}.params`]!;
    expect(Object.keys(schema['properties'] as Json)).toEqual(Object.keys(method.params));
    expect(schema['required'] ?? []).toEqual(required);
    for (const operation of operations) {
      expect(operation['summary']).toBe(method.summary);
      expect(Object.keys(operation.requestBody.content)).toEqual(['application/json', 'application/x-www-form-urlencoded']);
      for (const { status, code, text } of Object.values(method.errors)) {
        expect(JSON.stringify(operation.responses[status])).toContain(JSON.stringify({ error: code, error_description: text }));
      }
    }
  });

  test('what may stand in the head of a request and of its answer is said where it may', async () => {
    const { paths } = await openApi();
    const said = declared.filter(({ name }) => JSON.stringify(paths[`/rest/${name}`]).includes('#/components/parameters/ifNoneMatch'));
    expect(said.map(({ name }) => name)).toEqual(declared.filter(({ method }) => method.conditional).map(({ name }) => name));
    for (const path of ['/rest/im.recent.get', '/rest/{user_id}/{webhook}/im.recent.get']) {
      const { responses } = paths[path]!.post;
      expect(responses).toMatchObject({ 200: { headers: { ETag: {} } }, 304: { headers: { ETag: {} } } });
    }
  });

  test('the errors of any call are those that the server knows', async () => {
    const { components } = await openApi();
    const common = JSON.stringify(components);
    for (const { code, text } of Object.values(systemErrors)) expect(common).toContain(JSON.stringify({ error: code, error_description: text }));
  });

  test.each([
    ['im.recent.get', {}], ['im.recent.list', {}], ['im.counters.get', {}], ['user.get', {}], ['user.current', {}], ['profile', {}],
    ['im.user.get', {}], ['im.user.list.get', { ID: [1] }], ['methods', {}], ['scope', {}], ['server.time', {}],
    ['im.dialog.get', () => ({ DIALOG_ID: `chat${chat}` })], ['im.dialog.messages.get', () => ({ DIALOG_ID: `chat${chat}` })],
  ])('a real answer of %s is as its schema says', async (method, params) => {
    const { components } = await openApi();
    const answer = await anna.raw(method, typeof params === 'function' ? params() : params);
    expect(answer.status).toBe(200);
    const check = new AjvJsonSchemaValidator().getValidator({ ...components.schemas[`${method}.answer`], components } as JsonSchemaType);
    expect(check(answer.body).errorMessage).toBeUndefined();
    expect(check({ ...answer.body, result: { surprise: {} } }).valid).toBe(false);
  });
});

describe('examples', () => {
  const env = { parseDate: (text: string) => Date.parse(text) };

  test.each(declared)('the example of $name has all that is required, and every value can be read', ({ method }) => {
    const example = method.example ?? {};
    for (const name of Object.keys(example)) expect(method.params).toHaveProperty([name]);
    for (const [name, param] of Object.entries(method.params)) param.parse(example[name] as Value, name, env);
  });

  test('the reference shows the call that the original shows', async () => {
    const { paths } = await openApi();
    const { example } = paths['/rest/im.recent.get']!.post.requestBody.content['application/json']!;
    expect(example).toEqual({ SKIP_OPENLINES: 'Y', LAST_UPDATE: '2026-02-25T18:30:00+01:00' });
  });

  test('the cURL line of a page works as it stands once the webhook is filled in', async () => {
    const page = decode((await send(`${portal.http}/docs/im.recent.get`)).text.replaceAll(/<[^>]*>/g, ''));
    const [, body, address] = /-d '([^']*)' \\\s+'([^']*)'/.exec(page)!;
    const filled = address!.replace(`${portal.http}/rest/1/put_your_webhook_here/`, anna.url);
    const { status } = await send(filled, { headers: { 'content-type': 'application/json' }, body: body! });
    expect({ address, status }).toEqual({ address: `${portal.http}/rest/1/put_your_webhook_here/im.recent.get`, status: 200 });
  });

  test('the JS example of a page runs as it stands once the webhook is filled in', async () => {
    const page = (await send(`${portal.http}/docs/im.recent.get`)).text;
    const [, sample = ''] = /id="sample-js">[^]*?<code>([^]*?)<\/code>/.exec(page)!;
    const path = new URL(anna.url).pathname.slice(1, -1);
    const source = decode(sample.replaceAll(/<[^>]*>/g, '')).replace('rest/1/put_your_webhook_here', path);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: portal.ca };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], { cwd: import.meta.dirname, env });
    expect(stdout).toContain("title: 'Circle'");
  });

  test('literals are read back as they were', () => {
    const value = { 'a-b': [1, 'it\'s', { c: null }], d: true, e: 'line\nbreak \\ "quoted" </script>', f: {} };
    expect(JSON.parse(JSON.stringify(runInNewContext(`(${literal(javaScript, value)})`)))).toEqual(value);
  });
});

/** The text that a browser shows. */
function decode(page: string): string {
  return page.replaceAll(/&#(\d+);/g, (_entity, code: string) => String.fromCharCode(Number(code)));
}

const STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Everything by which a page could run or load what is not at its own address. */
function expectInert(page: string): void {
  const scripts = [...page.matchAll(/<script\b[^>]*>[^]*?<\/script>/gi)].map(([script]) => script);
  expect(scripts).toEqual(['<script src="/docs/docs.js" defer></script>']);
  expect(page).not.toMatch(/<[^>]*\son\w+\s*=/i);
  expect(page).not.toMatch(/\sstyle=|<style|=\s*["']?javascript:|<base|<iframe|<form|<img/i);
}

describe('pages', () => {
  test('the index names every method under its scope', async () => {
    const { status, headers, text } = await send(`${portal.http}/docs/`);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(STRICT);
    expectInert(text);
    for (const { name, method } of declared) {
      expect(text).toContain(`<a href="/docs/${name}"><code>${name}</code>`);
      expect(decode(text)).toContain(method.summary);
    }
    expect((await send(`${portal.http}/docs`)).text).toBe(text);
  });

  test.each(declared)('the page of $name says all that its declaration says', async ({ name, method }) => {
    const { status, headers: head, text } = await send(`${portal.http}/docs/${name}`);
    expect(status).toBe(200);
    expect(head).toMatchObject({ 'content-security-policy': STRICT, 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
    expectInert(text);
    const shown = decode(text);
    const params = Object.entries(method.params).flatMap(([param, { type, description }]) => [param, type, description]);
    const errors = Object.values(method.errors).flatMap(({ code, text: what, status: http }) => [code, what, `HTTP ${http}`]);
    const headers = [...(method.conditional ? ['ETag', 'If-None-Match'] : []), ...Object.entries(method.headers ?? {}).flat()];
    for (const piece of [method.summary, method.scope ?? 'no scope needed', ...params, ...errors, ...headers]) expect(shown).toContain(piece);
    for (const client of ['cURL, webhook', 'cURL, OAuth', 'b24jssdk', 'b24phpsdk', 'BX24.js', 'CRest', 'b24pysdk']) expect(shown).toContain(client);
  });

  test('the fields of a row stand in tables that lead to each other', async () => {
    const shown = decode((await send(`${portal.http}/docs/im.recent.get`)).text);
    for (const field of ['date_last_activity', 'has_reminder', 'manage_users_add', 'leave_owner', 'external_auth_id']) expect(shown).toContain(`<code>${field}</code>`);
    for (const [, anchor] of shown.matchAll(/href="#([^"]+)"/g)) expect(shown).toContain(`id="${anchor}"`);
    expect(shown).toContain('Whether the owner may leave');
  });

  test('method names are read in any case; script and style are served as what they are', async () => {
    expect((await send(`${portal.http}/docs/IM.RECENT.GET`)).status).toBe(200);
    const [script, style] = [await send(`${portal.http}/docs/docs.js`), await send(`${portal.http}/docs/docs.css`)];
    expect([script.headers['content-type'], style.headers['content-type']]).toEqual(['text/javascript; charset=utf-8', 'text/css; charset=utf-8']);
  });

  test('over TLS the examples are about the address over TLS', async () => {
    const { text } = await send(`${portal.https}/docs/im.recent.get`, { ca: readFileSync(portal.ca, 'utf8') });
    expect(text).toContain(`<span class="blank" data-blank="webhook">${portal.https}/rest/1/`);
    const plain = await send(`${portal.http}/docs/im.recent.get`);
    expect(plain.text).toContain(`<body data-secure="${portal.https}">`);
    expect(plain.text).toContain(`<span class="blank" data-blank="secure-webhook">${portal.https}/rest/1/`);
  });
});

describe('what a stranger writes is inert', () => {
  const ATTACK = '"><script>alert(1)</script>';

  test.each(['evil"><script>', "evil'onload='x", 'a b', 'evil.com/path', '\u0001', 'user@evil.com'])('the Host header %j', async (host) => {
    const { status, text } = await send(`${portal.http}/docs/im.recent.get`, { headers: { host } }).catch(() => ({ status: 400, text: '' }));
    if (status === 400) return;
    expectInert(text);
    expect(text).not.toContain('evil');
    expect(text).toContain(`${portal.http}/rest/1/put_your_webhook_here`);
  });

  test.each([encodeURIComponent(ATTACK), '%3Cscript%3E', 'im.recent.get%22%3E', '__proto__', 'constructor'])('the path %s', async (path) => {
    const { status, text, headers } = await send(`${portal.http}/docs/${path}`);
    expect(status).toBe(404);
    expect(headers['content-security-policy']).toBe(STRICT);
    expectInert(text);
    expect(text).not.toContain('alert');
  });

  test('declarations are escaped, whatever is in them', async () => {
    const hostile: Declared = {
      name: `im.${ATTACK}`,
      scope: ATTACK,
      summary: ATTACK,
      params: { [ATTACK]: { type: ATTACK, required: true, description: ATTACK, parse: () => undefined } },
      example: { [ATTACK]: ATTACK },
      result: z.strictObject({ [ATTACK]: z.string().describe(ATTACK) }),
      errors: { one: error(ATTACK, 400, ATTACK) },
      headers: { [ATTACK]: ATTACK },
    };
    const reference = await Reference.of([hostile]);
    const reader = { origin: 'http://127.0.0.1:1', secure: 'https://127.0.0.1:2' };
    for (const page of [renderMethod(reference, reader, reference.methods[0]!), renderIndex(reference, reader, [])]) {
      expectInert(page);
      expect(decode(page)).toContain(ATTACK);
    }
  });
});

test('switched off, nothing of it is there', async () => {
  const app = fastify();
  app.setNotFoundHandler((_request, reply) => void reply.code(404).send({ error: 'NOT_FOUND' }));
  const { dispatch } = portal.server.context;
  addDocs(app, { dispatch, onAnswer: () => {}, origins: portal, enabled: async () => false, url: async () => '' });
  for (const url of ['/docs', '/docs/', '/docs/im.recent.get', '/docs/docs.js', '/openapi.json', '/mcp']) {
    const { statusCode, body } = await app.inject(url);
    expect({ url, statusCode, body: JSON.parse(body) as unknown }).toEqual({ url, statusCode: 404, body: { error: 'NOT_FOUND' } });
  }
  await app.close();
});
