import type { Command } from 'commander';
import { openBlobsBeside } from '../blobs/open-blobs.ts';
import { onPortal } from '../portal/open-portal.ts';
import { packageVersion } from '../reference/version.ts';
import { configOf, FILE_STORE, type Flags, print, storeCommand, withSettings } from './kit.ts';
import { progressBar } from './progress.ts';

type ExportFlags = Flags & { to: string; withoutFiles?: boolean };

export function addExportCommand(program: Command): void {
  const command = storeCommand(program, 'export', 'write all of the portal into a new folder, as lines of JSON and files, for `import` on any engine');
  withSettings(command, FILE_STORE)
    .requiredOption('--to <folder>', 'where it goes; must not exist')
    .option('--without-files', 'leave the bytes of files out: they are where the new portal has them too')
    .action(exportAll);
}

async function exportAll({ to, withoutFiles, ...options }: ExportFlags): Promise<void> {
  const config = configOf(options);
  const { exportPortal } = await import('../exchange/export.ts');
  const { watch } = await progressBar();
  const made = await onPortal(config, async (db) => {
    await using blobs = await openBlobsBeside(config);
    return exportPortal(db, to, { blobs: withoutFiles ? undefined : blobs, release: packageVersion(), watch });
  });
  const text = `${made.path}: ${made.rows} rows, ${withoutFiles ? 'WITHOUT THE BYTES OF FILES' : `${made.files} files`}. Keep it as secret as the portal; read it back with import --from`;
  print(config, made, [text, ...made.damaged.map((name) => `DAMAGED OR MISSING, AND SO NOT IN THE EXPORT: the file ${name}`)].join('\n'));
}
