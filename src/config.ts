/** Every setting of the server, declared once: flags, environment twins, `--help` and `.env.example` come from here. */

import { isIP } from 'node:net';
import { hostname, totalmem } from 'node:os';
import { parseS3Address } from './blobs/s3-address.ts';
import { type Plan, PLANS } from './portal/policy.ts';
import { isCertificateName } from './portal/tls.ts';

export interface Config {
  /** What this process is called among those on one database. */
  node: string;
  host: string;
  port: number;
  tlsPort: number;
  /** Host names and addresses, separated by commas; empty for none. */
  tlsName: string;
  maxConnections: number;
  data: string;
  empty: boolean;
  json: boolean;
  printWebhook: boolean;
  /** Empty: what the portal is set to, or self-hosted. */
  plan: Plan | '';
  databaseUrl: string;
  redisUrl: string;
  /** Where the bytes of files lie: `s3://…`; empty for the data folder. */
  files: string;
  filesKeyId: string;
  filesSecretKey: string;
  logLevel: string;
  cacheMb: number;
  /** Empty: nobody; `true`: whoever connects; else addresses and networks. */
  trustProxy: string;
}

interface Setting<K extends keyof Config> {
  key: K;
  flag: string;
  /** Name of the value in the help; none for a switch. */
  value?: string;
  /** The flag may stand without its value. */
  bare?: boolean;
  default: Config[K];
  /** A variable that others read too; ours wins over it. */
  also?: string;
  /** The default in words, where it is not the same on every machine. */
  usually?: string;
  help: string;
  parse(text: string): Config[K];
}

/** A flag or variable whose value cannot be used. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export const SETTINGS = [
  setting({ key: 'host', flag: '--host', value: 'address', default: '127.0.0.1', help: 'address to listen on', parse: nonEmpty }),
  setting({ key: 'port', flag: '--port', value: 'port', default: 8080, help: 'HTTP port, 0 for a free one', parse: port }),
  setting({ key: 'tlsPort', flag: '--tls-port', value: 'port', default: 8443, help: 'HTTPS port, 0 for a free one', parse: port }),
  setting({ key: 'tlsName', flag: '--tls-name', value: 'names', default: '', help: 'further names and addresses that the certificate is for, separated by commas', parse: certificateNames }),
  setting({ key: 'maxConnections', flag: '--max-connections', value: 'number', default: 4096, help: 'connections open at once; at the limit idle ones make room', parse: atLeastOne }),
  setting({ key: 'data', flag: '--data', value: 'folder', default: './data', help: 'folder of the database and certificates', parse: nonEmpty }),
  setting({ key: 'empty', flag: '--empty', default: false, help: 'start without the demo team', parse: bool }),
  setting({ key: 'json', flag: '--json', default: false, help: 'print one JSON line on standard output', parse: bool }),
  setting({ key: 'printWebhook', flag: '--print-webhook', default: false, help: 'print a webhook of the administrator at the start, also where it ends up in a log', parse: bool }),
  setting({ key: 'plan', flag: '--plan', value: 'plan', default: '', help: `set the portal's limits: ${PLANS.join(', ')}`, parse: plan }),
  setting({ key: 'databaseUrl', flag: '--database-url', value: 'url', default: '', help: 'PostgreSQL 14+ instead of the embedded SQLite', parse: url(['postgres:', 'postgresql:']) }),
  setting({ key: 'redisUrl', flag: '--redis-url', value: 'url', default: '', help: 'Redis or Valkey, through which nodes share limits and wake each other', parse: url(['redis:', 'rediss:']) }),
  setting({ key: 'files', flag: '--files', value: 'url', default: '', help: 's3://bucket/prefix?endpoint=https://…&region=… for the files instead of the data folder', parse: s3 }),
  setting({ key: 'filesKeyId', flag: '--files-key-id', value: 'id', default: '', also: 'AWS_ACCESS_KEY_ID', help: 'access key for --files; AWS_ACCESS_KEY_ID unless set', parse: nonEmpty }),
  setting({ key: 'filesSecretKey', flag: '--files-secret-key', value: 'key', default: '', also: 'AWS_SECRET_ACCESS_KEY', help: 'its secret, better given as a variable; AWS_SECRET_ACCESS_KEY unless set', parse: nonEmpty }),
  setting({ key: 'node', flag: '--node', value: 'name', default: `${hostname()}:${process.pid}`, usually: 'its host and pid', help: 'name of this node in logs and metrics', parse: nodeName }),
  setting({ key: 'logLevel', flag: '--log-level', value: 'level', default: 'info', help: 'debug, info, warn, error or silent', parse: logLevel }),
  setting({ key: 'cacheMb', flag: '--cache-mb', value: 'MB', default: memoryShareMb(), usually: 'an eighth of the memory', help: 'memory for the lists of active users, 0 for none', parse: wholeNumber }),
  setting({ key: 'trustProxy', flag: '--trust-proxy', value: 'addresses', bare: true, default: '', help: 'believe X-Forwarded-* of the proxy in front, or of these addresses only', parse: proxies }),
] as const;

function setting<K extends keyof Config>(declaration: Setting<K>): Setting<K> {
  return declaration;
}

/** An eighth of what the machine has, or the container may use. */
function memoryShareMb(): number {
  const limit = process.constrainedMemory();
  return Math.floor((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 8 / 2 ** 20);
}

/** `--tls-port` → `TIDEMARK_TLS_PORT`. */
export function variableOf(flag: string): string {
  return `TIDEMARK_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/**
 * The configuration from flags (by their camel-case names) over environment variables over defaults.
 *
 * @throws ConfigError naming the flag or variable
 */
export function loadConfig(flags: Partial<Record<keyof Config, string | boolean>>, env: NodeJS.ProcessEnv): Config {
  const config: Record<string, unknown> = {};
  for (const { key, flag, default: fallback, parse, also = '' } of SETTINGS) {
    const variable = variableOf(flag);
    const [given, source] = flags[key] !== undefined ? [flags[key], flag] : [env[variable] || env[also], variable];
    config[key] = given === undefined || given === '' ? fallback : parsed(parse, String(given), source);
  }
  return consistent(config as unknown as Config);
}

function consistent(config: Config): Config {
  const { files, filesKeyId, filesSecretKey } = config;
  if (files !== '' && (filesKeyId === '' || filesSecretKey === '')) throw new ConfigError('--files: needs an access key, TIDEMARK_FILES_KEY_ID and TIDEMARK_FILES_SECRET_KEY');
  return config;
}

function parsed(parse: (text: string) => unknown, text: string, source: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(`${source}: ${(error as Error).message}`);
  }
}

/** The text of `.env.example`. */
export function envExample(): string {
  const lines = SETTINGS.map(({ flag, help, usually, default: fallback }) => {
    const [told, value] = usually === undefined ? [help, String(fallback)] : [`${help}; ${usually} unless set`, ''];
    return `# ${told}\n# ${variableOf(flag)}=${value}\n`;
  });
  return `# Every flag of the server has a twin here. A flag wins over its variable.\n\n${lines.join('\n')}`;
}

