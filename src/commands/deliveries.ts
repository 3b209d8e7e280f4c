import type { Command } from 'commander';
import { latestOf } from '../delivery/handlers/overseeing.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

const MOST_LISTED = 200;

export function addDeliveriesCommand(app: Command): void {
  storeCommand(app, 'deliveries', 'show what an application was told lately, newest first')
    .requiredOption('--app <client id>', 'the application')
    .action(deliveries);
}

async function deliveries(options: Flags & { app: string }): Promise<void> {
  const config = configOf(options);
  const rows = await onPortal(config, (db) => latestOf(db, options.app, MOST_LISTED));
  if (!rows) throw new CommandError(`--app: there is no application "${options.app}"`);
  const shown = rows.map(({ id, event, url, user_id, state, attempts, status, problem, created_at, next_at }) => ({
    id, event, url, user_id, state, attempts, status, problem, created_at, ...(state === 'waiting' && { next_at }),
  }));
  const lines = shown.map((row) => [row.id, row.event, row.state, `${row.attempts} attempts`, row.status || row.problem, row.url].join('\t'));
  print(config, shown, lines.join('\n'));
}
