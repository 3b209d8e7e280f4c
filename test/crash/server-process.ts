/** A server as a process of its own, to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { loadConfig } from '../../src/config.ts';
import { onPortal } from '../../src/portal/open-portal.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import type { Ready } from '../../src/server.ts';
import { CLI } from '../support/command.ts';

const LONGEST_START_MS = 30_000;

/** Where a server keeps its data. */
export interface Home {
  folder: string;
  /** Empty on SQLite. */
  databaseUrl: string;
}

export interface ServerProcess {
  child: ChildProcess;
  /** Resolves once it answers; rejects with what it wrote when it ends or takes too long instead. */
  ready: Promise<Ready>;
}

/** Starts a server; `wrapper` is a command that runs it, such as a tracer. Of flags given twice the later counts. */
export function startProcess(home: Home, wrapper: readonly string[] = [], flags: readonly string[] = []): ServerProcess {
  const args = ['serve', '--port', '0', '--tls-port', '0', '--data', home.folder, '--empty', '--json', '--log-level', 'error'];
  if (home.databaseUrl) args.push('--database-url', home.databaseUrl);
  args.push(...flags);
  const [command, ...rest] = [...wrapper, process.execPath, CLI, ...args] as [string, ...string[]];
  // As in production, where results are not checked against their schemas.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const ready = readyLine(child);
  // Whoever kills a server before it is ready has no use for the rejection.
  ready.catch(() => {});
  return { child, ready };
}

async function readyLine(child: ChildProcess): Promise<Ready> {
  let problems = '';
  child.stderr!.on('data', (data: Buffer) => (problems += String(data)));
  const lines = createInterface(child.stdout!);
  const line = once(lines, 'line').then(([text]) => JSON.parse(text as string) as Ready);
  const failure = new Promise<never>((_resolve, reject) => {
    const give = (what: string) => reject(new Error(`the server ${what}: ${problems}`));
    child.once('error', (error) => give(error.message));
    child.once('close', (code, signal) => give(`ended with ${code ?? signal}`));
    setTimeout(() => give('did not start in time'), LONGEST_START_MS).unref();
  });
  return Promise.race([line, failure]);
}

/** `kill -9`, and waits until the process is gone. */
export async function killHard({ child }: ServerProcess): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGKILL');
  await gone;
}

/** Makes webhooks for users, whether or not a server runs. Gives their codes by user. */
export function makeWebhooks(home: Home, userIds: readonly number[]): Promise<Map<number, string>> {
  const config = loadConfig({ data: home.folder, databaseUrl: home.databaseUrl }, {});
  return onPortal(config, async (db, clock) => {
    const codes = new Map<number, string>();
    for (const userId of userIds) {
      const webhook = await addWebhook(db, clock, { userId, scopes: SCOPES, title: 'test' });
      codes.set(userId, webhook!.code);
    }
    return codes;
  });
}
