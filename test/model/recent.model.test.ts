/**
 * Random sequences of what people do, played on a real server and on the model side by side. TIDEMARK_MODEL_RUNS sets
 * how many sequences for each conduct of the server, TIDEMARK_MODEL_SEED and TIDEMARK_MODEL_PATH repeat a failure from the numbers it printed, and look for
 * a shorter sequence that fails like it, for minutes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operation, type Operation } from './operations.ts';
import { play } from './play.ts';
import { CONDUCTS, openArena } from './stage.ts';
import { runs } from '../support/runs.ts';

const RUNS = Number(process.env['TIDEMARK_MODEL_RUNS'] ?? runs(5));
const SEED = process.env['TIDEMARK_MODEL_SEED'];
const PATH = process.env['TIDEMARK_MODEL_PATH'];
const LONGEST = 60;
/** A failing sequence is played many times more to find a short one that fails like it; each takes up to a second. */
const TIMEOUT_MS = 600_000 + RUNS * 1000;

test.each(CONDUCTS.map((conduct, number) => ({ what: conduct[0], conduct, number })))('everybody sees what the rules say, $what', { timeout: TIMEOUT_MS }, async ({ conduct, number }) => {
  await using arena = await openArena(conduct);
  const sequences = fc.array(operation, { minLength: 1, maxLength: LONGEST, size: 'max' });
  const result = await fc.check(
    fc.asyncProperty(sequences, (operations) => play(arena, operations)),
    { numRuns: RUNS, endOnFailure: !SEED, seed: SEED ? Number(SEED) : drawn(number), ...(PATH && { path: PATH }) },
  );
  expect(result.failed, report(result)).toBe(false);
});

/** Each conduct has sequences of its own. */
function drawn(number: number): number {
  return Number(fc.readConfigureGlobal().seed ?? 0) + number;
}

function report(result: fc.RunDetails<[Operation[]]>): string {
  if (!result.failed) return '';
  const operations = (result.counterexample?.[0] ?? []).map((next) => `  ${JSON.stringify(next)}`).join('\n');
  const again = `TIDEMARK_MODEL_SEED=${result.seed} TIDEMARK_MODEL_PATH=${result.counterexamplePath}`;
  return `${(result.errorInstance as Error)?.message}\nAfter ${result.numShrinks} shrinks:\n${operations}\nAgain with ${again}`;
}
