/** The guide: every page of docs/ is there, its links lead somewhere, and nothing but its own files is served. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUIDE_PAGES, GUIDE_PATH } from '../../src/reference/guide/contents.ts';
import { render } from '../../src/reference/guide/markdown.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { tidemarkOn } from '../support/command.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

let portal: TestServer;
beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

const get = (path: string) => send(portal.http + path);
const anchorsOf = (text: string) => new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!));

test('every page of docs/ is in the guide', () => {
  const files = readdirSync(DOCS).filter((name) => name.endsWith('.md')).map((name) => name.replace('.md', ''));
  expect(GUIDE_PAGES.map(({ name }) => name).sort()).toEqual(files.sort());
});

test('the first page leads to every other, with and without its slash', async () => {
  const { status, text } = await get(GUIDE_PATH);
  expect(status).toBe(200);
  for (const { name, about } of GUIDE_PAGES) {
    expect(text).toContain(`href="${GUIDE_PATH}${name}"`);
    expect(text).toContain(`<span>${about}</span>`);
  }
  expect((await get('/docs/guide')).text).toBe(text);
});

describe.each(GUIDE_PAGES)('$name', ({ name }) => {
  test('is a page like those of the reference, and what it leads to is there', async () => {
    const { status, headers, text } = await get(GUIDE_PATH + name);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
    expect(headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'; img-src 'self'");
    expect([...text.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script src="/docs/docs.js" defer>']);
    expect(text).not.toMatch(/\sstyle=|<style|<!--|&lt;!--|\son\w+="/);
    expect(text.match(/<h1\b/g)).toHaveLength(1);
    for (const [, link] of text.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^https?:/.test(link!)) continue;
      const [path, anchor] = link!.split('#');
      const target = path === '' ? text : (await get(path!)).text;
      if (path !== '') expect((await get(path!)).status, link).toBe(200);
      if (anchor) expect(anchorsOf(target), `${name} leads to ${link}`).toContain(decodeURIComponent(anchor));
    }
  });

  test('is one step from the one before and from the next', async () => {
    const at = GUIDE_PAGES.findIndex((page) => page.name === name);
    const [, steps = ''] = /<nav class="around"[^>]*>([^]*?)<\/nav>/.exec((await get(GUIDE_PATH + name)).text)!;
    const beside = [GUIDE_PAGES[at - 1], GUIDE_PAGES[at + 1]].flatMap((page) => (page ? [GUIDE_PATH + page.name] : []));
    expect([...steps.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)).toEqual(beside);
  });
});

test('commands are those of whoever reads', async () => {
  expect((await get(`${GUIDE_PATH}quick-start`)).text).toContain('npm run -s tidemark -- call im.counters.get');
});

test('the search of the reference knows every heading', async () => {
  const { text } = await get('/docs/');
  const first = '<li data-words="guide" hidden>';
  expect(text.split(first).length - 1).toBeGreaterThan(GUIDE_PAGES.length * 3);
  expect(text).toContain(`${first}<a href="/docs/guide/operations#back-up-and-restore">Back up and restore</a> <span>Running Tidemark</span>`);
});

test('pictures are served, and no other file', async () => {
  const { status, headers } = await get(`${GUIDE_PATH}pictures/inbox-light.png`);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'max-age=3600', 'x-content-type-options': 'nosniff' });
  const others = ['pictures/', 'pictures/none.png', 'pictures/..%2Foperations.md', 'pictures/%2e%2e%2f%2e%2e%2fpackage.json', 'pictures/../operations.md', 'operations.md', '__proto__', 'constructor', '..%2F..%2Fpackage.json', '%3Cscript%3E'];
  for (const path of others) {
    const answer = await get(GUIDE_PATH + path);
    expect({ path, status: answer.status }).toEqual({ path, status: 404 });
    expect(answer.text).not.toMatch(/<script>|"version"|ExecStart/);
  }
});

test('no HTML of a file becomes HTML, links lead to pages alone, anchors are as on GitHub', () => {
  const text = '# A & <b>\n\n<!-- a note -->\n\n## Files: `x.ts`, again\n\n## Files: `x.ts`, again\n\n<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> '
    + '[clients](clients.md#go) [code](../src/cli.ts) [out](https://example.org/) [bad](javascript:alert(1))\n\n```sh any\na <b>\n```\n';
  const { title, headings, body } = render(text);
  expect({ title, headings }).toEqual({
    title: 'A & <b>',
    headings: ['files-xts-again', 'files-xts-again-1'].map((anchor) => ({ level: 2, text: 'Files: x.ts, again', anchor })),
  });
  expect(body.text).not.toMatch(/<script|<img|<b>|a note|href="javascript:/);
  expect([...body.text.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)).toEqual(['/docs/guide/clients#go', 'https://example.org/']);
  expect(body.text).toContain('<code>a &#60;b&#62;\n</code>');
});

test('a picture of elsewhere, or a page without a title, is a mistake', () => {
  expect(() => render('# A\n\n![b](https://example.org/b.png)')).toThrow('no picture of the guide');
  expect(() => render('no title')).toThrow('title');
});

test('a portal that does not show its documentation has no guide', async () => {
  await tidemarkOn(portal, 'portal', 'set', '--no-docs');
  for (const path of ['', 'clients', 'pictures/inbox-light.png']) expect((await get(GUIDE_PATH + path)).status, path).toBe(404);
  await tidemarkOn(portal, 'portal', 'set', '--docs');
  expect((await get(GUIDE_PATH)).status).toBe(200);
});
