import type { Command } from 'commander';
import { done } from '../base/outcome.ts';
import { beginRehearsal, endRehearsals, LONGEST_DELAY_MS, type Plan } from '../identity/rehearsing.ts';
import { knownMethods, methods } from '../methods/index.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { asFlags, configOf, type Flags, print, storeCommand } from './kit.ts';

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
  const { webhook, app } = options;
  if ((webhook === undefined) === (app === undefined)) throw new CommandError('rehearse: give either --webhook or --app');
  const plan = options.stop ? undefined : planOf(options);
  const outcome = await asFlags(() =>
    onPortal(config, async (db, clock) => (plan ? beginRehearsal(db, clock, { webhook, app }, plan, knownMethods(methods)) : done(await endRehearsals(db, { webhook, app })))),
  );
  if (!outcome.ok) throw new CommandError('this portal does not allow it: portal set --rehearsals');
  print(config, plan ?? { stopped: true }, plan ? describe(options) : 'Nothing is rehearsed any more.');
}

function planOf({ error = '', method = '', next, rate, delay }: RehearseOptions): Plan {
  if (error === '' && delay === undefined) throw new CommandError('rehearse: give --error, --delay or both');
  return {
    error,
    method,
    next: next === undefined ? undefined : countOf(next),
    rate: rate === undefined ? undefined : shareOf(rate),
    delayMs: delay === undefined ? 0 : delayOf(delay),
  };
}

function describe({ error, method, next, rate, delay }: RehearseOptions): string {
  const calls = rate === undefined ? `The next ${next ?? 1} calls` : `${Number(rate) * 100} % of the ${next === undefined ? '' : `next ${next} `}calls`;
  const parts = [delay && `wait ${delay}`, error && `end with ${error}`].filter(Boolean);
  return `${calls}${method ? ` of ${method}` : ''} ${parts.join(' and ')}.`;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new CommandError(`--next: "${text}" is not a number of calls`);
  return Number(text);
}

function shareOf(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new CommandError(`--rate: "${text}" is not between 0 and 1`);
  return share;
}

function delayOf(text: string): number {
  const [, number, unit] = /^(\d{1,5}(?:\.\d{1,3})?)(ms|s)?$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 'ms' ? 1 : 1000);
  if (!(ms <= LONGEST_DELAY_MS)) throw new CommandError(`--delay: "${text}" is not a time up to 60s, such as 2s or 500ms`);
  return Math.round(ms);
}
