/** `tidemark compare`: how another portal answers otherwise than this one. */
import type { Command } from 'commander';
import { type Comparison, comparePortals, type Finding, probesOf } from '../compare/comparison.ts';
import { PROBES } from '../compare/probes.ts';
import type { Config } from '../config.ts';
import { SCOPES } from '../identity/webhooks.ts';
import { methods } from '../methods/index.ts';
import { CommandError } from '../portal/open-portal.ts';
import { Reference } from '../reference/reference.ts';
import { methodAt, parseWebhook, type WebhookAddress } from '../reference/webhook-address.ts';
import { serverOf, withOwnWebhook } from './call.ts';
import { configOf, type Flags, print, stopSignal, storeCommand, userIdOf } from './kit.ts';
import { progressBar } from './progress.ts';

interface CompareOptions extends Flags {
  with?: string;
  own?: string;
  methods?: string;
  user: string;
}

const SAME = 0;
const DIFFERENT = 1;
const NOT_COMPARED = 2;
const TITLE = 'tidemark compare';

export function addCompareCommand(program: Command): void {
  storeCommand(program, 'compare', 'compare with another portal: ask both the same, change nothing, and say which answers look otherwise, never what is in them')
    .option('--with <address>', 'webhook of the other portal (TIDEMARK_OTHER_WEBHOOK)')
    .option('--own <address>', 'webhook of this portal; without one it makes its own and deletes it afterwards')
    .option('--user <id>', 'whose own webhook it makes', '1')
    .option('--methods <names>', 'only these, with commas between them; several where one ends in *, as in im.recent.*')
    .addHelpText('after', '\nEnds with 0 where nothing differs, 1 where something does, 2 where it could not compare.')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_COMPARED))
    .action(compare);
}

async function compare(options: CompareOptions): Promise<void> {
  process.exitCode = NOT_COMPARED;
  const config = configOf(options);
  const probes = readMethods(options.methods);
  const other = readWebhook('--with', options.with ?? process.env['TIDEMARK_OTHER_WEBHOOK'] ?? '');
  if (other.origin === undefined) throw new CommandError('--with: the other portal needs the whole address of a webhook');
  const reference = await Reference.of(methods);
  const stop = stopSignal();
  const bar = await progressBar();
  const watch = (done: number, all: number) => {
    if (stop.aborted) throw new CommandError('stopped');
    bar.watch('comparing', done, all);
  };
  const run = (own: WebhookAddress) => comparePortals({ reference, here: baseOf(own, config), there: baseOf(other, config), watch }, probes);
  if (options.own !== undefined) return report(config, await run(readWebhook('--own', options.own)));
  report(config, await withOwnWebhook(config, { userId: userIdOf('--user', options.user), scopes: SCOPES, title: TITLE }, run));
}

/** @throws CommandError */
function readWebhook(flag: string, text: string): WebhookAddress {
  const webhook = parseWebhook(text);
  if (!webhook) throw new CommandError(`${flag}: ${text === '' ? 'give the address of a webhook' : 'this is no address of a webhook'}`);
  return webhook;
}

function baseOf(webhook: WebhookAddress, config: Config): string {
  return `${webhook.origin ?? serverOf(config)}${methodAt(webhook, '')}`;
}

/** @throws CommandError naming those that are never called */
function readMethods(given: string | undefined): readonly (typeof PROBES)[number][] {
  if (given === undefined) return PROBES;
  const names = given.split(',').map((name) => name.trim()).filter((name) => name !== '');
  const unknown = names.filter((name) => probesOf([name]).length === 0);
  const known = () => [...new Set(PROBES.map(({ method }) => method))].sort().join(', ');
  if (names.length === 0 || unknown.length > 0) throw new CommandError(`--methods: "${unknown.join(', ')}" is none of those that only read: ${known()}`);
  return probesOf(names);
}

function report(config: Config, { methods: count, calls, differences, incomparable }: Comparison): void {
  const same = differences.length === 0;
  print(config, { same, methods: count, calls, differences, not_comparable: incomparable }, textOf(count, differences, incomparable));
  if (count === 0) throw new CommandError('nothing could be compared');
  process.exitCode = same ? SAME : DIFFERENT;
}

function textOf(count: number, differences: readonly Finding[], incomparable: readonly Finding[]): string {
  const different = [...byCall(differences)].map(([call, found]) => `${call}\n${found.map((one) => `  ${one.path || 'the answer'}: ${sides(one)}\n`).join('')}`);
  const open = [...byCall(incomparable)].map(([call, found]) => `  ${call}: ${found.map((one) => one.path || sides(one)).join(', ')}\n`);
  const about = open.length === 0 ? '' : `Not comparable, as one of the portals has none, only empty ones, or keeps them from the webhook:\n${open.join('')}`;
  return `${different.join('')}${about}${count} methods compared, ${differences.length || 'no'} difference${differences.length === 1 ? '' : 's'}`;
}

function byCall(found: readonly Finding[]): Map<string, Finding[]> {
  return Map.groupBy(found, ({ method, what }) => (what === '' ? method : `${method} (${what})`));
}

function sides({ here, there }: Finding): string {
  if (there === 'missing') return `only here: ${here}`;
  return here === 'missing' ? `only there: ${there}` : `${here} here, ${there} there`;
}
