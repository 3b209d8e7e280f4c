/** Every command of every page is run by a test: those of a reader with a portal here, the others where this says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINE } from '../support/server.ts';
import { type Block, isForShell, type Page, pages as all } from './blocks.ts';
import { Reader, START } from './reader.ts';

/** Every block of this page is run by a test of its own, from the packed file: test/examples/newcomer.test.ts. */
const OF_EXAMPLES = 'docs/testing.md';
const pages = all.filter(({ path }) => path !== OF_EXAMPLES);

/** Pages with a test of their own, which runs every block that needs what is named. */
const ELSEWHERE: Record<string, { needs: RegExp; test: string }> = {
  'docs/operations.md': { needs: /^(?:sqlite|postgres|any)(?: running)?$/, test: 'test/operations/page.test.ts' },
  'docs/clients.md': { needs: /^(?:curl|node|2bad|python .+|php|go|java)$/, test: 'test/clients/page.test.ts' },
};

/** Why no test runs a block, by the word that its page has for it. */
const NOT_RUN: Record<string, string> = {
  containers: 'needs a container engine, which there is none of; test/package/image.test.ts carries out the Dockerfile, test/cluster the three nodes',
  root: 'changes the machine: names of hosts, ports and what programs may',
  clone: 'fetches the repository and all libraries; npm start itself is run for every page, and in test/cli/start.test.ts',
  package: 'test/package/ packs, installs and starts it, for all of its tests at once',
  another: 'needs another portal; test/cli/import-portal.test.ts and compare.test.ts have one',
  minutes: 'measures for minutes; test/model/scaling.test.ts holds the model to bytes and rows',
};

/** Examples that are no commands, by page and language, and the tests that run them. */
const EXAMPLES: Record<string, readonly string[]> = {
  'README.md js': ['test/browser/readme.test.ts'],
  'docs/push.md html': ['test/browser/push-docs.test.ts'],
  'docs/push.md js': ['test/http/push-page.test.ts'],
  'docs/frames.md js': ['test/browser/frame-docs.test.ts'],
};
/** What nobody runs: drawings, and files that other programs read. */
const NO_PROGRAMS = ['text', 'ini', 'yaml', 'json'];

/** What stands after the language, or what is plain to see. */
const needsOf = ({ needs, text }: Block) => needs || (/^git clone /m.test(text) ? 'clone' : '');
const isElsewhere = ({ path }: Page, { needs }: Block) => ELSEWHERE[path]?.needs.test(needs) ?? false;
const isStart = ({ text }: Block) => text.replaceAll(/ *#.*$/gm, '').trim() === START;
/** What a reader does who has started the server. */
const followed = (page: Page) => page.blocks.filter((block) => isForShell(block) && needsOf(block) === '' && !isStart(block));

test('every block is run, or says why not', () => {
  const named = pages.flatMap((page) => page.blocks.filter((block) => isForShell(block) && !isElsewhere(page, block)).map(needsOf).filter((needs) => needs !== ''));
  expect(named.filter((needs) => !Object.hasOwn(NOT_RUN, needs))).toEqual([]);
  expect(Object.keys(NOT_RUN).filter((needs) => !named.includes(needs))).toEqual([]);
});

test('every other example has its test', () => {
  const examples = pages.flatMap(({ path, blocks }) => blocks.filter((block) => !isForShell(block) && !NO_PROGRAMS.includes(block.language)).map(({ language }) => `${path} ${language}`));
  expect(examples.sort()).toEqual(Object.entries(EXAMPLES).flatMap(([example, tests]) => tests.map(() => example)).sort());
});

/** Who sets up a portal does it alone; the others look at the same one. */
const scenes = Map.groupBy(pages.filter((page) => followed(page).length > 0), (page) =>
  page.blocks.some(({ text }) => /portal set|settings\.set|user add/.test(text)) ? page.path : 'pages that change nothing of the portal');

if (ENGINE === 'sqlite') {
  describe.each([...scenes])('%s', (_title, read) => {
    let reader: Reader;
    beforeAll(async () => {
      reader = await Reader.begin();
    });
    afterAll(() => reader[Symbol.asyncDispose]());

    test.each(read.flatMap(followed).map((block) => ({ block, title: block.text.trim().split('\n')[0] })))('$title', async ({ block }) => {
      expect(await reader.follow(block.text)).toEqual({ code: 0, output: expect.not.stringMatching(/"error":|PROBLEM|Error:/) });
    });
  });
}
