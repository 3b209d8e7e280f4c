/** Previews of what links in messages lead to: made beside the sends, never of the network that the portal stands in. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findPreview } from '../../src/db/stores/preview-store.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { addCircle, type Circle, historyOf, type Row, rowOf, say } from '../support/people.ts';
import { movedTo, startTestServer, type TestServer } from '../support/server.ts';

/** Of this machine's addresses one stands for the public internet; all others are as private as ever. */
const PUBLIC = '127.0.0.1';

let portal: TestServer;
let circle: Circle;
let site: Server;
let origin: string;
/** What was asked for, in order. */
let asked: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const page = (head: string, type = 'text/html; charset=utf-8') => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': type }).end(`<!doctype html><html><head>${head}</head><body><p>Text</p></body></html>`);
};

beforeAll(async () => {
  portal = await startTestServer({}, { reachable: (address) => address === PUBLIC });
  await tidemarkOn(portal, 'portal', 'set', '--link-previews');
  circle = await addCircle(portal);
  site = createServer((request, response) => {
    asked.push(request.url!);
    answer(request, response);
  }).listen(0, '0.0.0.0');
  await once(site, 'listening');
  origin = `http://${PUBLIC}:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await portal[Symbol.asyncDispose]();
});

let pages = 0;
/** An address that nobody has asked for. */
let url: string;
beforeEach(() => {
  asked = [];
  url = `${origin}/page${(pages += 1)}`;
  answer = page('<title>A page</title>');
});

const idle = () => portal.server.context.previews.idle();

/** What a message shows once all there is to preview has been. */
async function partsOf(who: Client, id: number, dialog: number | string = circle.dialog): Promise<Record<string, unknown>> {
  await idle();
  const params = (await historyOf(who, dialog)).find((message) => message.id === id)?.params;
  return { ...params };
}

const send = (MESSAGE: string, params = {}) => say(circle.owner, circle.dialog, { MESSAGE, ...params });
const cardOf = (params: Record<string, unknown>) => (params['ATTACH'] as Array<{ BLOCKS: Array<{ RICH_LINK: object[] }> }> | undefined)?.[0]?.BLOCKS[0]?.RICH_LINK[0];

describe('a preview', () => {
  test('is an attachment of the message, and changes the row for whoever has it', async () => {
    answer = page(`<title>Plain</title><meta property="og:title" content="Tides &amp; marks"><meta content="What the
      water left" name="description"><meta property=og:image content="/wave.png">`);
    const before = await circle.member.call<{ token: string }>('tidemark.recent.changes');
    const id = await send(`Look: ${url}.`);
    const { ATTACH, URL_ID, ...others } = await partsOf(circle.member, id);
    expect(others).toEqual({});
    expect(ATTACH).toEqual([{
      ID: (URL_ID as number[])[0], BLOCKS: [{ RICH_LINK: [{ LINK: url, NAME: 'Tides & marks', DESC: 'What the water left', PREVIEW: `${origin}/wave.png` }] }],
    }]);
    expect(await rowOf(circle.member, circle.dialog)).toMatchObject({ message: { id, attach: true, text: `Look: ${url}. [Attachment]` } });
    const { items } = await circle.member.call<{ items: Row[] }>('tidemark.recent.changes', { TOKEN: before.token });
    expect(items).toMatchObject([{ id: circle.dialog, message: { attach: true } }]);
    const { db } = portal.server.context;
    const [entry] = await db.read((s) => s.query((q) => q.selectFrom('journal').selectAll().where('what', '=', 'link.previewed').where('subject_id', '=', id)));
    expect(entry).toMatchObject({ chat_id: circle.chat, hops: 0 });
  });

  test('comes to lists that are kept, and by date', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    answer = (request, response) => void held.then(() => page('<title>Late</title>')(request, response));
    const id = await send(url);
    expect(await rowOf(circle.other, circle.dialog)).toMatchObject({ message: { id, attach: false } });
    portal.clock.advance(2000);
    const LAST_SYNC_DATE = new Date(portal.clock.now()).toISOString();
    release();
    expect(await partsOf(circle.other, id)).toMatchObject({ URL_ONLY: 'Y' });
    expect(await rowOf(circle.other, circle.dialog)).toMatchObject({ message: { id, attach: true } });
    expect(await circle.other.call('im.recent.get', { LAST_SYNC_DATE })).toMatchObject([{ id: circle.dialog, message: { attach: true } }]);
  });

  test('is made once for an address, whoever sends it, until it is old', async () => {
    const first = await Promise.all([send(url), send(`Again ${url}`), say(circle.member, circle.owner.userId, { MESSAGE: `${url}#part` })]);
    await idle();
    expect(asked).toHaveLength(1);
    for (const [index, id] of first.entries()) expect(cardOf(await partsOf(circle.owner, id, index < 2 ? circle.dialog : circle.member.userId))).toMatchObject({ NAME: 'A page' });
    answer = page('<title>Another title</title>');
    portal.clock.advance(23 * 3600_000);
    expect(cardOf(await partsOf(circle.owner, await send(url)))).toMatchObject({ NAME: 'A page' });
    portal.clock.advance(2 * 3600_000);
    expect(cardOf(await partsOf(circle.owner, await send(url)))).toMatchObject({ NAME: 'Another title' });
    expect(asked).toHaveLength(2);
  });

  test('is not made where nobody wants it, where there is an attachment, and of what is no link', async () => {
    for (const [text, params] of [
      [url, { URL_PREVIEW: 'N' }], [url, { ATTACH: [{ MESSAGE: 'Mine' }] }], [`[code]${url}[/code]`, {}], [`ftp${url.slice(4)}`, {}],
      [url.replace('http://', 'http://name:secret@'), {}], ['http://', {}], ['https://[::', {}],
    ] as const) {
      const id = await send(text, params);
      expect([text, (await partsOf(circle.owner, id))['URL_ID']]).toEqual([text, undefined]);
    }
    expect(asked).toEqual([]);
    await tidemarkOn(portal, 'portal', 'set', '--no-link-previews');
    expect(await partsOf(circle.owner, await send(url))).toEqual({});
    await tidemarkOn(portal, 'portal', 'set', '--link-previews');
    expect(asked).toEqual([]);
  });

  test('follows the text, and goes where something takes its place', async () => {
    const id = await send(`[url=${url}]here[/url]`);
    expect(cardOf(await partsOf(circle.owner, id))).toMatchObject({ LINK: url });
    const edit = (params: object) => circle.owner.call('im.message.update', { MESSAGE_ID: id, ...params });
    await edit({ KEYBOARD: [{ TEXT: 'Go', LINK: '/' }] });
    expect(cardOf(await partsOf(circle.owner, id))).toMatchObject({ LINK: url });
    await edit({ MESSAGE: `${url}other`, KEYBOARD: 'N' });
    expect(cardOf(await partsOf(circle.owner, id))).toMatchObject({ LINK: `${url}other` });
    await edit({ URL_PREVIEW: 'N' });
    expect(await partsOf(circle.owner, id)).toEqual({ URL_PREVIEW: 'N' });
    await edit({ URL_PREVIEW: 'Y' });
    expect(cardOf(await partsOf(circle.owner, id))).toMatchObject({ LINK: `${url}other` });
    await edit({ ATTACH: [{ MESSAGE: 'Mine' }] });
    expect(await partsOf(circle.owner, id)).toEqual({ ATTACH: [{ ID: 1, BLOCKS: [{ MESSAGE: 'Mine' }] }] });
    await edit({ ATTACH: 'N' });
    await edit({ MESSAGE: 'No link' });
    expect(await partsOf(circle.owner, id)).toEqual({});
    const linked = await send(url);
    await idle();
    await circle.owner.call('im.message.update', { MESSAGE_ID: linked, MESSAGE: '' });
    expect((await historyOf(circle.owner, circle.dialog)).find((message) => message.id === linked)).toBeUndefined();
  });

  test('is not put on a message that says something else by then, or is gone', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    answer = (request, response) => void held.then(() => page('<title>Late</title>')(request, response));
    const [changed, gone] = [await send(url), await send(url)];
    await circle.owner.call('im.message.update', { MESSAGE_ID: changed, MESSAGE: 'Never mind' });
    await circle.owner.call('im.message.delete', { MESSAGE_ID: gone });
    release();
    expect(await partsOf(circle.owner, changed)).toEqual({});
    expect((await historyOf(circle.owner, circle.dialog)).some((message) => message.id === gone)).toBe(false);
  });
});

