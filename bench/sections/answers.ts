/** An unchanged list, plain, packed, and for who has it already, against a bare server that sends the same. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Figure, milliseconds, perSecond, share, type Wanted } from '../figures.ts';
import { load } from '../load.ts';
import { longestStop, runFloor } from '../processes.ts';
import type { Bench, Section } from '../section.ts';
import { type BenchUser, hook, userWithChats } from '../users.ts';

const CONNECTIONS = 16;
const PLAIN: Wanted = { sqlite: 0.6, postgres: 0.3 };
const PACKED: Wanted = { sqlite: 0.6, postgres: 0.6 };
const KNOWN: Wanted = { sqlite: 0.7, postgres: 0.7 };
const STOP_MS = 50;

interface Kind {
  name: string;
  headers: Record<string, string>;
  wanted?: Wanted;
}

export const answers: Section = {
  name: 'answers',
  title: `im.recent.get, unchanged, against the floor (${CONNECTIONS} connections)`,
  note: 'The floor is a bare `node:http` server that sends the same body from memory; for 304 it sends none. It is loaded before and after the server.',
  async seed(seeder, { quick }) {
    const users: Array<BenchUser & { rows: number }> = [];
    for (const rows of quick ? [50] : [50, 1000]) users.push({ rows, ...(await userWithChats(seeder, rows)) });
    return async (bench) => {
      // The start of the server is not what is measured.
      await longestStop(bench.server.ready.http);
      const figures: Figure[] = [];
      for (const user of users) {
        for (const kind of await kindsOf(hook(bench.server, user, 'im.recent.get'), user.rows)) figures.push(...(await against(bench, user, kind)));
      }
      return [...figures, milliseconds('longest stop of the event loop meanwhile', await longestStop(bench.server.ready.http), STOP_MS, STOP_MS)];
    };
  },
};

async function kindsOf(url: string, rows: number): Promise<Kind[]> {
  const etag = (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).headers.get('etag') ?? '';
  const packed = ['gzip', 'br', 'zstd'].map((coding) => ({ name: `${rows} rows, ${coding}`, headers: { 'accept-encoding': coding }, wanted: PACKED }));
  const plain = { name: `${rows} rows`, headers: {}, ...(rows === 50 && { wanted: PLAIN }) };
  return [plain, ...packed, { name: `${rows} rows, 304`, headers: { 'if-none-match': etag }, wanted: KNOWN }];
}

async function against({ server, home, seconds }: Bench, user: BenchUser, { name, headers, wanted }: Kind): Promise<Figure[]> {
  const url = hook(server, user, 'im.recent.get');
  await using floor = await floorFor(url, headers, join(home.folder, 'floor'));
  const measure = (where: string) => load({ urls: [where], headers, connections: CONNECTIONS, seconds });
  const [before, ours, after] = [await measure(floor.ready.http), await measure(url), await measure(floor.ready.http)];
  const bare = (before.perSecond + after.perSecond) / 2;
  return [perSecond(name, ours.perSecond), perSecond(`${name}: floor`, bare), share(`${name}: share of the floor`, ours.perSecond / bare, wanted)];
}

/** Answers as the server does, with the same body byte for byte. */
async function floorFor(url: string, headers: Record<string, string>, file: string) {
  const response = await rawAnswer(url, headers);
  writeFileSync(file, response.body);
  return runFloor({ status: response.status, headers: response.headers, file });
}

/** Not by fetch, which would unpack it. */
function rawAnswer(url: string, headers: Record<string, string>): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        const { 'content-type': type, 'content-encoding': coding } = response.headers;
        const kept = { ...(type !== undefined && { 'content-type': type }), ...(coding !== undefined && { 'content-encoding': coding }) };
        resolve({ status: response.statusCode ?? 0, headers: kept, body: Buffer.concat(pieces) });
      });
    }).on('error', reject).end();
  });
}
