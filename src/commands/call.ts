/** `tidemark call`: a REST call from the command line. */
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { deleteWebhook } from '../db/stores/portal-store.ts';
import { type Called, callOverHttp } from '../reference/called.ts';
import { paramLine } from '../reference/method-text.ts';
import { type MethodReference, Reference } from '../reference/reference.ts';
import { commandLine } from '../reference/samples.ts';
import { methodAt, parseWebhook, type WebhookAddress } from '../reference/webhook-address.ts';
import { methods } from '../methods/index.ts';
import { readServerNote } from '../portal/folder.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { addWebhook, SCOPES } from '../identity/webhooks.ts';
import { readArguments, toParams } from './call-arguments.ts';
import { configOf, type Flags, storeCommand, userIdOf } from './kit.ts';

type CallFlags = Flags & { webhook?: string; user: string };

const TITLE = 'tidemark call';

export function addCallCommand(program: Command): void {
  storeCommand(program, 'call', 'call a method of the running server; every other --NAME value is a parameter')
    .usage('<method> [--NAME value ...] [options]')
    .option('--webhook <address>', 'webhook to call with (TIDEMARK_WEBHOOK); without one it makes its own and deletes it afterwards')
    .option('--user <id>', 'whose own webhook it makes', '1')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((options: CallFlags, command: Command) => run(options, command));
}

async function run(options: CallFlags, command: Command): Promise<void> {
  const { method: name, help, given } = readArguments(command.args);
  const method = name === undefined ? undefined : (await Reference.of(methods)).find(name);
  if (name === undefined) return void process.stdout.write(`${command.helpInformation()}\ncall --help <method> shows the parameters of a method.\n`);
  if (help) return void process.stdout.write(methodHelp(name, method));
  const types = new Map(method?.params.map((param) => [param.name, param.type]));
  const params = toParams(given, (param) => types.get(param.toUpperCase()));
  const config = configOf(options);
  report(config, await call(config, options, name, params));
}

/** @throws CommandError */
function methodHelp(name: string, method: MethodReference | undefined): string {
  if (!method) throw new CommandError(`there is no method ${name}`);
  const params = method.params.map((param) => `  ${paramLine(param)}\n`).join('');
  const scope = method.scope === null ? 'Needs no scope.' : `Scope: ${method.scope}`;
  return `${method.name}\n${method.summary}.\n${scope}\n\nParameters:\n${params || '  none\n'}\nExample:\n  ${commandLine(method.name, method.example)}`;
}

async function call(config: Config, options: CallFlags, method: string, params: Record<string, unknown>): Promise<Called> {
  const given = options.webhook ?? process.env['TIDEMARK_WEBHOOK'] ?? '';
  if (given === '') return callWithOwn(config, userIdOf('--user', options.user), method, params);
  const webhook = parseWebhook(given);
  if (!webhook) throw new CommandError('--webhook: this is neither the address of a webhook nor user/code');
  return callOverHttp(`${webhook.origin ?? serverOf(config)}${methodAt(webhook, method)}`, params);
}

/** @throws CommandError when no server runs on the data folder */
export function serverOf(config: Config): string {
  const note = readServerNote(config.data);
  if (!note) throw new CommandError(`no server runs on ${config.data}: start it, or give --webhook`);
  return note.http;
}

function callWithOwn(config: Config, userId: number, method: string, params: Record<string, unknown>): Promise<Called> {
  return withOwnWebhook(config, { userId, scopes: SCOPES, title: TITLE }, (webhook) => callOverHttp(`${webhook.origin}${methodAt(webhook, method)}`, params));
}

/** Works with a webhook that is made for it, and deleted however that ends. @throws CommandError */
export function withOwnWebhook<T>(config: Config, wanted: { userId: number; scopes: readonly string[]; title: string }, work: (webhook: WebhookAddress) => Promise<T>): Promise<T> {
  const origin = serverOf(config);
  return onPortal(config, async (db, clock) => {
    const made = await addWebhook(db, clock, wanted);
    if (!made) throw new CommandError(`--user: there is no user ${wanted.userId}`);
    try {
      return await work({ origin, user: String(wanted.userId), code: made.code });
    } finally {
      await db.write((s) => deleteWebhook(s, made.id));
    }
  });
}

function report(config: Config, called: Called): void {
  if (config.json) process.stdout.write(`${JSON.stringify(called.ok ? called.answer : { error: called.code, error_description: called.text })}\n`);
  else if (called.ok) process.stdout.write(`${JSON.stringify(called.answer['result'], null, 2)}\n`);
  if (called.ok) return;
  process.stderr.write(`${called.code}: ${called.text}\n`);
  process.exitCode = 1;
}
