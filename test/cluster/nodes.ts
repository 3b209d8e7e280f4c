/** Several servers on one database, in the process of the test: each with clients of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type Config, loadConfig } from '../../src/config.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { type Client, clientFor } from '../support/client.ts';
import { dropDatabase, ENGINE, freshDatabase, TestClock } from '../support/server.ts';

export interface Node {
  server: RunningServer;
  clock: TestClock;
  /** What it has logged. */
  lines: Array<Record<string, unknown>>;
  /** The same webhook on this node. */
  of(client: Client): Client;
}

export class Nodes implements AsyncDisposable {
  readonly all: Node[] = [];
  readonly databaseUrl: string;
  readonly #folders: string[] = [];

  private constructor(databaseUrl: string) {
    this.databaseUrl = databaseUrl;
  }

  static async start(count: number, settings: Partial<Config>): Promise<Nodes> {
    if (ENGINE !== 'postgres') throw new Error('several nodes need PostgreSQL (.ci/with-postgres)');
    const nodes = new Nodes(await freshDatabase());
    for (let i = 1; i <= count; i += 1) await nodes.add({ node: `node${i}`, ...settings });
    return nodes;
  }

  /** The administrator, on the first node. */
  get admin(): Client {
    return clientFor(this.all[0]!.server.ready.admin.webhook, 1);
  }

  /** The folder of the first node, for commands. */
  get folder(): string {
    return this.#folders[0]!;
  }

  async add(settings: Partial<Config>): Promise<Node> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-node-'));
    this.#folders.push(folder);
    const printWebhook = this.all.length === 0;
    const config = { ...loadConfig({}, {}), port: 0, tlsPort: 0, data: folder, empty: true, printWebhook, databaseUrl: this.databaseUrl, ...settings };
    const lines: Node['lines'] = [];
    const output = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
        done();
      },
    });
    const clock = new TestClock();
    const server = await startServer(config, { clock, log: pino({ level: 'info' }, output) });
    const of = (client: Client) => clientFor(client.url.replace(/^https?:\/\/[^/]+/, server.ready.http), client.userId);
    const node = { server, clock, lines, of };
    this.all.push(node);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { server } of this.all) await server[Symbol.asyncDispose]();
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
    await dropDatabase(this.databaseUrl);
  }
}

/** A figure of a node's metrics. */
export async function metric({ server }: Node, name: string): Promise<number> {
  const text = await (await fetch(`${server.ready.http}/metrics`)).text();
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`there is no metric ${name}`);
  return Number(found);
}
