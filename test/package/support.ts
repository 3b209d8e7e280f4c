/** Programs that know nothing of the sources: their environment has only what a user's has. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ready } from '../../src/server.ts';

/** What a test run sets for itself and no user has. */
function environment(given: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|TIDEMARK_|VITEST|NODE_(?!EXTRA_CA)|TEST$|INIT_CWD)/.test(name));
  return { ...Object.fromEntries(own), PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, ...given };
}

export function begin(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: environment(options.env) });
}

export async function ended(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = begin(program, args, options);
  const output = { stdout: '', stderr: '' };
  child.stdout!.on('data', (data: Buffer) => (output.stdout += String(data)));
  child.stderr!.on('data', (data: Buffer) => (output.stderr += String(data)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
}

/** What it prints. @throws Error with all of it when it fails */
export async function finished(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await ended(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

export interface Serving extends AsyncDisposable {
  ready: Ready;
  child: ChildProcess;
}

/** A server that a command starts, once it is ready. @throws Error with what it says when it ends before that */
export async function serving(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Serving> {
  const child = begin(program, args, options);
  let said = '';
  child.stderr!.on('data', (data: Buffer) => (said += String(data)));
  const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${program} ${args.join(' ')} ended:\n${said}`)));
  gone.catch(() => {});
  const [line] = (await Promise.race([once(createInterface(child.stdout!), 'line'), gone])) as [string];
  const ready = JSON.parse(line) as Ready;
  return {
    ready,
    child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // npx does not pass signals on: its server would stay.
      process.kill(ready.pid, 'SIGTERM');
      await once(child, 'exit');
    },
  };
}
