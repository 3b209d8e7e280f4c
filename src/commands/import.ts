import type { Command } from 'commander';
import { CommandError } from '../portal/open-portal.ts';
import { importFromFolder } from './import-export.ts';
import { importFromPortal, isPortalAddress, PORTAL_OPTIONS, type PortalImportFlags, portalImportOptions } from './import-portal.ts';
import { configOf, type Flags, storeCommand, withSettings } from './kit.ts';

interface ImportFlags extends Omit<Flags, 'files'>, PortalImportFlags {
  from: string;
  /** Where files go; true where that is the data folder. */
  files?: string | boolean;
}

export function addImportCommand(program: Command): void {
  const command = storeCommand(program, 'import', 'bring over a portal, or what one user sees of another').requiredOption(
    '--from <folder|webhook>', 'what `export` has written, which becomes a new portal; or the address of a webhook of another portal, what its owner sees there',
  );
  withSettings(command, ['filesKeyId', 'filesSecretKey']).option('--files [address]', 'where the bytes of files go: the data folder, or an s3://… address as for the server; with a webhook files come only with this');
  portalImportOptions(command).action(importFrom);
}

/** By what is imported from. @throws CommandError, ExchangeFault */
async function importFrom({ from, as, chats, messages, since, files, ...others }: ImportFlags): Promise<void> {
  const config = configOf(typeof files === 'string' ? { ...others, files } : others);
  const aboutPortals = { as, chats, messages, since };
  if (isPortalAddress(from)) return importFromPortal(from, config, aboutPortals, files !== undefined && files !== false);
  const foreign = PORTAL_OPTIONS.find((name) => aboutPortals[name] !== undefined);
  if (foreign) throw new CommandError(`--${foreign}: goes with a webhook; an export is imported whole`);
  return importFromFolder(from, config);
}
