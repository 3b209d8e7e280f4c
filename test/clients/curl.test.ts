/** curl: both commands of the page im.recent.get as they stand there, and every other form that its documentation names. */
import { beforeAll, expect } from 'vitest';
import { BUSY_METHOD, commonChecks, EXAMPLE, gaveUp, gives, raises, retried, TEXT, TOO_BUSY, valueOf } from './checks.ts';
import { type Check, clientLane, type Outcome, type Report, runProgram } from './lane.ts';
import type { Application, ClientPortal, Tokens } from './portal.ts';
import { needCurl } from './tools.ts';

beforeAll(needCurl);

const WEBHOOK_COMMAND = `curl -X POST \\
-H "Content-Type: application/json" \\
-H "Accept: application/json" \\
-d '{"SKIP_OPENLINES":"Y","LAST_UPDATE":"2026-02-25T18:30:00+01:00"}' \\
https://**put_your_bitrix24_address**/rest/**put_your_user_id_here**/**put_your_webhook_here**/im.recent.get`;

const OAUTH_COMMAND = `curl -X POST \\
-H "Content-Type: application/json" \\
-H "Accept: application/json" \\
-d '{"SKIP_OPENLINES":"Y","LAST_UPDATE":"2026-02-25T18:30:00+01:00","auth":"**put_access_token_here**"}' \\
https://**put_your_bitrix24_address**/rest/im.recent.get`;

type Answer = Record<string, unknown> & { result?: unknown; error?: string; error_description?: string };

/** Runs a command of the page in a shell. The placeholders are filled, and `https` stays unless another scheme is asked for. */
async function paste(command: string, origin: string, fill: Record<string, string>, env: Record<string, string> = {}): Promise<unknown> {
  const { protocol, host } = new URL(origin);
  const filled = Object.entries({ bitrix24_address: host, ...fill }).reduce((text, [name, value]) => text.replace(new RegExp(`\\*\\*put_(your_)?${name}(_here)?\\*\\*`), value), command);
  const { stdout, stderr } = await runProgram('sh', ['-c', filled.replace('https:', protocol)], env);
  if (stdout === '') throw new Error(stderr);
  return resultOf(JSON.parse(stdout) as Answer);
}

function resultOf(answer: Answer): unknown {
  if (answer.error !== undefined) throw Object.assign(new Error(answer.error_description), { name: answer.error });
  return answer.result;
}

async function curl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('curl', ['-sS', ...args]);
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  return stdout;
}

const ask = async (...args: string[]) => resultOf(JSON.parse(await curl(...args)) as Answer);

const JSON_TYPE = ['-H', 'Content-Type: application/json'];
const asFlags = (flag: string, params: object) => Object.entries(params).flatMap(([name, value]) => [flag, `${name}=${value}`]);
const QUERY = 'SKIP_OPENLINES=Y&LAST_UPDATE=2026-02-25T18:30:00+01:00';
const [ME, RECENT] = ['profile', 'im.recent.get?SKIP_OPENLINES=Y&LAST_UPDATE=2026-02-25T18%3A30%3A00%2B01%3A00'];
const groupOf = (key: string) => `im.dialog.get?DIALOG_ID=$result[${key}][0][id]`;

type Steps = Record<string, () => Promise<unknown>>;

