/** The command line: `serve` runs the server, the other commands work on the portal while it runs. */
import { Command, CommanderError, Option } from 'commander';
import { type Config, ConfigError, envExample, loadConfig, SETTINGS, variableOf } from './config.ts';
import { addUserCommand, addWebhookCommand, doctorCommand, setPortalCommand } from './commands.ts';
import { DatabaseError } from './db/database.ts';
import { ListenError } from './listeners.ts';
import { FolderError } from './portal/folder.ts';
import { CommandError } from './portal/open-portal.ts';
import { greeting } from './greeting.ts';
import { startServer } from './server.ts';

type Flags = Partial<Record<keyof Config, string | boolean>>;

const STORE_FLAGS = ['data', 'databaseUrl'];

/** Adds the flags of the settings to a command; all of them, or only those that say where the store is. */
function withSettings(command: Command, only?: readonly string[]): Command {
  for (const setting of SETTINGS) {
    if (only && !only.includes(setting.key)) continue;
    const value = setting.value ? ` <${setting.value}>` : '';
    const fallback = setting.default === '' ? '' : `, default ${String(setting.default)}`;
    const help = `${setting.help} (${variableOf(setting.flag)}${fallback})`;
    command.addOption(new Option(`${setting.flag}${value}`, help));
  }
  return command;
}

function storeCommand(parent: Command, name: string, description: string): Command {
  const command = parent.command(name).description(description);
  withSettings(command, STORE_FLAGS).option('--json', 'print one JSON line');
  return command;
}

/** The subset of a command's options that are settings, as a configuration. */
function configOf(options: Flags): Config {
  return loadConfig(options, process.env);
}

async function serve(options: Flags): Promise<void> {
  process.env['NODE_ENV'] ??= 'production';
  const config = configOf(options);
  const server = await startServer(config);
  process.stdout.write(config.json ? `${JSON.stringify(server.ready)}\n` : greeting(server.ready));
  const stop = () => {
    server[Symbol.asyncDispose]().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function build(): Command {
  const program = new Command('tidemark').description('A self-hosted messenger server compatible with the Bitrix24 REST API');
  program.exitOverride();
  withSettings(program.command('serve').description('run the server')).action(serve);
  const user = program.command('user').description('people and bots');
  storeCommand(user, 'add', 'add a user')
    .option('--name <text>', 'first name')
    .option('--last-name <text>', 'last name')
    .option('--email <address>', 'e-mail address')
    .option('--position <text>', 'job title')
    .option('--admin', 'make them an administrator')
    .option('--bot', 'add a bot')
    .option('--extranet', 'add a guest who sees only shared chats')
    .action((options) => addUserCommand(configOf(options), options));
  const webhook = program.command('webhook').description('webhooks');
  storeCommand(webhook, 'add', 'make a webhook and print its address, this once')
    .requiredOption('--user <id>', 'whose rights it has')
    .option('--scope <codes>', 'scopes, separated by commas', 'im,user')
    .option('--title <text>', 'a name for it', '')
    .action((options) => addWebhookCommand(configOf(options), options));
  const portal = program.command('portal').description('the portal');
  storeCommand(portal, 'set', 'change settings; a running server follows at once')
    .option('--timezone <zone>', 'zone of all dates, such as Europe/Berlin')
    .option('--name <text>', 'name of the portal')
    .action((options) => setPortalCommand(configOf(options), options));
  storeCommand(program, 'doctor', 'check the installation').action((options) => doctorCommand(configOf(options)));
  program.command('env-example').description('print .env.example').action(() => void process.stdout.write(envExample()));
  return program;
}

const EXPECTED = [ConfigError, ListenError, FolderError, DatabaseError, CommandError];

/** What the user can mend is one line; anything else shows where it happened. */
function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  const expected = EXPECTED.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`tidemark: ${text}\n`);
  process.exit(1);
}

await build().parseAsync(process.argv).catch(fail);
