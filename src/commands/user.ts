import type { Command } from 'commander';
import { addUser } from '../messenger/people/users.ts';
import { createMessenger } from '../messenger/messenger.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

/** Commands are nobody's action. */
const NOBODY = 0;

interface UserOptions extends Flags {
  name?: string;
  lastName?: string;
  email?: string;
  position?: string;
  admin?: boolean;
  bot?: boolean;
  extranet?: boolean;
}

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('people and bots');
  storeCommand(user, 'add', 'add a user')
    .option('--name <text>', 'first name')
    .option('--last-name <text>', 'last name')
    .option('--email <address>', 'e-mail address')
    .option('--position <text>', 'job title')
    .option('--admin', 'make them an administrator')
    .option('--bot', 'add a bot')
    .option('--extranet', 'add a guest who sees only shared chats')
    .action(add);
}

async function add(options: UserOptions): Promise<void> {
  const config = configOf(options);
  const email = options.email?.trim().toLowerCase() ?? '';
  if (email !== '' && !/^[^\s@]+@[^\s@]+$/.test(email)) throw new CommandError(`--email: "${email}" is not an address`);
  const outcome = await onPortal(config, async (db, clock) => {
    const m = createMessenger(db, clock);
    await m.settings();
    return addUser(m, NOBODY, {
      email,
      first_name: options.name ?? '',
      last_name: options.lastName ?? '',
      work_position: options.position ?? '',
      admin: options.admin ? 1 : 0,
      extranet: options.extranet ? 1 : 0,
      external_auth_id: options.bot ? 'bot' : '',
    });
  });
  if (!outcome.ok) throw new CommandError(`--email: another user has ${email}`);
  print(config, { id: outcome.value }, `User ${outcome.value} added.`);
}
