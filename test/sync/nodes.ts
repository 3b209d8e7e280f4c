/** The servers of one portal: one on SQLite, one or two on PostgreSQL, each with a clock and a gate of its own. */
import { join } from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { FoldingMode } from '../../src/db/folding.ts';
import type { Context } from '../../src/context.ts';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { ENGINE, startTestServer, TestClock, type TestServer } from '../support/server.ts';
import { StatementGate } from './gate.ts';

/** With a chat's owner and the people of a scene this makes more members than a chat may have whose rows are written one by one. */
const CROWD = 100;

/** Nobody sends anything while a server stops. */
const farewell = { idle: 0 };

export interface Node {
  readonly name: string;
  readonly clock: TestClock;
  readonly gate: StatementGate;
  readonly http: string;
  readonly context: Context;
  restart(): Promise<void>;
}

export interface Portal extends AsyncDisposable {
  readonly nodes: readonly Node[];
  /** People who only fill chats. */
  readonly crowd: readonly number[];
  readonly server: TestServer;
}

export interface PortalOptions {
  /** What the servers are started with, one for each: two only on PostgreSQL. */
  servers: ReadonlyArray<Partial<Config>>;
  /** How far the second server's clock is ahead of the first one's, milliseconds. */
  skew?: number;
  /** When what happens is folded: by a random step where the servers never do it. */
  folding: FoldingMode;
}

export async function openPortal({ servers: [first, second], skew = 0, folding }: PortalOptions): Promise<Portal> {
  const gate = new StatementGate();
  const server = await startTestServer(first, { store: gate.wrap, farewell, folding });
  const nodes = [firstNode(server, gate)];
  const stack = new AsyncDisposableStack();
  stack.use(server);
  if (second) nodes.push(stack.use(await secondNode(server, second, skew, folding)));
  const crowd = await addCrowd(server);
  return { nodes, crowd, server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function firstNode(server: TestServer, gate: StatementGate): Node {
  return {
    name: 'A',
    clock: server.clock,
    gate,
    get http() {
      return server.http;
    },
    get context() {
      return server.server.context;
    },
    restart: () => server.restart(),
  };
}

async function secondNode({ folder, databaseUrl }: TestServer, settings: Partial<Config>, skew: number, folding: FoldingMode): Promise<Node & AsyncDisposable> {
  const [gate, clock] = [new StatementGate(), new TestClock()];
  clock.set(skew);
  const config = { ...loadConfig({}, {}), port: 0, tlsPort: 0, data: join(folder, 'second'), empty: true, databaseUrl, ...settings };
  const log = createLog(process.env['TIDEMARK_TEST_LOG'] ?? 'error');
  const start = () => startServer(config, { clock, log, store: gate.wrap, farewell, folding });
  let running: RunningServer = await start();
  return {
    name: 'B',
    clock,
    gate,
    get http() {
      return running.ready.http;
    },
    get context() {
      return running.context;
    },
    async restart() {
      await running[Symbol.asyncDispose]();
      running = await start();
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function addCrowd({ server, clock }: TestServer): Promise<number[]> {
  return server.context.db.write(async (s) => {
    const ids: number[] = [];
    for (let i = 0; i < CROWD; i++) ids.push(await insertUser(s, { ...blankUser(clock.now()), first_name: `Extra${i}` }));
    return ids;
  });
}

/** How lists are kept: as usual, with room for hardly any, not at all. Every run is right with each. */
const KEPT: Partial<Config> = {};
const HARDLY: Partial<Config> = { cacheMb: 0.02 };
const NOT_KEPT: Partial<Config> = { cacheMb: 0 };

/** The portals that runs are played on. */
export const PORTALS: ReadonlyArray<readonly [name: string, options: PortalOptions]> =
  ENGINE === 'sqlite'
    ? [
        ['lists kept, folded now and then', { servers: [KEPT], folding: 'never' }],
        ['room for few lists, folded at once', { servers: [HARDLY], folding: 'at-once' }],
        ['no list kept, folded when quiet', { servers: [NOT_KEPT], folding: 'quiet' }],
      ]
    : [
        ['one node, folded now and then', { servers: [KEPT], folding: 'never' }],
        ['two nodes, the second 5 s ahead, with room for few lists, folded when quiet', { servers: [KEPT, HARDLY], skew: 5000, folding: 'quiet' }],
        ['two nodes, the second 5 s behind, without kept lists, folded now and then', { servers: [KEPT, NOT_KEPT], skew: -5000, folding: 'never' }],
      ];
