/**
 * Whoever syncs, in whichever way, has in the end what a fresh list shows, whatever happens meanwhile and in whatever
 * order statements and commits come. TIDEMARK_SYNC_RUNS sets how many runs, TIDEMARK_SYNC_SEED and TIDEMARK_SYNC_PATH
 * repeat a failure from the numbers it printed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPortal, PORTALS, type PortalOptions } from './nodes.ts';
import { BY_DATE, BY_TOKEN, type Cast, play, type Step, stepOf } from './play.ts';

const RUNS = Number(process.env['TIDEMARK_SYNC_RUNS'] ?? 25);
const SEED = process.env['TIDEMARK_SYNC_SEED'];
const PATH = process.env['TIDEMARK_SYNC_PATH'];
const LONGEST = 50;
/** A run that is repeated by its numbers is played many times more to find a short one that fails like it: for so long. */
const LIMIT_MS = 300_000;
const TIMEOUT_MS = 2 * LIMIT_MS + RUNS * 4000;

async function check(cast: Cast, options: PortalOptions): Promise<void> {
  await using portal = await openPortal(options);
  const runs = fc.array(stepOf(cast), { minLength: 1, maxLength: LONGEST, size: 'max' });
  const result = await fc.check(fc.asyncProperty(runs, (steps) => play(portal, cast, steps)), {
    numRuns: RUNS, ...(SEED ? { seed: Number(SEED), interruptAfterTimeLimit: LIMIT_MS } : { endOnFailure: true }), ...(PATH && { path: PATH }),
  });
  expect(result.failed, report(result)).toBe(false);
}

test.each(PORTALS)('every copy by token, by tag and in pages is true in the end, %s', { timeout: TIMEOUT_MS }, (_name, options) => check(BY_TOKEN, options));

test.each(PORTALS)('every row by date is true in the end, %s', { timeout: TIMEOUT_MS }, (_name, options) => check(BY_DATE, options));

function report(result: fc.RunDetails<[Step[]]>): string {
  if (!result.failed) return '';
  const steps = (result.counterexample?.[0] ?? []).map((next) => `  ${JSON.stringify(next)}`).join('\n');
  const again = `TIDEMARK_SYNC_SEED=${result.seed} TIDEMARK_SYNC_PATH=${result.counterexamplePath}`;
  return `${(result.errorInstance as Error)?.message}\nAfter ${result.numShrinks} shrinks:\n${steps}\nAgain with ${again}`;
}
