/** The command line: `serve` runs the server, the other commands work on the portal while it runs. */
import { Command, CommanderError } from 'commander';
import { type Config, ConfigError, envExample } from './config.ts';
import { addAppCommands } from './commands/app.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addCallCommand } from './commands/call.ts';
import { addCallsCommand } from './commands/calls.ts';
import { addClockCommands } from './commands/clock.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExportCommand } from './commands/export.ts';
import { configOf, type Flags, storeFlags, withSettings } from './commands/kit.ts';
import { addImportCommand } from './commands/import.ts';
import { addMcpCommand } from './commands/mcp.ts';
import { addPortalCommands } from './commands/portal.ts';
import { addRehearseCommand } from './commands/rehearse.ts';
import { addSeedCommand } from './commands/seed.ts';
import { addSignInCommands } from './commands/sign-in.ts';
import { addUserCommands } from './commands/user.ts';
import { addWebhookCommands } from './commands/webhook.ts';
import { ComparisonError } from './compare/portal.ts';
import { ExchangeFault } from './exchange/format.ts';
import { DatabaseError, StoreUnavailable } from './db/database.ts';
import { ListenError } from './rest/net/listeners.ts';
import { FolderError } from './portal/folder.ts';
import { CommandError } from './portal/open-portal.ts';
import { makeLink } from './identity/logins.ts';
import { toPolicy } from './portal/policy.ts';
import { packageVersion } from './reference/version.ts';
import { greeting } from './greeting.ts';
import { type RunningServer, startServer } from './server.ts';
import { releaseStartMemory } from './start-memory.ts';
import { keepTickShape } from './tick-shape.ts';

async function serve(options: Flags): Promise<void> {
  process.env['NODE_ENV'] ??= 'production';
  const given = configOf(options);
  // What is printed to a log is read by others: a webhook is shown to a person, or to whoever asks for it.
  const config = { ...given, printWebhook: given.printWebhook || process.stdout.isTTY };
  keepTickShape();
  const stop = stopSignal();
  const server = await startServer(config);
  releaseStartMemory();
  if (!stop.given()) process.stdout.write(config.json ? `${JSON.stringify(server.ready)}\n` : await greet(server, config));
  await stop.signal;
  await server[Symbol.asyncDispose]();
  process.exit(0);
}

async function greet({ ready, context }: RunningServer, config: Config): Promise<string> {
  // To whom a webhook is shown a link may be shown.
  const link = ready.admin.webhook === '' ? undefined : await makeLink(context, ready.admin.user_id);
  return greeting(ready, toPolicy((await context.messenger.settings()).values).url, storeFlags(config, process.env), link);
}

/** However a stop goes, it is over by then. */
const LONGEST_STOP_MS = 9500;

/** Listens for the order to stop from now on, also while the server starts. Further orders change nothing. */
function stopSignal(): { given(): boolean; signal: Promise<void> } {
  let given = false;
  const signal = new Promise<void>((resolve) => {
    const stop = () => {
      if (!given) setTimeout(endUnfinished, LONGEST_STOP_MS).unref();
      given = true;
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
  return { given: () => given, signal };
}

/** Nothing that was acknowledged is lost: the store was made for being cut off. */
function endUnfinished(): void {
  process.stderr.write('tidemark: something did not end in time, stopping without it\n');
  process.exit(0);
}

function build(): Command {
  const program = new Command('tidemark').description('A self-hosted messenger server compatible with the Bitrix24 REST API');
  program.version(packageVersion(), '-V, --version', 'print the version').exitOverride();
  withSettings(program.command('serve').description('run the server')).action(serve);
  addUserCommands(program);
  addSignInCommands(program);
  addWebhookCommands(program);
  addAppCommands(program);
  addPortalCommands(program);
  addRehearseCommand(program);
  addBackupCommand(program);
  addExportCommand(program);
  addSeedCommand(program);
  addImportCommand(program);
  addClockCommands(program);
  addDoctorCommand(program);
  addCallCommand(program);
  addCallsCommand(program);
  addCompareCommand(program);
  addMcpCommand(program);
  program.command('env-example').description('print .env.example').action(() => void process.stdout.write(envExample()));
  return program;
}

const EXPECTED = [ConfigError, ListenError, FolderError, DatabaseError, StoreUnavailable, CommandError, ComparisonError, ExchangeFault];

/** What the user can mend is one line; anything else shows where it happened. */
function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(error.exitCode);
  // What the operating system refuses names the file and why.
  const expected = EXPECTED.some((kind) => error instanceof kind) || (Error.isError(error) && 'syscall' in error);
  const text = Error.isError(error) ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`tidemark: ${text}\n`);
  process.exit(process.exitCode ?? 1);
}

// Whoever reads what is printed may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
// Whatever a command writes is its owner's alone.
process.umask(0o077);
await build().parseAsync(process.argv).catch(fail);
