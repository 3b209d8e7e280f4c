/** A server process for real clients: a portal with something to read, webhooks, and an application with a sign-in. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from '../support/browser.ts';
import { type Client, clientFor } from '../support/client.ts';
import { serve, type ServerProcess, tidemark } from '../support/command.ts';
import { send } from '../support/http.ts';

/** What the token endpoint answers. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  expires: number;
  expires_in: number;
  domain: string;
  client_endpoint: string;
  server_endpoint: string;
  member_id: string;
  scope: string;
  status: string;
  user_id: number;
}

/** Whose calls: a webhook by its address, an application by its id. */
export type Caller = readonly ['--webhook' | '--app', string];

export interface Application {
  client_id: string;
  client_secret: string;
}

export interface Webhook {
  user_id: number;
  secret: string;
  url: string;
}

const REDIRECT = 'https://app.example.org/back';
const EVERY_SCOPE = 'im,user';
/** Seconds: the shortest and the usual life of an access token. */
const SHORT_LIFE = 1;
const USUAL_LIFE = 3600;

/** A new server process on a folder of its own. */
export class ClientPortal implements AsyncDisposable {
  readonly http: string;
  readonly https: string;
  /** Path of the certificate to trust. */
  readonly ca: string;
  /** The administrator: the one who writes to Anna. */
  readonly admin: Client;
  /** Whom the clients act for. */
  annaId = 0;
  readonly #server: ServerProcess;
  readonly #folder: string;

  private constructor(server: ServerProcess, folder: string) {
    const { http, https, ca, admin } = server.ready;
    this.http = http;
    this.https = https;
    this.ca = ca;
    this.admin = clientFor(admin.webhook, 1);
    this.#server = server;
    this.#folder = folder;
  }

  static async start(): Promise<ClientPortal> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-clients-'));
    const portal = new ClientPortal(await serve('--empty', '--data', folder), folder);
    try {
      await portal.#furnish();
    } catch (error) {
      await portal[Symbol.asyncDispose]();
      throw error;
    }
    return portal;
  }

  /** Anna, and what is new for her: a dialog and a group, the group being the newest. */
  async #furnish(): Promise<void> {
    await this.#command('portal', 'set', '--rehearsals', '--private-handlers');
    const anna = await this.#command<{ id: number }>('user', 'add', '--name', 'Anna', '--last-name', 'Größe', '--email', 'anna@example.org');
    this.annaId = anna.id;
    await this.admin.call('im.message.add', { DIALOG_ID: anna.id, MESSAGE: 'Добрый день 🌊' });
    await this.admin.call('im.chat.add', { TITLE: 'Zürich ✈ 東京', USERS: [anna.id], MESSAGE: 'Wer kommt mit?' });
  }

  /** More people than a list shows at once, every fourth of them dismissed, all by the name of Paula. @returns the ids of everybody */
  async addPeople(count: number): Promise<{ everybody: number[]; active: number[] }> {
    const [everybody, active] = [[1, this.annaId], [1, this.annaId]];
    for (let at = 0; at < count; at += 1) {
      const id = Number(await this.admin.call<string | number>('user.add', { NAME: 'Paula', LAST_NAME: `No. ${at}`, EMAIL: `paula${at}@example.org` }));
      everybody.push(id);
      if (at % 4 === 3) await this.admin.call('user.update', { ID: id, ACTIVE: 'N' });
      else active.push(id);
    }
    return { everybody, active };
  }

  async #command<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await tidemark(...args, '--data', this.#folder, '--json');
    if (code !== 0) throw new Error(`tidemark ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** A new webhook of Anna's. */
  addWebhook(): Promise<Webhook> {
    return this.#command('webhook', 'add', '--user', String(this.annaId), '--scope', EVERY_SCOPE);
  }

  /** A new application, installed by Anna; sign-ins lead back to an address where nobody listens. */
  addApplication(...options: string[]): Promise<Application> {
    return this.#command('app', 'add', '--title', 'Client', '--scope', EVERY_SCOPE, '--user', String(this.annaId), '--redirect-uri', REDIRECT, ...options);
  }

  /** The fields of the event that tells a new application of its installation. */
  async addInstalledApplication(): Promise<{ app: Application; event: Record<string, string> }> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const told = once(listener, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const app = await this.addApplication('--handler', `http://127.0.0.1:${(listener.address() as AddressInfo).port}/install`);
    const [request, response] = await told;
    const body = await readText(request);
    response.end();
    listener.close();
    return { app, event: Object.fromEntries(new URLSearchParams(body)) };
  }

  /** What the application gets when Anna signs in and agrees. */
  async codeFor({ client_id }: Application): Promise<string> {
    const link = await this.#command<{ url: string }>('user', 'link', '--user', String(this.annaId));
    const browser = new Browser(this.http);
    const { pathname, search } = new URL(link.url);
    await browser.get(pathname + search);
    const consent = await browser.get(`/oauth/authorize/?client_id=${client_id}&response_type=code`);
    const { headers } = await browser.submit(consent, '/oauth/', { decision: 'allow' });
    return new URL(headers.location!).searchParams.get('code')!;
  }

  /** Tokens by way of a sign-in. */
  async tokensFor(app: Application): Promise<Tokens> {
    const params = new URLSearchParams({ grant_type: 'authorization_code', ...app, code: await this.codeFor(app) });
    const { status, body, text } = await send(`${this.http}/oauth/token/?${params}`);
    if (status !== 200) throw new Error(text);
    return body as unknown as Tokens;
  }

  /** The same, after the access token has expired. */
  async expiredTokensFor(app: Application): Promise<Tokens> {
    await this.#command('portal', 'set', '--access-ttl', String(SHORT_LIFE));
    const tokens = await this.tokensFor(app);
    await this.#command('portal', 'set', '--access-ttl', String(USUAL_LIFE));
    const look = () => send(`${this.http}/rest/app.info?auth=${tokens.access_token}`);
    for (let reply = await look(); reply.body['error'] !== 'expired_token'; reply = await look()) await pause(50);
    return tokens;
  }

  /** Makes the next call of the method fail. */
  async rehearse(whose: Caller, error: string, method: string): Promise<void> {
    await this.#command('rehearse', ...whose, '--error', error, '--method', method, '--next', '1');
  }

  /** How often a method was answered, by status, since the start. */
  async answersOf(method: string): Promise<Record<string, number>> {
    const { text } = await send(`${this.http}/metrics`);
    const lines = text.matchAll(/^tidemark_calls_total\{method="([^"]*)",status="(\d+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].filter(([, name]) => name === method).map(([, , status, count]) => [status, Number(count)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
