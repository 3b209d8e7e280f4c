/** Compressed answers and tags in a browser: it decodes what it asked for, and asks by itself whether its copy still holds. */
import { once } from 'node:events';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { knownAsActive, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { inPage, type Site, startSite } from './site.ts';

const { open } = useChromium();
let portal: TestServer;
let site: Site;
let anna: Client;
let peers: Client[];

beforeAll(async () => {
  portal = await startTestServer();
  site = await startSite();
  anna = await portal.addUser('Anna');
  peers = [];
  while (peers.length < 40) peers.push(await portal.addUser(`Peer ${peers.length}`));
  for (const peer of peers) await say(peer, anna.userId, { MESSAGE: 'Ж щ 東京 🌊 & so on' });
  await knownAsActive(portal, [anna, ...peers]);
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await portal[Symbol.asyncDispose]();
});

interface Got {
  status: number;
  etag: string | null;
  text: string;
}

/** What the browser says of its connections comes after the answers. */
const WAIT = { timeout: 10_000 };

const resultOf = (text: string) => text.slice(0, text.lastIndexOf(',"time":'));

async function openSite(): Promise<Page> {
  const page = await open();
  await page.goto(site.origin);
  return page;
}

/** Statuses and codings of the portal's answers as they come over the wire from now on. */
async function listen(page: Page): Promise<Array<{ status: number; coding: string | undefined }>> {
  const got: Array<{ status: number; coding: string | undefined }> = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.responseReceivedExtraInfo', ({ statusCode, headers }) => {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    got.push({ status: statusCode, coding: named['content-encoding'] });
  });
  await session.send('Network.enable');
  return got;
}

/** A front end that asks for one coding, whatever the browser says, and passes the answer on as it is. */
async function frontEnd(coding: string): Promise<Server> {
  const server = createServer((request, response) => {
    const headers = { ...request.headers, 'accept-encoding': coding };
    const inner = forward(portal.http + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test.each(['gzip', 'br', 'zstd'])('what is decoded from %s is the plain answer', async (coding) => {
  await using server = await frontEnd(coding);
  const { port } = server.address() as AddressInfo;
  const page = await openSite();
  const seen = await listen(page);
  const plain = await (await fetch(`${anna.url}im.recent.get`, { headers: { 'accept-encoding': 'identity' } })).text();
  // The first is compressed for it, the second is what is kept since.
  for (let time = 0; time < 2; time += 1) {
    const { status, text } = await inPage<Got>(page, 'callAsGet', `http://127.0.0.1:${port}${new URL(anna.url).pathname}im.recent.get`, { 'if-none-match': '"none"' });
    expect([status, resultOf(text) === resultOf(plain)]).toEqual([200, true]);
  }
  await expect.poll(() => seen.filter((one) => one.status === 200 && one.coding === coding), WAIT).toHaveLength(2);
  server.closeAllConnections();
});

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const url = () => anna.url.replace(portal.http, portal[scheme]) + 'im.recent.get';

  test('a page that has the list is told so, and reads the tag', async () => {
    const page = await openSite();
    const first = await inPage<Got>(page, 'callAsGet', url(), { 'if-none-match': '"none"' });
    expect(first.etag).toMatch(/^W\/"/);
    expect(await inPage<Got>(page, 'callAsGet', url(), { 'if-none-match': first.etag })).toEqual({ status: 304, etag: first.etag, text: '' });
  });

  test('a page that does nothing for it has the list by way of the browser, and never an old one', async () => {
    const page = await openSite();
    const seen = await listen(page);
    const first = await inPage<Got>(page, 'callAsGet', url(), {});
    const second = await inPage<Got>(page, 'callAsGet', url(), {});
    expect([second.status, resultOf(second.text) === resultOf(first.text)]).toEqual([200, true]);
    await say(peers[0]!, anna.userId, { MESSAGE: `new over ${scheme}` });
    const third = await inPage<Got>(page, 'callAsGet', url(), {});
    expect(JSON.parse(third.text)).toMatchObject({ result: [{ message: { text: `new over ${scheme}` } }, ...peers.slice(1).map(() => ({}))] });
    // It keeps nothing of servers whose certificate it only tolerates.
    await expect.poll(() => seen.map(({ status }) => status), WAIT).toEqual([200, scheme === 'http' ? 304 : 200, 200]);
  });
});

test('pages of the portal itself come compressed', async () => {
  const page = await open();
  const seen = await listen(page);
  await page.goto(`${portal.http}/docs/im.recent.get`);
  expect(await page.title()).toContain('im.recent.get');
  await expect.poll(() => seen[0], WAIT).toMatchObject({ status: 200, coding: expect.stringMatching(/^(gzip|br|zstd)$/) });
});
