/** A server process for real clients: a portal with something to read, webhooks, and an application with a sign-in. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from '../support/browser.ts';
import { type Client, clientFor } from '../support/client.ts';
import { serve, tidemark } from '../support/command.ts';
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

export interface Application {
  client_id: string;
  client_secret: string;
}

export interface Webhook {
  user_id: number;
  secret: string;
  url: string;
}

export interface ClientPortal extends AsyncDisposable {
  http: string;
  https: string;
  ca: string;
  /** Whom the clients act for. */
  anna: Client;
  /** The administrator: the one who writes to Anna. */
  admin: Client;
  /** A new webhook of Anna's. */
  addWebhook(): Promise<Webhook>;
  /** A new application; sign-ins lead back to an address where nobody listens. */
  addApplication(): Promise<Application>;
  /** What the application gets when Anna signs in and agrees. */
  codeFor(app: Application): Promise<string>;
  /** Tokens by way of a sign-in. */
  tokensFor(app: Application): Promise<Tokens>;
  /** The same, after the access token has expired. */
  expiredTokensFor(app: Application): Promise<Tokens>;
  /** Makes the next call of the method fail as if the portal were too busy. */
  makeBusy(whose: readonly ['--webhook' | '--app', string], method: string): Promise<void>;
  /** How often a method was answered, by status, since the start. */
  answersOf(method: string): Promise<Record<string, number>>;
}

const REDIRECT = 'https://app.example.org/back';
const EVERY_SCOPE = 'im,user';
/** Seconds; the shortest and the usual life of an access token. */
const [SHORT_LIFE, USUAL_LIFE] = ['1', '3600'];

export async function startClientPortal(): Promise<ClientPortal> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-clients-'));
  const server = await serve('--empty', '--data', folder);
  const { http, https, ca } = server.ready;
  const run = <T>(...args: string[]) => command<T>(folder, args);
  await run('portal', 'set', '--rehearsals');
  const { id } = await run<{ id: number }>('user', 'add', '--name', 'Anna', '--last-name', 'Größe', '--email', 'anna@example.org');
  const addWebhook = () => run<Webhook>('webhook', 'add', '--user', String(id), '--scope', EVERY_SCOPE);
  const addApplication = () => run<Application>('app', 'add', '--title', 'Client', '--scope', EVERY_SCOPE, '--redirect-uri', REDIRECT);
  const codeFor = async (app: Application) => signInFor(http, (await run<{ url: string }>('user', 'link', '--user', String(id))).url, app);
  const tokensFor = async (app: Application) => exchange(http, app, await codeFor(app));
  const admin = clientFor(server.ready.admin.webhook, 1);
  const anna = clientFor((await addWebhook()).url, id);
  await furnish(admin, id);
  return {
    http, https, ca, anna, admin, addWebhook, addApplication, codeFor, tokensFor,
    async expiredTokensFor(app) {
      await run('portal', 'set', '--access-ttl', SHORT_LIFE!);
      const tokens = await tokensFor(app);
      await run('portal', 'set', '--access-ttl', USUAL_LIFE!);
      await untilExpired(http, tokens);
      return tokens;
    },
    async makeBusy([kind, name], method) {
      await run('rehearse', kind, name, '--error', 'QUERY_LIMIT_EXCEEDED', '--method', method, '--next', '1');
    },
    answersOf: (method) => readAnswers(http, method),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function command<T>(folder: string, args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await tidemark(...args, '--data', folder, '--json');
  if (code !== 0) throw new Error(`tidemark ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A dialog and a group, the group being the newest. */
async function furnish(admin: Client, annaId: number): Promise<void> {
  await admin.call('im.message.add', { DIALOG_ID: annaId, MESSAGE: 'Добрый день 🌊' });
  await admin.call('im.chat.add', { TITLE: 'Zürich ✈ 東京', USERS: [annaId], MESSAGE: 'Wer kommt mit?' });
}

async function signInFor(origin: string, link: string, app: Application): Promise<string> {
  const browser = new Browser(origin);
  const { pathname, search } = new URL(link);
  await browser.get(pathname + search);
  const consent = await browser.get(`/oauth/authorize/?client_id=${app.client_id}&response_type=code`);
  const { headers } = await browser.submit(consent, '/oauth/', { decision: 'allow' });
  return new URL(headers.location!).searchParams.get('code')!;
}

async function exchange(origin: string, app: Application, code: string): Promise<Tokens> {
  const params = new URLSearchParams({ grant_type: 'authorization_code', ...app, code });
  const { status, body, text } = await send(`${origin}/oauth/token/?${params}`);
  if (status !== 200) throw new Error(text);
  return body as unknown as Tokens;
}

async function untilExpired(origin: string, { access_token }: Tokens): Promise<void> {
  const look = () => send(`${origin}/rest/app.info?auth=${access_token}`);
  for (let reply = await look(); reply.body['error'] !== 'expired_token'; reply = await look()) await pause(50);
}

async function readAnswers(origin: string, method: string): Promise<Record<string, number>> {
  const { text } = await send(`${origin}/metrics`);
  const lines = text.matchAll(/^tidemark_calls_total\{method="([^"]*)",status="(\d+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].filter(([, name]) => name === method).map(([, , status, count]) => [status, Number(count)]));
}

export function pemOf(portal: ClientPortal): string {
  return readFileSync(portal.ca, 'utf8');
}
