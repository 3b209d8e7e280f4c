/** What is deployed as a cluster: three server processes, PostgreSQL, Redis and the proxy. Each can be killed and comes back at the same port. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Home, killHard, makeWebhooks, type ServerProcess, startProcess } from '../crash/server-process.ts';
import { type Answer, CallError, type Client, clientFor, NoAnswer } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { PostgresProcess } from '../support/postgres-process.ts';
import { ProxyProcess } from './proxy-process.ts';
import { RedisProcess } from './redis-process.ts';

const NODES = 3;

export class Cluster implements AsyncDisposable {
  readonly postgres: PostgresProcess;
  readonly redis: RedisProcess;
  readonly #folder: string;
  readonly #ports: readonly number[];
  readonly #nodes: Array<ServerProcess | undefined> = [];
  #proxy: ProxyProcess | undefined;
  /** Of the administrator. */
  #webhook = '';

  private constructor(postgres: PostgresProcess, redis: RedisProcess, folder: string, ports: readonly number[]) {
    this.postgres = postgres;
    this.redis = redis;
    this.#folder = folder;
    this.#ports = ports;
  }

  static async start(): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-cluster-'));
    const ports: number[] = [];
    while (ports.length < NODES) ports.push(await freePort());
    const cluster = new Cluster(await PostgresProcess.start(), await RedisProcess.start(), folder, ports);
    try {
      for (let i = 0; i < NODES; i += 1) await cluster.startNode(i);
      cluster.#webhook = (await cluster.#nodes[0]!.ready).admin.webhook;
      cluster.#proxy = await ProxyProcess.start(ports);
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  get proxy(): string {
    return this.#proxy!.url;
  }

  /** The nodes and the proxy in front of them. */
  get addresses(): string[] {
    return [...this.nodes, this.proxy];
  }

  get nodes(): string[] {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`);
  }

  /** The data of a node, for commands. */
  home(i = 0): Home {
    return { folder: join(this.#folder, `node${i + 1}`), databaseUrl: this.postgres.url() };
  }

  /** Resolves once it answers. */
  async startNode(i: number): Promise<void> {
    const flags = ['--node', `node${i + 1}`, '--port', String(this.#ports[i]), '--redis-url', this.redis.url, '--trust-proxy', '127.0.0.1'];
    const node = startProcess(this.home(i), [], flags);
    this.#nodes[i] = node;
    await node.ready;
  }

  async killNode(i: number): Promise<void> {
    const node = this.#nodes[i];
    this.#nodes[i] = undefined;
    if (node) await killHard(node);
  }

  admin(address = this.nodes[0]!): Client {
    return clientFor(this.#webhook.replace(/^https?:\/\/[^/]+/, address), 1);
  }

  /** Clients of users, each of whose calls goes to any of the addresses, as chance will have it. */
  async roaming(userIds: readonly number[]): Promise<Map<number, Client>> {
    const codes = await makeWebhooks(this.home(), userIds);
    return new Map([...codes].map(([userId, code]) => [userId, roaming(() => this.addresses, `/rest/${userId}/${code}/`, userId)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]();
    for (let i = 0; i < NODES; i += 1) await this.killNode(i);
    await this.redis[Symbol.asyncDispose]();
    await this.postgres[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function roaming(addresses: () => readonly string[], path: string, userId: number): Client {
  const somewhere = () => {
    const all = addresses();
    return clientFor(all[randomInt(all.length)]! + path, userId);
  };
  return {
    url: path,
    userId,
    raw: (method, params) => somewhere().raw(method, params),
    call: (method, params) => somewhere().call(method, params),
    fails: (method, params) => somewhere().fails(method, params),
  };
}

/**
 * Whether a call failed because something of the cluster was away: `refused` when it is known to have changed nothing,
 * `uncertain` when it is not known. Undefined for any other error, which is a fault.
 */
export function outageOf(error: unknown): 'refused' | 'uncertain' | undefined {
  // The node was killed: the connection broke, or in the middle of an answer.
  if (error instanceof NoAnswer || error instanceof SyntaxError) return 'uncertain';
  const answer: Answer | undefined = error instanceof CallError ? error.answer : undefined;
  if (answer?.status === 503 && (answer.body.error === 'STORAGE_UNAVAILABLE' || answer.body.error_description === 'The server is starting')) return 'refused';
  if (answer?.status === 503 && answer.body.error === 'STORAGE_UNCERTAIN') return 'uncertain';
  return answer?.status === 502 && answer.body.error === 'BAD_GATEWAY' ? 'uncertain' : undefined;
}
