import type { Command } from 'commander';
import { importFromPortal, portalImportOptions } from './import-portal.ts';
import { storeCommand } from './kit.ts';

export function addImportCommand(program: Command): void {
  portalImportOptions(storeCommand(program, 'import', 'bring over a portal').requiredOption('--from <address>', 'webhook of another portal')).action(importFromPortal);
}
