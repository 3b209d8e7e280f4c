import type { Command } from 'commander';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { setSwitches, storedValue, SWITCHES } from '../portal/switches.ts';
import { asFlags, configOf, type Flags, print, storeCommand } from './kit.ts';

export function addPortalCommands(program: Command): void {
  const portal = program.command('portal').description('the portal');
  const set = storeCommand(portal, 'set', 'change settings; a running server follows at once');
  for (const { flag, value, help } of SWITCHES) {
    set.option(`--${flag}${value ? ` <${value}>` : ''}`, help);
    if (!value) set.option(`--no-${flag}`, 'the opposite');
  }
  set.action(setPortal);
}

async function setPortal({ plan, ...flags }: Flags): Promise<void> {
  const config = configOf(flags);
  const options: Record<string, string | boolean | undefined> = { plan, ...flags };
  const changes = new Map<string, string>();
  for (const setting of SWITCHES) {
    const given = options[camelCase(setting.flag)];
    if (given !== undefined) changes.set(setting.key, asFlags(() => storedValue(setting, given)));
  }
  if (changes.size === 0) throw new CommandError('portal set: nothing to set; see --help');
  await onPortal(config, (db) => setSwitches(db, changes));
  print(config, Object.fromEntries(changes), [...changes].map(([key, value]) => `${key}: ${value}`).join('\n'));
}

function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
