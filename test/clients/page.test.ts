/** Every command of docs/clients.md that can be run anywhere, as it stands there; and every line of trust that the server prints. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { greeting } from '../../src/greeting.ts';
import { type TrustLine, trustLines } from '../../src/trust.ts';
import { type Ended, runProgram } from './lane.ts';
import { ClientPortal } from './portal.ts';
import { needCurl, needGo, needJava, needNpm, needPhp, needPython } from './tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = await readFile(join(ROOT, 'docs', 'clients.md'), 'utf8');
/** What a block needs, and its commands. */
const blocks = [...page.matchAll(/^```sh (?!(?:root|another)$)(.+)\n([^]*?)^```$/gm)].map(([, need, commands]) => ({ need: need!, commands: commands! }));

/** Makes a tool ready. @returns folders for the PATH, and a folder of node_modules */
async function prepare(need: string): Promise<{ path?: string; modules?: string }> {
  const [tool, ...packages] = need.split(' ');
  if (tool === 'curl') await needCurl();
  else if (tool === 'node') return { modules: ROOT };
  else if (tool === '2bad') return { modules: await needNpm('@2bad/bitrix') };
  else if (tool === 'python') return { path: dirname(await needPython(...packages)) };
  else if (tool === 'php') await needPhp();
  else if (tool === 'go') return { path: await needGo() };
  else if (tool === 'java') await needJava();
  else throw new Error(`docs/clients.md needs ${need}, which is not known here`);
  return {};
}

let portal: ClientPortal;
let folder: string;
let names: Record<string, string>;
beforeAll(async () => {
  portal = await ClientPortal.start();
  folder = await mkdtemp(join(tmpdir(), 'tidemark-page-'));
  const { url } = await portal.addWebhook();
  names = { HTTP: portal.http, HTTPS: portal.https, HOOK: new URL(url).pathname.replace(/^\/|\/$/g, ''), CA: portal.ca };
});
afterAll(async () => {
  await portal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Runs commands in an empty folder, as a person would who has the tool. */
async function run(commands: string, { path = '', modules }: { path?: string; modules?: string }): Promise<Ended> {
  const place = await mkdtemp(join(folder, 'run-'));
  if (modules !== undefined) await symlink(join(modules, 'node_modules'), join(place, 'node_modules'));
  const env = { ...names, PATH: [path, dirname(process.execPath), process.env['PATH']].filter(Boolean).join(delimiter) };
  return runProgram('sh', ['-e', '-c', `cd '${place}'\n${commands}`], env);
}

test('the page has its blocks', () => expect(blocks.length).toBeGreaterThanOrEqual(10));

test.each(blocks)('$need', async ({ need, commands }) => {
  const { code, stdout, stderr } = await run(commands, await prepare(need));
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringContaining('"NAME":') });
  expect(JSON.stringify(stdout.match(/"NAME": ?"(.*?)"/g))).toContain('Anna');
});

/** Calls over HTTPS by each client, which fail without trust. `%` stands for a line that begins the command. */
const PROBES: Record<string, { need: string; probes: string[] }> = {
  curl: { need: 'curl', probes: ['curl -sS "$URL"'] },
  'Node, b24jssdk, @2bad/bitrix': { need: 'node', probes: [`node -e 'fetch(process.env.URL).then((answer) => answer.text()).then(console.log)'`] },
  'Python: requests, b24pysdk': { need: 'python requests', probes: [`python -c 'import os, requests; print(requests.get(os.environ["URL"]).text)'`] },
  'Python: httpx, aiohttp, urllib': {
    need: 'python httpx aiohttp',
    probes: [
      `python -c 'import os, httpx; print(httpx.get(os.environ["URL"]).text)'`,
      `python -c 'import os; from urllib.request import urlopen; print(urlopen(os.environ["URL"]).read().decode())'`,
      'python aio.py',
    ],
  },
  'PHP, b24phpsdk, CRest': {
    need: 'php',
    probes: [`% -r 'echo file_get_contents(getenv("URL"));'`, `% -r '$curl = curl_init(getenv("URL")); exit(curl_exec($curl) ? 0 : 1);'`],
  },
  Go: { need: 'go', probes: ['go run main.go'] },
  Java: { need: 'java', probes: ['java Call.java'] },
};

const AIO = `import asyncio, os, aiohttp
async def main():
    async with aiohttp.ClientSession() as session, session.get(os.environ["URL"]) as answer:
        print(await answer.text())
asyncio.run(main())
`;

/** The sources of the page's programs, which call \`$HTTPS/$HOOK/profile\`. */
async function writeSources(place: string): Promise<void> {
  await writeFile(join(place, 'aio.py'), AIO);
  for (const [, name, source] of page.matchAll(/^cat > (\S+) <<'END'\n([^]*?)^END$/gm)) await writeFile(join(place, name!), source!);
}

/** Java's two lines belong together. */
function linesOf(client: string, lines: TrustLine[]): string[] {
  return lines.filter(({ clients }) => clients === client || clients.startsWith(`${client}:`)).map(({ line }) => line);
}

describe.each(Object.entries(PROBES))('the greeting: %s', (client, { need, probes }) => {
  test('trust', async () => {
    // Names with spaces and quotes, because that is where a line breaks.
    const [odd, here] = [join(folder, `it's a folder ${client.slice(0, 3)}`), join(folder, `a folder ${client.slice(0, 3)}`)];
    for (const path of [odd, here]) await mkdir(path, { recursive: true });
    await writeFile(join(odd, 'ca.pem'), await readFile(portal.ca));
    await writeSources(here);
    const lines = linesOf(client, trustLines(join(odd, 'ca.pem')));
    expect(lines.length).toBeGreaterThan(0);
    const tools = await prepare(need);
    const place = `cd '${here}'\nexport URL="$HTTPS/$HOOK/profile"\n`;
    for (const probe of probes) {
      const [prefix] = lines;
      const [bare, trusting] = probe.startsWith('%') ? [`php${probe.slice(1)}`, `${prefix}${probe.slice(1)}`] : [probe, [...lines, probe].join('\n')];
      expect((await run(place + bare, tools)).stdout, `${bare} without trust`).not.toContain('Anna');
      expect(await run(place + trusting, tools), trusting).toMatchObject({ code: 0, stdout: expect.stringContaining('Anna') });
    }
  });
});

test('the greeting says what is proved here', () => {
  const { http, https, ca } = portal;
  const text = greeting({ ready: true, http, https, ca, admin: { user_id: 1, webhook: `${http}/rest/1/x/` }, pid: 1 }, '');
  const proved = Object.keys(PROBES).flatMap((client) => linesOf(client, trustLines(ca)));
  expect(proved.sort()).toEqual(trustLines(ca).map(({ line }) => line).sort());
  for (const line of proved) expect(text).toContain(line);
});