function nonEmpty(text: string): string {
  if (text.trim() === '') throw new Error('must not be empty');
  return text;
}

function nodeName(text: string): string {
  if (!/^[\w.:@-]{1,100}$/.test(text)) throw new Error(`"${text}" is not a name of up to 100 letters, digits and . : @ _ -`);
  return text;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`"${text}" is not a whole number`);
  return Number(text);
}

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new Error('must be 1 or more');
  return number;
}

function certificateNames(text: string): string {
  const names = splitList(text);
  const wrong = names.find((name) => !isCertificateName(name));
  if (wrong !== undefined) throw new Error(`"${wrong}" is neither a host name nor an IP address`);
  return names.join(',');
}

/** The entries of a comma-separated list. */
export function splitList(text: string): string[] {
  return text.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '');
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error(`"${text}" is not a port (0 to 65535)`);
  return Number(text);
}

function bool(text: string): boolean {
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new Error(`"${text}" is neither true nor false`);
}

function proxies(text: string): string {
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return '';
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return 'true';
  const wrong = text.split(',').map((entry) => entry.trim()).find((entry) => !isNetwork(entry));
  if (wrong !== undefined) throw new Error(`"${wrong}" is not an address or network such as 127.0.0.1 or 10.0.0.0/8`);
  return text;
}

function isNetwork(entry: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true;
  const [, address = '', prefix = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  return isIP(address) !== 0 && Number(prefix) <= (isIP(address) === 6 ? 128 : 32);
}

function plan(text: string): Plan {
  const found = PLANS.find((name) => name === text);
  if (!found) throw new Error(`"${text}" is not one of ${PLANS.join(', ')}`);
  return found;
}

function logLevel(text: string): string {
  if (!['debug', 'info', 'warn', 'error', 'silent'].includes(text)) throw new Error(`"${text}" is not a log level`);
  return text;
}

function s3(text: string): string {
  parseS3Address(text);
  return text;
}

function url(protocols: string[]): (text: string) => string {
  return (text) => {
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) throw new Error(`not a ${protocols[0]}// address`);
    return text;
  };
}