describe('where links may lead', () => {
  const other = () => origin.replace(PUBLIC, '127.0.0.2');
  const failsAt = async (address: string) => {
    const id = await send(address);
    expect([address, await partsOf(circle.owner, id)]).toEqual([address, {}]);
  };

  test('not to private addresses, whatever they are called', async () => {
    const { port } = new URL(origin);
    for (const address of [`${other()}/x`, `http://[::1]:${port}/x`, `http://[::ffff:7f00:2]:${port}/x`, `http://2130706434:${port}/x`, `http://0x7f.0.0.2:${port}/x`, 'http://10.0.0.1/x', 'http://169.254.169.254/latest/meta-data/']) {
      await failsAt(`${address}?${pages++}`);
    }
    expect(asked).toEqual([]);
  });

  test('nor by a redirect, nor by many', async () => {
    const redirect = (to: string) => (_: IncomingMessage, response: ServerResponse) => response.writeHead(302, { location: to }).end();
    answer = (request, response) => (request.url === '/end' ? page('<title>The end</title>') : redirect('/end'))(request, response);
    expect(cardOf(await partsOf(circle.owner, await send(url)))).toMatchObject({ LINK: url, NAME: 'The end' });
    for (const to of [`${other()}/secret`, 'file:///etc/passwd', 'gopher://127.0.0.1/', 'data:text/html,<title>x</title>', `http://u:p@${PUBLIC}/`, 'http://', '//[::1]/']) {
      answer = redirect(to);
      await failsAt(`${url}?${pages++}`);
    }
    expect(asked.filter((path) => path === '/secret')).toEqual([]);
    asked = [];
    answer = (_, response) => response.writeHead(302, { location: `/again${asked.length}` }).end();
    await failsAt(`${url}/many`);
    expect(asked).toHaveLength(4);
  });
});

