import type { Command } from 'commander';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { settingsReader } from '../portal/settings.ts';
import { addWebhook, changeWebhook, type WebhookChange, webhookPage } from '../identity/webhooks.ts';
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
  changeCommand(webhook, 'hold', 'block a webhook until it is released: calls fail with OVERLOAD_LIMIT', { held: true });
  changeCommand(webhook, 'release', 'end the block of a webhook', { held: false });
  changeCommand(webhook, 'remove', 'end a webhook at once', { removed: true }).alias('delete');
}

async function add(options: Flags & { user: string; scope: string; title: string }): Promise<void> {
  const config = configOf(options);
  const userId = userIdOf('--user', options.user);
  const scopes = scopesOf(options.scope);
  const { webhook, set } = await onPortal(config, async (db, clock) => ({
    webhook: await addWebhook(db, clock, { userId, scopes, title: options.title }),
    set: toPolicy((await settingsReader(db)()).values).url,
  }));
  if (!webhook) throw new CommandError(`--user: there is no user ${userId}`);
  const origin = set || serverAddress(config);
  const url = `${origin}/rest/${userId}/${webhook.code}/`;
  print(config, { user_id: userId, secret: webhook.code, url }, `Webhook of user ${userId}, shown this once:\n${url}`);
}

async function list(options: Flags): Promise<void> {
  const config = configOf(options);
  const { rows } = await onPortal(config, (db) => webhookPage(db, 0, MOST_LISTED));
  const shown = rows.map(({ id, user_id, scope, title, held, created_at, last_used_at }) => ({
    id, user_id, scope, title, held: held === 1, created: dateOf(created_at), last_used: dateOf(last_used_at),
  }));
  const lines = shown.map((row) => {
    const used = row.last_used === '' ? 'never used' : `used ${row.last_used}`;
    return [row.id, `user ${row.user_id}`, row.scope, row.title, `made ${row.created}`, used, ...(row.held ? ['ON HOLD'] : [])].join('\t');
  });
  print(config, shown, lines.join('\n'));
}

function dateOf(ms: number): string {
  return ms === 0 ? '' : new Date(ms).toISOString();
}

function changeCommand(parent: Command, name: string, description: string, change: WebhookChange): Command {
  return storeCommand(parent, name, description)
    .argument('[webhook]', 'its address, code or id')
    .option('--webhook <name>', 'the same')
    .action(async (given: string | undefined, options: Flags & { webhook?: string }) => {
      const config = configOf(options);
      const named = options.webhook ?? given;
      if (named === undefined) throw new CommandError('--webhook: say which webhook');
      const row = await onPortal(config, (db) => changeWebhook(db, named, change));
      if (!row) throw new CommandError('--webhook: there is no such webhook');
      print(config, { id: row.id }, `Webhook ${row.id} of user ${row.user_id}: ${name}.`);
    });
}
