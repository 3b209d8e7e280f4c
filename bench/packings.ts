/** The same unchanged list in every coding, and the answer to who has it already. */
import type { Ready } from '../src/server.ts';
import { load } from './load.ts';
import type { Running } from './processes.ts';
import type { Section } from './sections.ts';
import { table, verdict } from './table.ts';
import { type BenchUser, hook, userWithChats } from './users.ts';

const SECONDS = 4;
const CONNECTIONS = 16;

export const packings: Section = {
  async seed(seeder) {
    const users: Array<BenchUser & { rows: number }> = [];
    for (const rows of [50, 1000]) users.push({ rows, ...(await userWithChats(seeder, rows)) });
    return async (server) => {
      const lines = [];
      for (const user of users) lines.push(...(await packingsOf(server, user)));
      const [plain, , , , known] = lines.map((line) => Number(line[3]));
      return [
        `## 8. An unchanged im.recent.get, packed (${CONNECTIONS} connections)`,
        'Kept lists are compressed once per change; an answer without a body says that the list is the one that the caller has.',
        table(['rows', 'packing', 'bytes', 'requests/s', 'p50 ms', 'p99 ms'], lines),
        verdict(known! >= plain!, `304 ${(known! / plain!).toFixed(2)} times as often as 50 plain rows, wanted at least as often`),
      ].join('\n\n');
    };
  },
};

async function packingsOf(server: Running<Ready>, user: BenchUser & { rows: number }): Promise<string[][]> {
  const url = hook(server, user, 'im.recent.get');
  const etag = (await fetch(url)).headers.get('etag') ?? '';
  const packings: Record<string, Record<string, string>> = {
    plain: {}, gzip: { 'accept-encoding': 'gzip' }, br: { 'accept-encoding': 'br' }, zstd: { 'accept-encoding': 'zstd' }, 304: { 'if-none-match': etag },
  };
  const lines = [];
  for (const name of ['plain', 'gzip', 'br', 'zstd', '304']) {
    const headers = packings[name]!;
    const { bytes, perSecond, p50, p99 } = await load({ url, headers, connections: CONNECTIONS, seconds: SECONDS });
    lines.push([String(user.rows), name, String(bytes), perSecond.toFixed(0), String(p50), String(p99)]);
  }
  return lines;
}
