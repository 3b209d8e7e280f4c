/**
 * Random sequences of what people do, played on a real server and on the model side by side. TIDEMARK_MODEL_RUNS sets
 * how many random sequences, TIDEMARK_MODEL_SEED and TIDEMARK_MODEL_PATH repeat a failure from the numbers it printed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditAll, auditList } from './audit.ts';
import { examples } from './examples.ts';
import { operation, type Operation, stepOf } from './operations.ts';
import { type Arena, openArena, Stage } from './stage.ts';

const RUNS = Number(process.env['TIDEMARK_MODEL_RUNS'] ?? 10);
const SEED = process.env['TIDEMARK_MODEL_SEED'];
const PATH = process.env['TIDEMARK_MODEL_PATH'];
const LONGEST = 60;
const AUDIT_EVERY = 9;
/** For a failing run, which is repeated many times to find a short one like it. */
const TIMEOUT_MS = 600_000;

test.each([
  ['with the answers of active users kept', {}],
  ['with room for few answers', { cacheMb: 0.02 }],
  ['with no answer kept', { cacheMb: 0 }],
] as const)('everybody sees what the rules say, %s', { timeout: TIMEOUT_MS }, async (_name, settings) => {
  await using arena = await openArena(settings);
  const sequences = fc.array(operation, { minLength: 1, maxLength: LONGEST, size: 'max' });
  const result = await fc.check(
    fc.asyncProperty(sequences, (operations) => play(arena, operations)),
    { numRuns: examples.length + RUNS, examples: examples.map((operations): [Operation[]] => [[...operations]]), ...(SEED && { seed: Number(SEED) }), ...(PATH && { path: PATH }) },
  );
  expect(result.failed, report(result)).toBe(false);
});

async function play(arena: Arena, operations: readonly Operation[]): Promise<void> {
  const stage = await Stage.set(arena);
  try {
    for (const [index, next] of operations.entries()) {
      await act(stage, next);
      if (index % AUDIT_EVERY === AUDIT_EVERY - 1) await auditAll(stage);
    }
    await auditAll(stage);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\nCalls made:\n${stage.log.join('\n')}\n`, { cause: error });
  }
}

async function act(stage: Stage, next: Operation): Promise<void> {
  if (next.op === 'wait') return stage.wait(next.ms);
  if (next.op !== 'look') {
    const step = stepOf(stage, next);
    return step && stage.perform(step);
  }
  const client = stage.cast[next.by]!;
  if (!stage.model.user(client.userId).active) return;
  stage.note(`${stage.name(client.userId)} (${client.userId}) im.recent.get`);
  await auditList(stage, client);
}

function report(result: fc.RunDetails<[Operation[]]>): string {
  if (!result.failed) return '';
  const operations = (result.counterexample?.[0] ?? []).map((next) => `  ${JSON.stringify(next)}`).join('\n');
  const again = `TIDEMARK_MODEL_SEED=${result.seed} TIDEMARK_MODEL_PATH=${result.counterexamplePath}`;
  return `${(result.errorInstance as Error)?.message}\nAfter ${result.numShrinks} shrinks:\n${operations}\nAgain with ${again}`;
}