/** Every form of a call, for an address that ends in the method's place and parameters that let the caller in. */
function formsOf(method: (name: string) => string, auth: Record<string, string>, trust: readonly string[]): Steps {
  const go = (...args: string[]) => ask(...trust, ...args);
  const query = new URLSearchParams(auth).toString();
  const at = (name: string) => `${method(name)}${query && `?${query}`}`;
  const results = async (...args: string[]) => ((await go(...args)) as { result: unknown }).result;
  return {
    get: () => go('-g', `${method('im.recent.get')}?${QUERY}${query && `&${query}`}`),
    getEncoded: () => go('-G', ...asFlags('--data-urlencode', { ...EXAMPLE, ...auth }), method('im.recent.get')),
    jsonSuffix: () => go(...asFlags('--data-urlencode', { ...EXAMPLE, ...auth }), method('im.recent.get.json')),
    form: () => go(...asFlags('-d', { ...EXAMPLE, ...auth }), method('im.recent.get')),
    multipart: () => go(...asFlags('-F', { ...EXAMPLE, ...auth }), method('im.recent.get')),
    withoutBody: () => go('-X', 'POST', at('im.recent.get')),
    emptyJson: () => go(...JSON_TYPE, '-d', JSON.stringify(auth), method('im.recent.get')),
    byteOrderMark: () => go(...JSON_TYPE, '-d', `\ufeff${JSON.stringify({ ...EXAMPLE, ...auth })}`, method('im.recent.get')),
    compressed: () => go('--compressed', at('im.recent.get')),
    http2: () => go('--http2', ...asFlags('-d', { ...EXAMPLE, ...auth }), method('im.recent.get')),
    xmlSuffix: async () => /<title>(.*?)<\/title>/.exec(await curl(...trust, at('im.recent.get.xml')))?.[1],
    namedBatch: () => results(...asFlags('--data-urlencode', { 'cmd[me]': ME, 'cmd[recent]': RECENT, 'cmd[group]': groupOf('recent'), halt: 1, ...auth }), method('batch')),
    listBatch: () => results(...JSON_TYPE, '-d', JSON.stringify({ cmd: [ME, RECENT, groupOf('1')], halt: 1, ...auth }), method('batch')),
    multipartBatch: () => results(...asFlags('-F', { 'cmd[0]': ME, 'cmd[1]': RECENT, 'cmd[2]': groupOf('1'), ...auth }), method('batch')),
    batchWithFailure: () => results('-g', `${method('batch')}?cmd[bad]=im.nope&cmd[after]=profile&${query}`),
    text: () => text(go, method, auth),
    rawAddress: () => rawAddress(go, method, query),
    time: () => go(at('server.time')),
    unknownMethod: () => go(at('im.nope')),
  };
}

/** As notifier scripts have it: the text stands in the address as it is. curl itself refuses spaces. */
async function rawAddress(go: (...args: string[]) => Promise<unknown>, method: (name: string) => string, query: string): Promise<string> {
  const id = await go('-g', `${method('im.message.add')}?DIALOG_ID=1&MESSAGE=Привет,+мир!&${query}`);
  const { messages } = (await go(`${method('im.dialog.messages.get')}?DIALOG_ID=1&LIMIT=1&${query}`)) as { messages: Array<{ text: string }> };
  await go(`${method('im.message.delete')}?MESSAGE_ID=${String(id)}&${query}`);
  return messages[0]!.text;
}

/** Written as JSON and as a form, read back by GET. */
async function text(go: (...args: string[]) => Promise<unknown>, method: (name: string) => string, auth: Record<string, string>): Promise<string[]> {
  const params = { DIALOG_ID: 1, MESSAGE: TEXT, ...auth };
  const ids = [
    await go(...JSON_TYPE, '-d', JSON.stringify(params), method('im.message.add')),
    await go(...asFlags('--data-urlencode', params), method('im.message.add')),
  ];
  const reading = asFlags('--data-urlencode', { DIALOG_ID: 1, LIMIT: 5, ...auth });
  const { messages } = (await go('-G', ...reading, method('im.dialog.messages.get'))) as { messages: Array<{ id: number; text: string }> };
  for (const id of ids) await go(...asFlags('-d', { MESSAGE_ID: id, ...auth }), method('im.message.delete'));
  return ids.map((id) => messages.find((message) => message.id === id)!.text);
}

async function reportOf(steps: Steps): Promise<Report> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, work] of Object.entries(steps)) {
    outcomes[name] = await work().then((value) => ({ value }), (error: Error) => ({ error: error.name, text: error.message }));
  }
  return { client: 'curl', version: /^curl (\S+)/.exec(await curl('--version'))![1]!, steps: outcomes };
}

const recent = commonChecks['example']!;
const checks: Record<string, Check> = {
  ...commonChecks,
  ...Object.fromEntries(['get', 'getEncoded', 'jsonSuffix', 'form', 'multipart', 'withoutBody', 'emptyJson', 'compressed', 'http2', 'byteOrderMark'].map((name) => [name, recent])),
  rawAddress: gives('Привет, мир!'),
  xmlSuffix: gives('Zürich ✈ 東京'),
  multipartBatch: commonChecks['listBatch']!,
  unknownMethod: raises('ERROR_METHOD_NOT_FOUND', 'Method not found!'),
};

