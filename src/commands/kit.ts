/** What the commands share: where the store is, and how they print. */
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { FieldError } from '../base/field-error.ts';
import { IN_REPOSITORY } from '../base/program.ts';
import { type Config, loadConfig, SETTINGS, variableOf } from '../config.ts';
import { readServerNote } from '../portal/folder.ts';
import { CommandError } from '../portal/open-portal.ts';
import { SCOPES, unknownScope } from '../identity/webhooks.ts';
import { quoted } from '../trust.ts';

/** The options of a command that are settings of the server. */
export type Flags = Partial<Record<keyof Config, string | boolean>>;

const STORE_FLAGS = ['data', 'databaseUrl'];
/** The flags of commands that look at the bytes of files. */
export const FILE_STORE = ['files', 'filesKeyId', 'filesSecretKey'];

/** Adds the flags of the settings to a command; all of them, or only those named. */
export function withSettings(command: Command, only?: readonly string[]): Command {
  for (const setting of SETTINGS) {
    if (only && !only.includes(setting.key)) continue;
    const value = !setting.value ? '' : setting.bare ? ` [${setting.value}]` : ` <${setting.value}>`;
    const fallback = setting.default === '' ? '' : `, default ${setting.usually ?? String(setting.default)}`;
    const help = `${setting.help} (${variableOf(setting.flag)}${fallback})`;
    command.addOption(new Option(`${setting.flag}${value}`, help));
  }
  return command;
}

/** A command on the portal's store; it works whether or not a server runs. */
export function storeCommand(parent: Command, name: string, description: string): Command {
  const command = parent.command(name).description(description);
  withSettings(command, STORE_FLAGS).option('--json', 'print one JSON line');
  return command;
}

/** The subset of a command's options that are settings, as a configuration. */
export function configOf(options: Flags): Config {
  return loadConfig(options, process.env);
}

/** Where commands look unless they are told: npm runs those of the repository in its own folder. */
const USUAL_DATA = IN_REPOSITORY ? join(import.meta.dirname, '..', '..', 'data') : resolve('data');

/**
 * The flags by which commands find the portal, with a space before them. A database's address is not repeated, because
 * it may hold a password; that of a variable is there for commands too, as in a container.
 */
export function storeFlags({ data, databaseUrl }: Config, env: NodeJS.ProcessEnv): string {
  const folder = resolve(data) === USUAL_DATA ? '' : ` --data ${quoted(resolve(data))}`;
  return databaseUrl && env[variableOf('--database-url')] !== databaseUrl ? `${folder} --database-url <url>` : folder;
}

/** What cannot be taken is said of the flag that gave it. @throws CommandError */
export function asFlags<T>(work: () => T): T {
  const explain = (thrown: unknown): never => {
    throw thrown instanceof FieldError ? new CommandError(`--${thrown.field}: ${thrown.message}`) : thrown;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(explain) as T) : result;
  } catch (thrown) {
    return explain(thrown);
  }
}

/** Prints a line for people, or JSON with `--json`. */
export function print(config: Config, json: object, text: string): void {
  process.stdout.write(config.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
}

/** Where the server listens, or would when it is started as configured. */
export function serverAddress(config: Config): string {
  return readServerNote(config.data)?.http ?? `http://${config.host}:${config.port}`;
}

/** @throws CommandError naming the flag */
export function userIdOf(flag: string, text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new CommandError(`${flag}: "${text}" is not a user id`);
  return id;
}

/** The codes of a comma-separated list. @param all those there are @throws CommandError naming the unknown one */
export function scopesOf(text: string, all: readonly string[] = SCOPES): string[] {
  const scopes = text.split(',').map((code) => code.trim()).filter((code) => code !== '');
  if (scopes.length === 0 && text.trim() !== '') throw new CommandError(`--scope: "${text}" names no scope`);
  const unknown = unknownScope(scopes, all);
  if (unknown !== undefined) throw new CommandError(`--scope: "${unknown}" is none of ${all.join(', ')}`);
  return scopes;
}

/** Says when the command is stopped: what it has made for itself, such as a webhook, is deleted then too. */
export function stopSignal(): AbortSignal {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopped.abort());
  return stopped.signal;
}
