/** The commands beside `serve`. Each prints a line for people, or JSON with `--json`. */
import type { Config } from './config.ts';
import { writeSetting } from './db/portal-store.ts';
import { examine } from './portal/doctor.ts';
import { Zone } from './messenger/dates.ts';
import { SETTING_KEYS } from './messenger/settings.ts';
import { addUser } from './messenger/users.ts';
import { settingsReader } from './messenger/settings.ts';
import { readServerNote } from './portal/folder.ts';
import { CommandError, onPortal } from './portal/open-portal.ts';
import { addWebhook, SCOPES } from './portal/webhooks.ts';

function print(config: Config, json: object, text: string): void {
  process.stdout.write(config.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
}

export interface UserOptions {
  name?: string;
  lastName?: string;
  email?: string;
  position?: string;
  admin?: boolean;
  bot?: boolean;
  extranet?: boolean;
}

export async function addUserCommand(config: Config, options: UserOptions): Promise<void> {
  const email = options.email?.trim().toLowerCase() ?? '';
  if (email !== '' && !/^[^\s@]+@[^\s@]+$/.test(email)) throw new CommandError(`--email: "${email}" is not an address`);
  const outcome = await onPortal(config, (db, clock) =>
    addUser({ db, clock, settings: settingsReader(db) }, {
      email,
      first_name: options.name ?? '',
      last_name: options.lastName ?? '',
      work_position: options.position ?? '',
      admin: options.admin ? 1 : 0,
      extranet: options.extranet ? 1 : 0,
      external_auth_id: options.bot ? 'bot' : '',
    }),
  );
  if (!outcome.ok) throw new CommandError(`--email: another user has ${email}`);
  print(config, { id: outcome.value }, `User ${outcome.value} added.`);
}

export async function addWebhookCommand(config: Config, options: { user: string; scope: string; title: string }): Promise<void> {
  const userId = Number(options.user);
  if (!Number.isSafeInteger(userId) || userId < 1) throw new CommandError(`--user: "${options.user}" is not a user id`);
  const scopes = options.scope.split(',').map((code) => code.trim()).filter((code) => code !== '');
  const known: readonly string[] = SCOPES;
  const unknown = scopes.find((code) => !known.includes(code));
  if (unknown !== undefined) throw new CommandError(`--scope: "${unknown}" is none of ${SCOPES.join(', ')}`);
  const webhook = await onPortal(config, (db, clock) => addWebhook(db, clock, { userId, scopes, title: options.title }));
  if (!webhook) throw new CommandError(`--user: there is no user ${userId}`);
  const origin = readServerNote(config.data)?.http ?? `http://${config.host}:${config.port}`;
  const url = `${origin}/rest/${userId}/${webhook.code}/`;
  print(config, { user_id: userId, secret: webhook.code, url }, `Webhook of user ${userId}, shown this once:\n${url}`);
}

export async function setPortalCommand(config: Config, options: { timezone?: string; name?: string }): Promise<void> {
  const changes = new Map<string, string>();
  if (options.timezone !== undefined) changes.set(SETTING_KEYS.timezone, checkedZone(options.timezone));
  if (options.name !== undefined) changes.set(SETTING_KEYS.name, options.name);
  if (changes.size === 0) throw new CommandError('portal set: nothing to set; see --help');
  await onPortal(config, (db) =>
    db.write(async (s) => {
      for (const [key, value] of changes) await writeSetting(s, key, value);
    }),
  );
  print(config, Object.fromEntries(changes), [...changes].map(([key, value]) => `${key}: ${value}`).join('\n'));
}

function checkedZone(name: string): string {
  try {
    return new Zone(name).name;
  } catch {
    throw new CommandError(`--timezone: "${name}" is not a time zone such as Europe/Berlin`);
  }
}

/** Prints what was found; the exit code is 1 when something needs mending. */
export async function doctorCommand(config: Config): Promise<void> {
  const findings = await examine(config);
  const healthy = findings.every((finding) => finding.ok);
  const lines = findings.map(({ ok, what, detail }) => `${ok ? 'ok     ' : 'PROBLEM'} ${what}: ${detail}`);
  print(config, { healthy, findings }, lines.join('\n'));
  if (!healthy) process.exitCode = 1;
}