async function withWebhook(portal: ClientPortal, origin: string, trust: readonly string[]): Promise<Steps> {
  const { user_id, secret, url } = await portal.addWebhook();
  await portal.rehearse(['--webhook', url], TOO_BUSY, BUSY_METHOD);
  const fill = { user_id: String(user_id), webhook: secret };
  const method = (name: string) => `${origin}/rest/${user_id}/${secret}/${name}`;
  return {
    example: () => paste(WEBHOOK_COMMAND, origin, fill, { CURL_CA_BUNDLE: portal.ca }),
    ...formsOf(method, {}, trust),
    wrongSecret: () => ask(...trust, `${origin}/rest/${user_id}/wrongwrongwrong1/profile`),
    // curl tries again by itself on 503; --fail keeps the first answer from being printed too.
    busy: async () => {
      const start = Date.now();
      await ask(...trust, '--fail', '--retry', '2', method(BUSY_METHOD));
      return Date.now() - start;
    },
  };
}

for (const scheme of ['http', 'https'] as const) {
  clientLane('curl', {
    mode: `webhook over ${scheme.toUpperCase()}`,
    checks: { ...checks, wrongSecret: raises('INVALID_CREDENTIALS'), busy: retried },
    start: async (portal) => reportOf(await withWebhook(portal, portal[scheme], scheme === 'https' ? ['--cacert', portal.ca] : [])),
  });

  clientLane('curl', {
    mode: `OAuth over ${scheme.toUpperCase()}`,
    checks: {
      ...checks, codeExchange: isAnnas, expiredToken: raises('expired_token'), invalidToken: raises('invalid_token'), refreshByGet: isAnnas, refreshByForm: isAnnas,
      wrongSecret: raises('invalid_client'), wrongApplication: raises('wrong_client'), usedCode: raises('invalid_grant'), busy: gaveUp(TOO_BUSY),
    },
    start: async (portal) => reportOf(await withTokens(portal, portal[scheme], scheme === 'https' ? ['--cacert', portal.ca] : [])),
  });
}

function isAnnas(outcome: Outcome, { annaId }: ClientPortal): void {
  expect(valueOf(outcome)).toMatchObject({ ID: String(annaId) });
}

async function withTokens(portal: ClientPortal, origin: string, trust: readonly string[]): Promise<Steps> {
  const app = await portal.addApplication();
  await portal.rehearse(['--app', app.client_id], TOO_BUSY, BUSY_METHOD);
  const [fresh, expired] = [await portal.tokensFor(app), await portal.expiredTokensFor(app)];
  const auth = { auth: fresh.access_token };
  return {
    example: () => paste(OAUTH_COMMAND, origin, { access_token: fresh.access_token }, { CURL_CA_BUNDLE: portal.ca }),
    ...formsOf((name) => `${origin}/rest/${name}`, auth, trust),
    expiredToken: () => ask(...trust, `${origin}/rest/profile?auth=${expired.access_token}`),
    invalidToken: () => ask(...trust, '-d', 'auth=wrong', `${origin}/rest/profile`),
    busy: () => ask(...trust, `${origin}/rest/${BUSY_METHOD}?auth=${fresh.access_token}`),
    ...tokenSteps(app, origin, trust, { expired, code: await portal.codeFor(app) }),
  };
}

function tokenSteps(app: Application, origin: string, trust: readonly string[], { expired, code }: { expired: Tokens; code: string }): Steps {
  const endpoint = `${origin}/oauth/token/`;
  const tokens = async (flags: readonly string[], params: object) => {
    const answer = JSON.parse(await curl(...trust, ...flags, ...asFlags('--data-urlencode', { ...app, ...params }), endpoint)) as Answer & Partial<Tokens>;
    resultOf(answer);
    return ask(...trust, `${answer.client_endpoint}profile?auth=${answer.access_token}`);
  };
  const exchange = { grant_type: 'authorization_code', code };
  const refresh = { grant_type: 'refresh_token', refresh_token: expired.refresh_token };
  return {
    codeExchange: () => tokens([], exchange),
    usedCode: () => tokens([], exchange),
    refreshByGet: () => tokens(['-G'], refresh),
    refreshByForm: () => tokens([], refresh),
    wrongSecret: () => tokens([], { ...refresh, client_secret: 'wrong' }),
    wrongApplication: () => tokens([], { ...refresh, client_id: 'local.0.0' }),
  };
}
