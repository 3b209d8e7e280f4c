/** Runs the command line as a process of its own, as its users do: what is built of the sources, which starts in a third of the time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtServer } from '../../scripts/built.mjs';
import type { Ready } from '../../src/server.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The program of `npm start`. */
export const CLI = builtServer(ROOT, process.execPath, join(ROOT, 'src', 'cli.ts'));

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Starts a command. */
export function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'test' } });
}

/** Runs a command to its end. */
export async function tidemark(...args: string[]): Promise<Finished> {
  const child = start(args);
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (data: Buffer) => (output.stdout += String(data)));
  child.stderr!.on('data', (data: Buffer) => (output.stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

export interface ServerProcess extends AsyncDisposable {
  ready: Ready;
  child: ChildProcess;
  /** Ends it the proper way and gives its exit code. */
  stop(): Promise<number>;
}

/** Starts a server on free ports and waits for its ready line. */
export async function serve(...args: string[]): Promise<ServerProcess> {
  const child = start(['serve', '--port', '0', '--tls-port', '0', '--json', ...args]);
  child.stderr!.resume();
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const stop = async () => {
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  };
  return { ready: JSON.parse(line) as Ready, child, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** Runs a command as the administrator of a running portal does, beside its server. Throws what it says when it fails. */
export async function tidemarkOn({ folder, databaseUrl }: { folder: string; databaseUrl: string }, ...args: string[]): Promise<string> {
  const store = databaseUrl ? ['--database-url', databaseUrl] : [];
  const { code, stdout, stderr } = await tidemark(...args, '--data', folder, ...store);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
