/** nginx with the very configuration that is deployed, ports and paths filled in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../support/free-port.ts';

const CONFIGURATION = join(import.meta.dirname, '..', '..', 'deploy', 'nginx.conf');

export class ProxyProcess implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** @param ports of node1, node2 and so on */
  static async start(ports: readonly number[]): Promise<ProxyProcess> {
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'tidemark-proxy-')), await freePort()];
    const file = join(folder, 'nginx.conf');
    await writeFile(file, filledIn(await readFile(CONFIGURATION, 'utf8'), folder, port, ports));
    const child = spawn('nginx', ['-c', file, '-e', 'stderr', '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += String(data)));
    const proxy = new ProxyProcess(`http://127.0.0.1:${port}`, folder, child);
    await vi.waitFor(() => fetch(`${proxy.url}/healthz`).catch(() => Promise.reject(new Error(`nginx does not answer: ${said}`))), { timeout: 10_000 });
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function filledIn(configuration: string, folder: string, port: number, ports: readonly number[]): string {
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  const replaced: Array<[string, string]> = [
    ['/run/nginx.pid', `${folder}/nginx.pid`],
    ['listen 80 default_server', `listen 127.0.0.1:${port} default_server`],
    ['http {', `http { ${own}`],
    ...ports.map((nodePort, i): [string, string] => [`node${i + 1}:8080`, `127.0.0.1:${nodePort}`]),
  ];
  // As root, nginx would lower its rights to those of a user who cannot write to the folder.
  const user = process.getuid!() === 0 ? 'user root;\n' : '';
  return user + replaced.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the configuration no longer says "${from}"`);
    return text.replace(from, to);
  }, configuration);
}
