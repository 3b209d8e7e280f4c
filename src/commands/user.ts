import type { Command } from 'commander';
import { enrol, type Person } from '../messenger/people/enrolling.ts';
import { createMessenger } from '../messenger/messenger.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { asFlags, configOf, type Flags, print, storeCommand } from './kit.ts';

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
  const { name, lastName, email, position, admin, extranet, bot } = options;
  const person = { email, firstName: name, lastName, position, admin, guest: extranet, bot };
  const outcome = await onPortal(config, async (db, clock) => {
    const m = createMessenger(db, clock);
    await m.settings();
    return asFlags(() => enrol(m, NOBODY, defined(person)));
  });
  if (!outcome.ok) throw new CommandError(`--email: another user has ${email}`);
  print(config, { id: outcome.value }, `User ${outcome.value} added.`);
}

function defined(person: { [K in keyof Person]?: Person[K] | undefined }): Partial<Person> {
  return Object.fromEntries(Object.entries(person).filter(([, value]) => value !== undefined));
}
