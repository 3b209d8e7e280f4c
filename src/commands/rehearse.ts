import type { Command } from 'commander';
import { findAppByClientId } from '../db/stores/app-store.ts';
import type { Session } from '../db/database.ts';
import { deleteRehearsals, insertRehearsal } from '../db/stores/rehearsal-store.ts';
import { methods } from '../methods/index.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { PER_MILLION } from '../portal/rehearsals.ts';
import { toPolicy } from '../portal/policy.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { webhookNamed } from '../identity/webhooks.ts';
import { errorByCode, systemErrors } from '../rest/system-errors.ts';
import { configOf, type Flags, print, storeCommand } from './kit.ts';

interface RehearseOptions extends Flags {
  webhook?: string;
  app?: string;
  error?: string;
  method?: string;
  next?: string;
  rate?: string;
  delay?: string;
  stop?: boolean;
}

/** No call waits longer, milliseconds. */
const LONGEST_DELAY_MS = 60_000;

export function addRehearseCommand(program: Command): void {
  storeCommand(program, 'rehearse', 'make the next calls of a webhook or an application fail or wait, to see what a client does')
    .option('--webhook <name>', 'its address, code or id')
    .option('--app <client id>', 'the application')
    .option('--error <code>', 'code of the error to answer with, such as QUERY_LIMIT_EXCEEDED')
    .option('--method <name>', 'only calls of this method; then its own errors can be rehearsed too, and commands of a batch count')
    .option('--next <count>', 'how many calls; 1 unless a rate is given')
    .option('--rate <share>', 'which share of the calls, such as 0.1, until stopped')
    .option('--delay <time>', 'how long calls wait first, such as 2s or 500ms')
    .option('--stop', 'end what is being rehearsed')
    .action(rehearse);
}

async function rehearse(options: RehearseOptions): Promise<void> {
  const config = configOf(options);
  const plan = options.stop ? undefined : planOf(options);
  await onPortal(config, (db, clock) =>
    db.write(async (s) => {
      const whose = await callerOf(s, options);
      if (!plan) return deleteRehearsals(s, whose);
      if (!toPolicy(await readSettings(s)).rehearsals) throw new CommandError('this portal does not allow it: portal set --rehearsals');
      return insertRehearsal(s, { webhook_id: whose.webhookId, app_id: whose.appId, ...plan, created_at: clock.now() });
    }),
  );
  print(config, plan ?? { stopped: true }, plan ? describe(options) : 'Nothing is rehearsed any more.');
}

export function planOf({ error = '', method, next, rate, delay }: RehearseOptions) {
  const declared = method === undefined ? undefined : methods.find(({ name }) => name.toLowerCase() === method.toLowerCase());
  if (method !== undefined && !declared) throw new CommandError(`--method: there is no method "${method}"`);
  if (error === '' && delay === undefined) throw new CommandError('rehearse: give --error, --delay or both');
  if (error !== '' && !errorByCode(error, declared?.errors)) {
    const codes = [...new Set(Object.values({ ...systemErrors, ...declared?.errors }).map(({ code }) => code))];
    throw new CommandError(`--error: "${error}" is none of ${codes.join(', ')}`);
  }
  return {
    error,
    method: declared?.name ?? '',
    remaining: next === undefined ? (rate === undefined ? 1 : -1) : countOf(next),
    per_million: rate === undefined ? PER_MILLION : shareOf(rate),
    delay_ms: delay === undefined ? 0 : delayOf(delay),
  };
}

function describe({ error, method, next, rate, delay }: RehearseOptions): string {
  const calls = rate === undefined ? `The next ${next ?? 1} calls` : `${Number(rate) * 100} % of the ${next === undefined ? '' : `next ${next} `}calls`;
  const parts = [delay && `wait ${delay}`, error && `end with ${error}`].filter(Boolean);
  return `${calls}${method ? ` of ${method}` : ''} ${parts.join(' and ')}.`;
}

async function callerOf(s: Session, { webhook, app }: RehearseOptions): Promise<{ webhookId: number; appId: number }> {
  if ((webhook === undefined) === (app === undefined)) throw new CommandError('rehearse: give either --webhook or --app');
  if (webhook !== undefined) {
    const row = await webhookNamed(s, webhook);
    if (!row) throw new CommandError('--webhook: there is no such webhook');
    return { webhookId: row.id, appId: 0 };
  }
  const row = await findAppByClientId(s, app!);
  if (!row) throw new CommandError(`--app: there is no application "${app}"`);
  return { webhookId: 0, appId: row.id };
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new CommandError(`--next: "${text}" is not a number of calls`);
  return Number(text);
}

function shareOf(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new CommandError(`--rate: "${text}" is not between 0 and 1`);
  return Math.round(share * PER_MILLION);
}

function delayOf(text: string): number {
  const [, number, unit] = /^(\d{1,5}(?:\.\d{1,3})?)(ms|s)?$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 'ms' ? 1 : 1000);
  if (!(ms <= LONGEST_DELAY_MS)) throw new CommandError(`--delay: "${text}" is not a time up to 60s, such as 2s or 500ms`);
  return Math.round(ms);
}
