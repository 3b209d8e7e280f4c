import type { Command } from 'commander';
import { importFromFolder, type ImportFlags } from './import-export.ts';
import { storeCommand, withSettings } from './kit.ts';

export function addImportCommand(program: Command): void {
  const command = storeCommand(program, 'import', 'bring over a portal').requiredOption('--from <folder>', 'what `export` has written; it becomes a new portal');
  withSettings(command, ['filesKeyId', 'filesSecretKey']).option('--files [address]', 'where the bytes of files go: the data folder, or an s3://… address as for the server');
  command.action(importFrom);
}

/** By what is imported from. */
async function importFrom(flags: ImportFlags): Promise<void> {
  await importFromFolder(flags);
}
