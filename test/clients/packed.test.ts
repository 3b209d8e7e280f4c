/** Decoders that others have written, on lists of which the beginning was compressed once and the end added to each answer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { CODINGS } from '../support/decoding.ts';
import { send } from '../support/http.ts';
import { knownAsActive, type Row, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { runProgram, runScript } from './lane.ts';
import { needCurl, needPython } from './tools.ts';

const PEERS = 40;

let python: string;
let portal: TestServer;
let viewer: Client;

beforeAll(async () => {
  await needCurl();
  python = await needPython('requests', 'brotli', 'zstandard', 'backports.zstd');
  portal = await startTestServer();
  viewer = await portal.addUser('Viewer');
  const peers: Client[] = [];
  while (peers.length < PEERS) peers.push(await portal.addUser(`Peer ${peers.length}`));
  for (const peer of peers) await say(peer, viewer.userId, { MESSAGE: `Ähren & <Korn> 🌊 ${'words '.repeat(peer.userId)}` });
  await knownAsActive(portal, [viewer, ...peers]);
}, 300_000);
afterAll(() => portal[Symbol.asyncDispose]());

const url = () => `${viewer.url}im.recent.get`;
const plain = async () => (await send(url())).body['result'] as Row[];

describe.each(CODINGS)('%s', (coding) => {
  test.each(['http', 'https'] as const)('curl over %s', async (scheme) => {
    const address = url().replace(portal.http, portal[scheme]);
    for (let time = 0; time < 2; time += 1) {
      const { code, stdout, stderr } = await runProgram('curl', ['-sS', '--fail', '--compressed', '--cacert', portal.ca, '-H', `Accept-Encoding: ${coding}`, address]);
      expect([code, stderr]).toEqual([0, '']);
      expect((JSON.parse(stdout) as { result: Row[] }).result).toEqual(await plain());
    }
  });

  test('Python', async () => {
    const { steps } = await runScript(python, 'use_packed.py', { url: url(), coding });
    const value = await plain();
    expect(value).toHaveLength(PEERS);
    expect(steps).toEqual(Object.fromEntries(['requests, made', 'requests, kept', 'at once', 'by pieces'].map((step) => [step, { value }])));
  });
});

test('curl keeps the tag in a file and gets the list only when it has changed', async () => {
  const tag = `${portal.folder}/tag`;
  const ask = async () => (await runProgram('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--compressed', '--etag-save', tag, '--etag-compare', tag, url()])).stdout;
  const statuses = [await ask(), await ask()];
  await viewer.call('im.dialog.read.all');
  expect([...statuses, await ask(), await ask()]).toEqual(['200', '304', '200', '304']);
});
