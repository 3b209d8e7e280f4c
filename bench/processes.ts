/** Child processes: the server under test and the floor, each on the pinned Node like in production. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FloorAnswer } from './floor.ts';
import type { Home } from './home.ts';
import type { Ready } from '../src/server.ts';

const root = join(import.meta.dirname, '..');

export interface Running<R> extends AsyncDisposable {
  ready: R;
  /** Resident memory now, megabytes. */
  residentMb(): number;
}

async function run<R extends { pid: number }>(args: readonly string[]): Promise<Running<R>> {
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const ready = JSON.parse(line) as R;
  return {
    ready,
    residentMb: () => residentMb(ready.pid),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The server as `npm start` runs it, on what has been seeded, or with the demo team in a home that is empty. */
export function runServer({ folder, databaseUrl }: Pick<Home, 'folder' | 'databaseUrl'>, { demo = false, flags = [] }: { demo?: boolean; flags?: readonly string[] } = {}): Promise<Running<Ready>> {
  const store = [...(databaseUrl ? ['--database-url', databaseUrl] : []), ...(demo ? [] : ['--empty'])];
  return run([join(root, 'scripts', 'run.mjs'), 'src/cli.ts', 'serve', '--port', '0', '--tls-port', '0', '--data', folder, ...store, '--json', '--log-level', 'warn', ...flags]);
}

export function runFloor(answer: FloorAnswer): Promise<Running<{ http: string; pid: number }>> {
  return run([join(root, 'bench', 'floor.ts'), JSON.stringify(answer)]);
}

/** The longest that the server's event loop stood still since the last look, milliseconds. */
export async function longestStop(http: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return Number(/^tidemark_nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1]) * 1000;
}
