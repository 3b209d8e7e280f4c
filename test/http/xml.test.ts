/** Answers as XML: addresses that end in `.xml`. */
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toXml } from '../../src/rest/xml.ts';
import type { Client } from '../support/client.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let anna: Client;

beforeAll(async () => {
  portal = await startTestServer();
  anna = await portal.addUser('Anna', { last_name: '<b>&"O\'Neil"</b>' });
});
afterAll(() => portal[Symbol.asyncDispose]());

const parser = new XMLParser({ parseTagValue: false, trimValues: false, processEntities: true, ignoreAttributes: false });
const read = (text: string) => (parser.parse(text) as { response: Record<string, unknown> }).response;

test('a map, with time, in which flags are 1 or nothing', async () => {
  const { status, headers, text } = await send(`${anna.url}profile.xml`);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'text/xml; charset=utf-8', 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' });
  expect(text).toMatch(/^<response><result><ID>2<\/ID><ADMIN><\/ADMIN><NAME>Anna<\/NAME>/);
  expect(read(text)).toMatchObject({ result: { LAST_NAME: '<b>&"O\'Neil"</b>' }, time: { operating: '0', date_start: expect.stringMatching(/T/) } });
  expect((await send(`${portal.admin.url}profile.XML`)).text).toContain('<ADMIN>1</ADMIN>');
});

test('a list has items, an empty one nothing', async () => {
  expect((await send(`${anna.url}im.recent.get.xml`)).text).toMatch(/^<response><result><\/result><time>/);
  await anna.call('im.message.add', { DIALOG_ID: 1, MESSAGE: 'Tom & Ann 💥 ]]>' });
  const { result } = read((await send(`${anna.url}im.recent.get.xml`)).text) as { result: { item: { message: { text: string } } } };
  expect(result.item.message.text).toBe('Tom & Ann 💥 ]]>');
});

test('errors too, with their status', async () => {
  expect(await send(`${anna.url}im.nope.xml`)).toMatchObject({
    status: 404, text: '<response><error>ERROR_METHOD_NOT_FOUND</error><error_description>Method not found!</error_description></response>',
  });
  expect(await send(`${portal.http}/rest/profile.xml`)).toMatchObject({ status: 401, text: expect.stringContaining('<error>NO_AUTH_FOUND</error>') });
  expect((await send(`${anna.url}im.dialog.get.xml`)).text).toContain("<error_description>Dialog ID can&apos;t be empty</error_description>");
});

test('keys that name no element are items with that key', async () => {
  const users = (await send(`${anna.url}im.user.list.get.xml?ID[]=${anna.userId}`)).text;
  expect(users).toContain(`<item key="${anna.userId}">`);
});

/** What a JSON value is in XML. */
function naive(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${naive(item)}</item>`).join('');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, item]) => (/^[A-Za-z_][\w.-]*$/.test(key) ? `<${key}>${naive(item)}</${key}>` : `<item key="${escape(key)}">${naive(item)}</item>`)).join('');
  }
  return value === null || value === false ? '' : value === true ? '1' : escape(String(value));
}

function escape(text: string): string {
  const spoken = Array.from(text, (char) => (/[\t\n\r]/.test(char) || (char >= ' ' && char !== '\ufffe' && char !== '\uffff') ? char : '\ufffd')).join('');
  return spoken.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;');
}

test('any JSON becomes well-formed XML that says the same, in whatever pieces it comes', async () => {
  const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'b_c', '1', '', 'x y', '__proto__', 'é'));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
  }));
  await fc.assert(
    fc.asyncProperty(tree, fc.nat(), async (value, cut) => {
      const json = Buffer.from(JSON.stringify({ result: value }));
      // As everywhere here a piece ends between two tokens.
      const ends = Array.from(json.toString('latin1').matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g), ({ 0: token, index }) => index + token.length);
      const at = ends[cut % ends.length]!;
      const { body } = await toXml({ status: 200, body: [json.subarray(0, at), json.subarray(at)] });
      const text = body.join('');
      expect(text).toBe(`<response>${naive({ result: value })}</response>`);
      expect(XMLValidator.validate(text)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
