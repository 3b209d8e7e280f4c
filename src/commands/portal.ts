import type { Command } from 'commander';
import { writeSetting } from '../db/stores/portal-store.ts';
import { Zone } from '../base/dates.ts';
import { SETTING_KEYS } from '../portal/settings.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { PLANS, POLICY_KEYS, REST_PLANS } from '../portal/policy.ts';
import { isCertificateName } from '../portal/tls.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

interface PortalSetting {
  key: string;
  flag: string;
  /** Name of the value; none for a switch, which also gets a `--no-` twin. */
  value?: string;
  help: string;
  /** @throws Error saying what is wrong with it */
  check?(text: string): string;
}

const SWITCHES: readonly PortalSetting[] = [
  { key: SETTING_KEYS.timezone, flag: 'timezone', value: 'zone', help: 'zone of all dates, such as Europe/Berlin', check: zone },
  { key: SETTING_KEYS.name, flag: 'name', value: 'text', help: 'name of the portal', check: shortText },
  { key: SETTING_KEYS.editLimit, flag: 'edit-limit', value: 'seconds', help: 'for how long one may edit and delete one\'s own messages, such as 259200 for three days; 0 for ever', check: editLimit },
  { key: SETTING_KEYS.fileLimit, flag: 'file-limit', value: 'MB', help: 'largest file that may be uploaded; 0 for the usual 2048', check: megabytes },
  { key: SETTING_KEYS.userQuota, flag: 'user-quota', value: 'MB', help: 'room for all files that one user has uploaded; 0 for no limit', check: megabytes },
  { key: SETTING_KEYS.portalQuota, flag: 'portal-quota', value: 'MB', help: 'room for all files there are; 0 for no limit', check: megabytes },
  { key: POLICY_KEYS.url, flag: 'url', value: 'address', help: 'address under which others reach the portal; empty for that of its listener', check: origin },
  { key: POLICY_KEYS.plan, flag: 'plan', value: 'plan', help: `limits to apply: ${PLANS.join(', ')}`, check: oneOf(PLANS) },
  { key: POLICY_KEYS.operatingLimit, flag: 'operating-limit', value: 'seconds', help: 'how long one method may run for one caller in ten minutes; 0 for what the plan says', check: seconds },
  { key: POLICY_KEYS.restPlan, flag: 'rest-plan', value: 'plan', help: 'whether the plan includes REST: free or commercial', check: oneOf(REST_PLANS) },
  { key: POLICY_KEYS.closed, flag: 'closed', help: 'close the portal: calls fail with PORTAL_DELETED' },
  { key: POLICY_KEYS.httpsRequired, flag: 'require-https', help: 'refuse calls over plain HTTP' },
  { key: POLICY_KEYS.rehearsals, flag: 'rehearsals', help: 'allow errors to be rehearsed' },
  { key: POLICY_KEYS.movableClock, flag: 'movable-clock', help: 'allow the clock to be moved by tidemark clock; every answer says by how much' },
  { key: POLICY_KEYS.privateHandlers, flag: 'private-handlers', help: 'allow events to be sent to private addresses' },
  { key: POLICY_KEYS.linkPreviews, flag: 'link-previews', help: 'look at the pages that links in messages lead to, on the public internet, and show what they are about' },
  { key: POLICY_KEYS.codeTtl, flag: 'code-ttl', value: 'seconds', help: 'how long codes of a sign-in are valid', check: lifetime },
  { key: POLICY_KEYS.accessTtl, flag: 'access-ttl', value: 'seconds', help: 'how long access tokens are valid, such as 60 to see clients refresh them', check: lifetime },
  { key: POLICY_KEYS.refreshTtl, flag: 'refresh-ttl', value: 'seconds', help: 'how long refresh tokens are valid', check: lifetime },
  { key: POLICY_KEYS.docs, flag: 'docs', help: 'show the documentation of the methods' },
];

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
    if (given !== undefined) changes.set(setting.key, toValue(setting, given));
  }
  if (changes.size === 0) throw new CommandError('portal set: nothing to set; see --help');
  await onPortal(config, (db) =>
    db.write(async (s) => {
      for (const [key, value] of changes) await writeSetting(s, key, value);
    }),
  );
  print(config, Object.fromEntries(changes), [...changes].map(([key, value]) => `${key}: ${value}`).join('\n'));
}

function toValue({ flag, check }: PortalSetting, given: string | boolean): string {
  if (typeof given === 'boolean') return given ? '1' : '0';
  try {
    return check ? check(given) : given;
  } catch (error) {
    throw new CommandError(`--${flag}: ${(error as Error).message}`);
  }
}

function camelCase(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function zone(name: string): string {
  try {
    return new Zone(name).name;
  } catch {
    throw new Error(`"${name}" is not a time zone such as Europe/Berlin`);
  }
}

function shortText(text: string): string {
  if (text.length > 255) throw new Error('is longer than 255 characters');
  return text;
}

function oneOf(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (!names.includes(text)) throw new Error(`"${text}" is not one of ${names.join(', ')}`);
    return text;
  };
}

function seconds(text: string): string {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`"${text}" is not a number of seconds`);
  return text === '0' ? '' : text;
}

function editLimit(text: string): string {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a number of seconds`);
  return Number(text) === 0 ? '' : text;
}

function megabytes(text: string): string {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a number of megabytes`);
  return Number(text) === 0 ? '' : text;
}

function lifetime(text: string): string {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`"${text}" is not a number of seconds from 1 to 999999999`);
  return text;
}

function origin(text: string): string {
  if (text === '') return '';
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new Error(`"${text}" is not an address such as https://chat.example`);
  const { origin: address, hostname } = new URL(text);
  if (!isCertificateName(hostname) || hostname.startsWith('*')) throw new Error(`"${hostname}" is neither a host name nor an IP address`);
  return address;
}
