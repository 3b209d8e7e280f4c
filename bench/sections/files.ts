/** A large upload, and downloads against nginx that sends the same file. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { type Figure, perSecond, share } from '../figures.ts';
import { load, post } from '../load.ts';
import type { Bench, Section } from '../section.ts';
import { type BenchUser, hook, userWithChats } from '../users.ts';

const MB = 2 ** 20;
const DOWNLOAD_MB = 16;
const CONNECTIONS = 4;
const ROUNDS = 3;
const PIECE = randomBytes(MB);

export const files: Section = {
  name: 'files',
  title: 'Files in the data folder: a large upload, and downloads against nginx',
  note: `Memory is that of the server, resident, while the file comes in. Downloads are ${DOWNLOAD_MB} MB each, ${CONNECTIONS} at a time, in turn with nginx.`,
  async seed(seeder, { quick }) {
    const user = await userWithChats(seeder, 1);
    return async (bench) => [...(await largeUpload(bench, user, quick ? 256 : 1024)), ...(await downloads(bench, user))];
  },
};

async function largeUpload({ server }: Bench, user: BenchUser, megabytes: number): Promise<Figure[]> {
  const { uploadUrl } = await call<{ uploadUrl: string }>({ server }, user, 'disk.folder.uploadfile', { id: await storage({ server }, user) });
  const before = server.residentMb();
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, server.residentMb())), 50);
  const start = performance.now();
  await send(uploadUrl, megabytes);
  clearInterval(watching);
  const seconds = (performance.now() - start) / 1000;
  return [
    { name: `upload of ${megabytes} MB`, value: megabytes / seconds, unit: 'MB' },
    { name: 'memory that it takes at most', value: most - before, unit: 'MB', wanted: { sqlite: 100, postgres: 100, most: true } },
  ];
}

/** Posts a form whose file is so long. */
async function send(url: string, megabytes: number): Promise<void> {
  const [head, tail] = [Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'), Buffer.from('\r\n--b--\r\n')];
  const length = head.length + megabytes * MB + tail.length;
  const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': length } });
  const answered = once(outgoing, 'response');
  outgoing.write(head);
  for (let i = 0; i < megabytes; i += 1) if (!outgoing.write(PIECE)) await once(outgoing, 'drain');
  outgoing.end(tail);
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  if (response.statusCode !== 200) throw new Error(`the upload was answered with ${response.statusCode}`);
}

async function downloads(bench: Bench, user: BenchUser): Promise<Figure[]> {
  const content = Buffer.concat(Array.from({ length: DOWNLOAD_MB }, () => PIECE));
  const folder = await storage(bench, user);
  const file = await call<{ DOWNLOAD_URL: string }>(bench, user, 'disk.folder.uploadfile', { id: folder, data: { NAME: 'd.bin' }, fileContent: ['d.bin', content.toString('base64')], generateUniqueName: 'Y' });
  const name = createHash('sha256').update(content).digest('hex');
  await using nginx = await startNginx(bench.home.folder, join('files', name.slice(0, 2), name));
  const rate = async (url: string) => (await load({ urls: [url], connections: CONNECTIONS, seconds: bench.seconds })).perSecond * DOWNLOAD_MB;
  const rates: Array<[ours: number, theirs: number]> = [];
  for (let i = 0; i < ROUNDS; i += 1) rates.push([await rate(file.DOWNLOAD_URL), nginx ? await rate(nginx.url) : NaN]);
  const [ours, theirs] = rates.toSorted(([a, b], [c, d]) => a / b - c / d)[Math.floor(ROUNDS / 2)]!;
  const own = perSecond('downloads, MB', ours);
  return nginx ? [own, perSecond('nginx, MB', theirs), share('ratio, median of the rounds', ours / theirs, { sqlite: 0.5, postgres: 0.5 })] : [own];
}

/** Sends one file as it is at every address. Undefined, and said so, where there is no nginx. */
async function startNginx(folder: string, file: string): Promise<({ url: string } & AsyncDisposable) | undefined> {
  if (spawnSync('nginx', ['-v']).error) {
    process.stderr.write('\nSKIPPED: downloads against nginx, because it is not installed\n\n');
    return undefined;
  }
  const [port, config] = [await freePort(), join(folder, 'nginx.conf')];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(config, `${process.getuid!() === 0 ? 'user root;' : ''} pid ${folder}/nginx.pid; events {} http { access_log off; sendfile on; ${temporary} server { listen 127.0.0.1:${port}; root ${folder}; location / { try_files /${file} =404; } } }`);
  const child = spawn('nginx', ['-c', config, '-e', 'stderr', '-g', 'daemon off;'], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/`;
  while (!(await fetch(url, { method: 'HEAD' }).then(({ ok }) => ok, () => false))) await sleep(50);
  return {
    url,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function storage(bench: Pick<Bench, 'server'>, user: BenchUser): Promise<string> {
  const [own] = await call<Array<{ ROOT_OBJECT_ID: string }>>(bench, user, 'disk.storage.getlist', {});
  return own!.ROOT_OBJECT_ID;
}

async function call<T>({ server }: Pick<Bench, 'server'>, user: BenchUser, method: string, params: object): Promise<T> {
  return (await post(hook(server, user, method), params)) as T;
}
