import type { Command } from 'commander';
import { type Backup, makeBackup } from '../portal/backup.ts';
import { configOf, FILE_STORE, type Flags, print, storeCommand, withSettings } from './kit.ts';

export function addBackupCommand(program: Command): void {
  const command = storeCommand(program, 'backup', 'copy the portal to a new folder while its server runs');
  withSettings(command, FILE_STORE).argument('<folder>', 'where the copy goes; must not exist').action(backup);
}

const POSTGRES_TOOLS = 'pg_dump --format=custom --file=<file> <database url>, or pg_basebackup for the whole server';

function backup(folder: string, options: Flags): void {
  const config = configOf(options);
  const made = makeBackup(config.data, folder, config.databaseUrl === '');
  const elsewhere = { ...(!made.database && { database_by: POSTGRES_TOOLS }), ...(config.files && { files_in: config.files }) };
  print(config, { ...made, ...elsewhere }, [textOf(made, config.files), ...made.damaged.map((name) => `DAMAGED, AND SO IN THE COPY: ${name}`)].join('\n'));
}

function textOf({ path, database, bytes, files }: Backup, store: string): string {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const notIn = store === '' ? '' : ` THE FILES OF CHATS ARE NOT IN IT: they are in ${store}.`;
  if (database) return `${path}: ${store === '' ? 'everything' : 'the database and the certificates'}, ${files} files, ${size}, checked. Start a server on a copy of it with --data.${notIn}`;
  return `${path}: the certificates and ${files} files only, ${size}. THE DATABASE IS NOT IN IT. PostgreSQL is copied by its own tools:\n  ${POSTGRES_TOOLS}${notIn && `\n${notIn.trim()}`}`;
}
