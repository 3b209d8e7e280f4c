import { fstatSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { settingsReader } from '../portal/settings.ts';
import { LINK_MS, linkAddress, makeLink, renewPassword } from '../identity/logins.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { FieldError } from '../base/field-error.ts';
import { configOf, type Flags, print, serverAddress, storeCommand, userIdOf } from './kit.ts';

const STDIN = 0;

/** Adds to the commands of users. */
export function addSignInCommands(program: Command): void {
  const user = program.commands.find((command) => command.name() === 'user')!;
  storeCommand(user, 'link', 'make a link that signs a user in once, within ten minutes')
    .requiredOption('--user <id>', 'whom it signs in')
    .action(link);
  storeCommand(user, 'password', 'set a password: the one on standard input, else a new one that is printed')
    .requiredOption('--user <id>', 'whose password it is')
    .action(password);
}

async function link(options: Flags & { user: string }): Promise<void> {
  const config = configOf(options);
  const userId = userIdOf('--user', options.user);
  const { secret, url } = await onPortal(config, async (db, clock) => ({
    secret: await makeLink({ db, clock }, userId),
    url: toPolicy((await settingsReader(db)()).values).url,
  }));
  if (secret === undefined) throw new CommandError(`--user: there is no user ${userId} who may sign in`);
  const origin = url || serverAddress(config);
  const address = linkAddress(origin, secret);
  print(config, { user_id: userId, url: address, expires_in: LINK_MS / 1000 }, `Signs user ${userId} in once, within ten minutes:\n${address}`);
}

async function password(options: Flags & { user: string }): Promise<void> {
  const config = configOf(options);
  const userId = userIdOf('--user', options.user);
  const given = pipedPassword();
  const renewed = await asWords(() => onPortal(config, (db, clock) => renewPassword({ db, clock }, userId, given)));
  if (!renewed) throw new CommandError(`--user: there is no user ${userId}`);
  const { generated } = renewed;
  const shown = generated === undefined ? { user_id: userId } : { user_id: userId, password: generated };
  print(config, shown, `Password of user ${userId} ${generated === undefined ? 'set.' : `is now, shown this once:\n${generated}`}`);
}

/** A password has no flag: it comes by standard input. @throws CommandError */
async function asWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw thrown instanceof FieldError ? new CommandError(`the ${thrown.field} ${thrown.message}`) : thrown;
  }
}

/** The first line of what is piped in; undefined at a terminal or when nothing is. */
function pipedPassword(): string | undefined {
  const kind = fstatSync(STDIN);
  if (!kind.isFIFO() && !kind.isFile() && !kind.isSocket()) return undefined;
  const [line = ''] = readFileSync(STDIN, 'utf8').split(/\r?\n/, 1);
  return line === '' ? undefined : line;
}
