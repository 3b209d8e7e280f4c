import type { Command } from 'commander';
import { deleteWebhook, holdWebhook, listWebhooks, type WebhookRow } from '../db/portal-store.ts';
import type { Database, WriteSession } from '../db/database.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { addWebhook, webhookNamed } from '../portal/webhooks.ts';
import { configOf, type Flags, print, scopesOf, serverAddress, storeCommand, userIdOf } from './kit.ts';

const MOST_LISTED = 1000;

export function addWebhookCommands(program: Command): void {
  const webhook = program.command('webhook').description('webhooks');
  storeCommand(webhook, 'add', 'make a webhook and print its address, this once')
    .requiredOption('--user <id>', 'whose rights it has')
    .option('--scope <codes>', 'scopes, separated by commas', 'im,user')
    .option('--title <text>', 'a name for it', '')
    .action(add);
  storeCommand(webhook, 'list', 'show the webhooks without their codes').action(list);
  changeCommand(webhook, 'hold', 'block a webhook until it is released: calls fail with OVERLOAD_LIMIT', (s, { id }) => holdWebhook(s, id, 1));
  changeCommand(webhook, 'release', 'end the block of a webhook', (s, { id }) => holdWebhook(s, id, 0));
  changeCommand(webhook, 'delete', 'delete a webhook', (s, { id }) => deleteWebhook(s, id));
}

async function add(options: Flags & { user: string; scope: string; title: string }): Promise<void> {
  const config = configOf(options);
  const userId = userIdOf('--user', options.user);
  const scopes = scopesOf(options.scope);
  const webhook = await onPortal(config, (db, clock) => addWebhook(db, clock, { userId, scopes, title: options.title }));
  if (!webhook) throw new CommandError(`--user: there is no user ${userId}`);
  const origin = serverAddress(config);
  const url = `${origin}/rest/${userId}/${webhook.code}/`;
  print(config, { user_id: userId, secret: webhook.code, url }, `Webhook of user ${userId}, shown this once:\n${url}`);
}

async function list(options: Flags): Promise<void> {
  const config = configOf(options);
  const rows = await onPortal(config, (db) => db.read((s) => listWebhooks(s, MOST_LISTED)));
  const shown = rows.map(({ id, user_id, scope, title, held }) => ({ id, user_id, scope, title, held: held === 1 }));
  const lines = shown.map((row) => `${row.id}\tuser ${row.user_id}\t${row.scope}\t${row.title}${row.held ? '\tON HOLD' : ''}`);
  print(config, shown, lines.join('\n'));
}

function changeCommand(parent: Command, name: string, description: string, change: (s: WriteSession, row: WebhookRow) => Promise<void>): void {
  storeCommand(parent, name, description)
    .requiredOption('--webhook <name>', 'its address, code or id')
    .action(async (options: Flags & { webhook: string }) => {
      const config = configOf(options);
      const row = await onPortal(config, (db) => changeWebhook(db, options.webhook, change));
      print(config, { id: row.id }, `Webhook ${row.id} of user ${row.user_id}: ${name}.`);
    });
}

function changeWebhook(db: Database, name: string, change: (s: WriteSession, row: WebhookRow) => Promise<void>): Promise<WebhookRow> {
  return db.write(async (s) => {
    const row = await webhookNamed(s, name);
    if (!row) throw new CommandError('--webhook: there is no such webhook');
    await change(s, row);
    return row;
  });
}
