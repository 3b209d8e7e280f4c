import type { Command } from 'commander';
import { type Backup, makeBackup } from '../portal/backup.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

export function addBackupCommand(program: Command): void {
  storeCommand(program, 'backup', 'copy the portal to a new folder while its server runs').argument('<folder>', 'where the copy goes; must not exist').action(backup);
}

const POSTGRES_TOOLS = 'pg_dump --format=custom --file=<file> <database url>, or pg_basebackup for the whole server';

function backup(folder: string, options: Flags): void {
  const config = configOf(options);
  const made = makeBackup(config.data, folder, config.databaseUrl === '');
  print(config, { ...made, ...(!made.database && { database_by: POSTGRES_TOOLS }) }, textOf(made));
}

function textOf({ path, database, bytes }: Backup): string {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MB`;
  if (database) return `${path}: everything, ${size}, checked. Start a server on a copy of it with --data.`;
  return `${path}: the certificates only, ${size}. THE DATABASE IS NOT IN IT. PostgreSQL is copied by its own tools:\n  ${POSTGRES_TOOLS}`;
}
