/** `tidemark calls`: the last calls of the running server, and those that come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { type Called, callOverHttp } from '../reference/called.ts';
import { CommandError } from '../portal/open-portal.ts';
import { ADMIN_SCOPE } from '../identity/webhooks.ts';
import type { ShownCall } from '../methods/admin/calls.ts';
import { methodAt, parseWebhook, type WebhookAddress } from '../reference/webhook-address.ts';
import { serverOf, withOwnWebhook } from './call.ts';
import { configOf, type Flags, stopSignal, storeCommand, userIdOf } from './kit.ts';

interface CallsOptions extends Flags {
  follow?: boolean;
  errors?: boolean;
  method?: string;
  of?: string;
  user: string;
  webhook?: string;
}

const LOOK_EVERY_MS = 1000;
const TITLE = 'tidemark calls';

export function addCallsCommand(program: Command): void {
  storeCommand(program, 'calls', 'show the last thousand calls of the running server, without secrets; it writes them down while portal set --calls is on')
    .option('--follow', 'go on with those that come, until stopped')
    .option('--errors', 'only those that failed')
    .option('--method <name>', 'only calls of this method; of several where it ends in *, as in im.recent.*')
    .option('--of <id>', 'only calls of this user')
    .option('--webhook <address>', 'webhook of an administrator to look with; without one it makes its own and deletes it afterwards')
    .option('--user <id>', 'whose own webhook it makes, an administrator\'s', '1')
    .action(calls);
}

async function calls(options: CallsOptions): Promise<void> {
  const config = configOf(options);
  const stop = stopSignal();
  const filter = { ERRORS: options.errors ? 'Y' : 'N', METHOD: options.method ?? '', LIMIT: 1000, ...(options.of !== undefined && { USER_ID: userIdOf('--of', options.of) }) };
  const print = config.json ? (call: ShownCall) => JSON.stringify(call) : line;
  const watch = (webhook: WebhookAddress) => show(`${webhook.origin ?? serverOf(config)}${methodAt(webhook, 'tidemark.calls.list')}`, filter, print, options.follow === true, stop);
  if (options.webhook === undefined) return withOwnWebhook(config, { userId: userIdOf('--user', options.user), scopes: [ADMIN_SCOPE], title: TITLE }, watch);
  const webhook = parseWebhook(options.webhook);
  if (!webhook) throw new CommandError('--webhook: this is neither the address of a webhook nor user/code');
  await watch(webhook);
}

async function show(address: string, filter: Record<string, unknown>, print: (call: ShownCall) => string, follow: boolean, stop: AbortSignal): Promise<void> {
  for (let since = 0; ; ) {
    const { on, calls: found } = resultOf(await callOverHttp(address, { ...filter, SINCE: since }));
    if (!on && since === 0) process.stderr.write('Calls are not written down: portal set --calls\n');
    for (const call of found) process.stdout.write(`${print(call)}\n`);
    since = found.at(-1)?.id ?? since;
    if (!follow || stop.aborted) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
  }
}

/** @throws CommandError */
function resultOf(called: Called): { on: boolean; calls: ShownCall[] } {
  if (!called.ok) throw new CommandError(`${called.code}: ${called.text}`);
  return called.answer['result'] as { on: boolean; calls: ShownCall[] };
}

function line({ at, user_id: user, webhook_id: webhook, client_id: client, method, command, params, status, code, why, rehearsed, ms, statements }: ShownCall): string {
  const by = client || (webhook > 0 ? `webhook ${webhook}` : '');
  const who = user > 0 ? `user ${user}${by && ` by ${by}`}` : 'nobody';
  const what = [at.slice(11, 23), status, `${command ? '+ ' : ''}${method || '?'}`, who, `${ms.toFixed(1)} ms`, `${statements} statements`, ...(rehearsed ? ['rehearsed'] : [])].join('\t');
  return `${what}\t${params}${code ? `\n\t${code}: ${why}` : ''}`;
}
