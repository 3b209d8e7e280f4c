import type { Command } from 'commander';
import { CommandError } from '../portal/open-portal.ts';
import { importFromFolder, type ImportFlags } from './import-export.ts';
import { importFromPortal, isPortalAddress, PORTAL_OPTIONS, type PortalImportFlags, portalImportOptions } from './import-portal.ts';
import { storeCommand, withSettings } from './kit.ts';

export function addImportCommand(program: Command): void {
  const command = storeCommand(program, 'import', 'bring over a portal, or what one user sees of another').requiredOption(
    '--from <folder|webhook>', 'what `export` has written, which becomes a new portal; or the address of a webhook of another portal, what its owner sees there',
  );
  withSettings(command, ['filesKeyId', 'filesSecretKey']).option('--files [address]', 'where the bytes of files go: the data folder, or an s3://… address as for the server; with a webhook files come only with this');
  portalImportOptions(command).action(importFrom);
}

/** By what is imported from. @throws CommandError */
async function importFrom(flags: ImportFlags & PortalImportFlags): Promise<void> {
  if (isPortalAddress(flags.from)) return importFromPortal(flags);
  const foreign = PORTAL_OPTIONS.find((name) => flags[name] !== undefined);
  if (foreign) throw new CommandError(`--${foreign}: goes with a webhook; an export is imported whole`);
  return importFromFolder(flags);
}
