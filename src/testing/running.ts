/** The server of a test's portal: in this process or in one of its own, stopped and started again as often as need be. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../base/clock.ts';
import type { MovableClock } from '../base/movable-clock.ts';
import { IN_REPOSITORY } from '../base/program.ts';
import { type Config, SETTINGS } from '../config.ts';
import type { Database } from '../db/database.ts';
import { createMessenger, type Messenger } from '../messenger/messenger.ts';
import { databaseIn } from '../portal/folder.ts';
import { portalClock } from '../portal/moving-clock.ts';
import { openStore } from '../portal/open-portal.ts';
import { type Ready, startServer } from '../server.ts';

export interface Running extends AsyncDisposable {
  ready: Ready;
  /** The portal's store, beside the server where that is a process of its own. */
  db: Database;
  messenger: Messenger;
  clock: MovableClock;
}

const PROGRAM = join(import.meta.dirname, '..', IN_REPOSITORY ? 'cli.ts' : 'cli.js');

export function run(config: Config, where: 'this' | 'child'): Promise<Running> {
  return where === 'this' ? runHere(config) : runBeside(config);
}

async function runHere(config: Config): Promise<Running> {
  const server = await startServer(config, { farewell: { idle: 0 } });
  const { db, messenger, clock } = server.context;
  return { ready: server.ready, db, messenger, clock, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function runBeside(config: Config): Promise<Running> {
  const args = SETTINGS.flatMap(({ key, flag, default: usual }) => {
    const value = config[key];
    return value === usual || value === false ? [] : value === true ? [flag] : [flag, String(value)];
  });
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  // A test that is killed takes its server along.
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('the server ended before it was ready')));
  gone.catch(() => {});
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), gone])) as [string];
  const db = await openStore(config, databaseIn(config.data), { onFailure: raise, onFault: raise });
  const clock = await db.read((s) => portalClock(s, systemClock()));
  return {
    ready: JSON.parse(line) as Ready, db, clock, messenger: createMessenger(db, clock),
    async [Symbol.asyncDispose]() {
      await db.close();
      await stopped(child);
      process.off('exit', kill);
    },
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function raise(fault: unknown): never {
  throw fault;
}
