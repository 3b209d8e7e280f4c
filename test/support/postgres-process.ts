/** A PostgreSQL of the test's own, to be stopped, killed and frozen. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from './free-port.ts';

export class PostgresProcess implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<PostgresProcess> {
    const server = await PostgresProcess.#place();
    run('initdb', '-D', join(server.#folder, 'data'), '-U', 'tidemark', '-A', 'trust', '-E', 'UTF8', '--locale=C');
    await server.start();
    return server;
  }

  /** One that follows this one, asynchronously; not started yet. */
  async standby(): Promise<PostgresProcess> {
    const server = await PostgresProcess.#place();
    run('pg_basebackup', '-h', '127.0.0.1', '-p', String(this.port), '-U', 'tidemark', '-D', join(server.#folder, 'data'), '-R', '-X', 'stream', '-c', 'fast');
    return server;
  }

  static async #place(): Promise<PostgresProcess> {
    const server = new PostgresProcess(await freePort(), mkdtempSync(join(tmpdir(), 'tidemark-postgres-')));
    if (process.getuid!() === 0) chownSync(server.#folder, Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout), 0);
    return server;
  }

  url(name = 'postgres'): string {
    return `postgres://tidemark@127.0.0.1:${this.port}/${name}`;
  }

  /** After a kill the system may take a moment until nothing of the one before is left, and it refuses to start until then. */
  async start(): Promise<void> {
    const options = `-p ${this.port} -h 127.0.0.1 -c unix_socket_directories=${this.#folder} -c max_connections=200`;
    await vi.waitFor(() => this.#control('-o', options, 'start'), { timeout: 30_000, interval: 200 });
  }

  /** A standby takes over. */
  promote(): void {
    this.#control('promote');
  }

  stop(mode: 'fast' | 'immediate'): void {
    this.#control('-m', mode, 'stop');
  }

  /** `kill -9` of the whole of it. */
  killAll(): void {
    this.signalAll('SIGKILL');
    rmSync(join(this.#folder, 'data', 'postmaster.pid'), { force: true });
  }

  /** The postmaster and all its backends, also those that it makes just now. */
  signalAll(signal: NodeJS.Signals): void {
    const before = this.backends();
    process.kill(this.#postmaster(), signal);
    for (const pid of new Set([...before, ...this.backends()])) tryTo(() => process.kill(pid, signal));
  }

  backends(): number[] {
    const main = this.#postmaster();
    const file = `/proc/${main}/task/${main}/children`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    tryTo(() => this.stop('immediate'));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #control(...args: string[]): void {
    run('pg_ctl', '-D', join(this.#folder, 'data'), '-l', join(this.#folder, 'log'), '-w', ...args);
  }

  #postmaster(): number {
    return Number(readFileSync(join(this.#folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }
}

/** PostgreSQL refuses to run as root. */
function run(program: string, ...args: string[]): void {
  const command = [join(bin(), program), ...args];
  const [name, ...rest] = process.getuid!() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
  const { status, stderr } = spawnSync(name!, rest, { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
}

function bin(): string {
  const [found] = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  if (found === undefined) throw new Error('this test needs PostgreSQL (apt-get install postgresql)');
  return found;
}

/** Does it where that is possible. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // What was to be ended has ended by itself.
  }
}
