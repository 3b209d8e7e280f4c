/** What administrators set on the portal: each thing by its name, with what it may be. */
import type { Database } from '../db/database.ts';
import { writeSetting } from '../db/stores/portal-store.ts';
import { Zone } from '../base/dates.ts';
import { FieldError } from '../base/field-error.ts';
import { PLANS, POLICY_KEYS, REST_PLANS, USUAL_TTL } from './policy.ts';
import { SETTING_KEYS } from './settings.ts';
import { isCertificateName } from './tls.ts';

/** One thing that administrators set on the portal. */
export interface Switch {
  /** Under which it is stored. */
  key: string;
  /** How administrators call it. */
  flag: string;
  /** What its value is; none where it is on or off. */
  value?: string;
  help: string;
  /** The values there are, where they are few. */
  options?: readonly string[];
  /** Its value where nothing is set; empty for none, or where it depends. */
  usual?: string;
  /** What is stored of it. @throws Error saying what is wrong with it */
  check?(text: string): string;
}

export const SWITCHES: readonly Switch[] = [
  { key: SETTING_KEYS.timezone, flag: 'timezone', value: 'zone', help: 'zone of all dates, such as Europe/Berlin', usual: 'UTC', check: zone },
  { key: SETTING_KEYS.name, flag: 'name', value: 'text', help: 'name of the portal', check: shortText },
  { key: SETTING_KEYS.editLimit, flag: 'edit-limit', value: 'seconds', help: 'for how long one may edit and delete one\'s own messages, such as 259200 for three days; 0 for ever', check: editLimit },
  { key: SETTING_KEYS.fileLimit, flag: 'file-limit', value: 'MB', help: 'largest file that may be uploaded; 0 for the usual 2048', usual: '2048', check: megabytes },
  { key: SETTING_KEYS.userQuota, flag: 'user-quota', value: 'MB', help: 'room for all files that one user has uploaded; 0 for no limit', check: megabytes },
  { key: SETTING_KEYS.portalQuota, flag: 'portal-quota', value: 'MB', help: 'room for all files there are; 0 for no limit', check: megabytes },
  { key: POLICY_KEYS.url, flag: 'url', value: 'address', help: 'address under which others reach the portal; empty for that of its listener', check: origin },
  { key: POLICY_KEYS.plan, flag: 'plan', value: 'plan', help: `limits to apply: ${PLANS.join(', ')}`, options: PLANS, usual: 'self-hosted', check: oneOf(PLANS) },
  { key: POLICY_KEYS.operatingLimit, flag: 'operating-limit', value: 'seconds', help: 'how long one method may run for one caller in ten minutes; 0 for what the plan says', check: seconds },
  { key: POLICY_KEYS.restPlan, flag: 'rest-plan', value: 'plan', help: 'whether the plan includes REST: free or commercial', options: REST_PLANS, usual: 'commercial', check: oneOf(REST_PLANS) },
  { key: POLICY_KEYS.closed, flag: 'closed', help: 'close the portal: calls fail with PORTAL_DELETED' },
  { key: POLICY_KEYS.httpsRequired, flag: 'require-https', help: 'refuse calls over plain HTTP' },
  { key: POLICY_KEYS.rehearsals, flag: 'rehearsals', help: 'allow errors to be rehearsed' },
  { key: POLICY_KEYS.movableClock, flag: 'movable-clock', help: 'allow the clock to be moved by tidemark clock; every answer says by how much' },
  { key: POLICY_KEYS.privateHandlers, flag: 'private-handlers', help: 'allow events to be sent to private addresses' },
  { key: POLICY_KEYS.linkPreviews, flag: 'link-previews', help: 'look at the pages that links in messages lead to, on the public internet, and show what they are about' },
  { key: POLICY_KEYS.codeTtl, flag: 'code-ttl', value: 'seconds', help: 'how long codes of a sign-in are valid', usual: String(USUAL_TTL.code), check: lifetime },
  { key: POLICY_KEYS.accessTtl, flag: 'access-ttl', value: 'seconds', help: 'how long access tokens are valid, such as 60 to see clients refresh them', usual: String(USUAL_TTL.access), check: lifetime },
  { key: POLICY_KEYS.refreshTtl, flag: 'refresh-ttl', value: 'seconds', help: 'how long refresh tokens are valid', usual: String(USUAL_TTL.refresh), check: lifetime },
  { key: POLICY_KEYS.calls, flag: 'calls', help: 'keep the last thousand calls in memory, with what was asked and why they failed, for administrators to look at' },
  { key: POLICY_KEYS.docs, flag: 'docs', help: 'show the documentation of the methods', usual: '1' },
];

export function findSwitch(flag: string): Switch | undefined {
  return SWITCHES.find((known) => known.flag === flag.toLowerCase());
}

/** What is stored of a value as an administrator gives it. @throws FieldError */
export function storedValue({ flag, value, check }: Switch, given: string | boolean): string {
  try {
    if (value === undefined) return onOrOff(given);
    const text = String(given).trim();
    return check ? check(text) : text;
  } catch (error) {
    throw new FieldError(flag, (error as Error).message);
  }
}

function onOrOff(given: string | boolean): string {
  const word = String(given).toLowerCase();
  if (['1', 'y', 'true', 'on'].includes(word)) return '1';
  if (['0', 'n', 'false', 'off'].includes(word)) return '0';
  throw new Error(`"${word}" is neither Y nor N`);
}

/** Sets all or none; whatever serves the portal follows at once. @param stored values by key, as {@link storedValue} gives them */
export async function setSwitches(db: Database, stored: ReadonlyMap<string, string>): Promise<void> {
  await db.write(async (s) => {
    for (const [key, value] of stored) await writeSetting(s, key, value);
  });
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