describe('what sites may do', () => {
  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['say nothing of themselves', page('')],
    ['are no page', page('<title>x</title>', 'application/json')],
    ['have no type', (_, response) => response.end('<title>x</title>')],
    ['are packed', (_, response) => response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end('<title>x</title>')],
    ['fail', (_, response) => response.writeHead(500, { 'content-type': 'text/html' }).end('<title>x</title>')],
    ['hang up', (request) => request.socket.destroy()],
    ['have a title too late', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<head>${' '.repeat(400_000)}<title>x</title>`)],
    ['send what is no HTTP', (request) => request.socket.end('Hello\r\n\r\n')],
  ])('those that %s have no preview, and are not asked again at once', async (_, conduct) => {
    answer = conduct;
    expect(await partsOf(circle.owner, await send(url))).toEqual({});
    expect(await partsOf(circle.owner, await send(url))).toEqual({});
    expect(asked).toHaveLength(1);
    answer = page('<title>Well again</title>');
    portal.clock.advance(601_000);
    expect(cardOf(await partsOf(circle.owner, await send(url)))).toMatchObject({ NAME: 'Well again' });
  });

  test.each([
    ['<title>[USER=1]You[/USER] [b]x[/b]</title>', { NAME: '[\u200bUSER=1]You[\u200b/USER] [\u200bb]x[\u200b/b]' }],
    ['<title>A\u0000\u0007\n\t B\ud83d</title>', { NAME: expect.stringMatching(/^A\ufffd? B\ufffd+$/) }],
    [`<title>${'a'.repeat(10_000)}</title>`, { NAME: `${'a'.repeat(199)}…` }],
    [`<meta name="description" content="${'b'.repeat(10_000)}"><title>T</title>`, { NAME: 'T', DESC: `${'b'.repeat(499)}…` }],
    ['<title>T</title><meta property="og:image" content="javascript:alert(1)">', { NAME: 'T' }],
    ['<title>T</title><meta property="og:image" content="data:image/png;base64,xx">', { NAME: 'T' }],
    ['<TITLE>Upper &#x3C;b&#62; &eacute;</TITLE><svg><title>Not this</title></svg>', { NAME: 'Upper <b> é' }],
    ['<script>var a = "<title>Not this</title>"</script><!-- <title>Nor this --><title>This</title>', { NAME: 'This' }],
    ['<meta property="og:title" content=""><title>Fallback</title>', { NAME: 'Fallback' }],
  ])('%s', async (head, card) => {
    answer = page(head);
    const found = cardOf(await partsOf(circle.owner, await send(url)));
    expect(found).toEqual({ LINK: url, ...card });
  });

  test.each([
    ['text/html; charset=windows-1251', '<title>', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]], ['text/html', '<meta charset="windows-1251"><title>', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]],
    ['text/html; charset=nonsense', '<title>', [...Buffer.from('Привет')]],
  ])('in another alphabet: %s %s', async (type, before, bytes) => {
    answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from('</title>')]));
    expect(cardOf(await partsOf(circle.owner, await send(url)))).toMatchObject({ NAME: 'Привет' });
  });

  test('those that never answer hold up neither sends nor other sites, and a stop does not wait for them', async () => {
    answer = () => {};
    const slow = await Promise.all(Array.from({ length: 30 }, (_, at) => send(`${url}/${at}`)));
    expect(slow).toHaveLength(30);
    const second = createServer(page('<title>Quick</title>')).listen(0, PUBLIC);
    await once(second, 'listening');
    const quick = `http://${PUBLIC}:${(second.address() as AddressInfo).port}/`;
    const id = await send(`${quick} now`);
    const { db } = portal.server.context;
    while (!(await db.read((s) => findPreview(s, quick)))) await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const params = (await historyOf(circle.owner, circle.dialog)).find((message) => message.id === id)!.params;
      if (cardOf(params)) break;
    }
    // One at a time of the slow site, and each is given up after some seconds.
    expect(asked.length).toBeLessThan(5);
    second.close();
    await portal.restart();
    expect((await historyOf(movedTo(portal, circle.owner), circle.dialog)).length).toBeGreaterThan(0);
  });
});
