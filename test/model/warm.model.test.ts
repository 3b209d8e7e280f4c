/**
 * What members do to their own side of a chat whose last change is on the chat alone: at every step everybody's list is what the
 * rules say, and so it is once the chat has been folded.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Operation } from './operations.ts';
import { play } from './play.ts';
import { CONDUCTS, openArena } from './stage.ts';
import { runs } from '../support/runs.ts';

const RUNS = runs(6);
const [ANN, BOB, CID] = [0, 1, 2] as const;
/** The first chat of each run: of these three, none of which is away for long. */
const [CHAT, TEAM] = [0, 6] as const;

const member = fc.constantFrom(ANN, BOB, CID);
const on = fc.boolean();
const back = fc.nat({ max: 3 });
const says = (by: number): Operation => ({ op: 'send', by, to: TEAM, uuid: null, reply: null });

/** In turn: something that makes the chat warm, then what somebody does to their own side of it. */
const doing: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: member.map(says) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('leave' as const), by: member, chat: fc.constant(CHAT) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('invite' as const), by: member, chat: fc.constant(CHAT), people: fc.tuple(member), hideHistory: on }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('hide' as const), by: member, to: fc.constant(TEAM) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('pin' as const), by: member, to: fc.constant(TEAM), on }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('mute' as const), by: member, to: fc.constant(TEAM), on }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('mark' as const), by: member, to: fc.constant(TEAM), on }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('read' as const), by: member, to: fc.constant(TEAM), back: fc.option(back, { nil: null }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('unread' as const), by: member, to: fc.constant(TEAM), back }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('delete' as const), by: member, chat: fc.constant(CHAT), back }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('wait' as const), ms: fc.constantFrom(400, 1000, 61_000) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fold' as const), chat: fc.constantFrom(CHAT, null) }) },
);

const folding = CONDUCTS.filter(([, , , foldsInRuns]) => foldsInRuns);

test.each(folding)('%s', { timeout: 300_000 }, async (...conduct) => {
  await using arena = await openArena(conduct);
  const sequences = fc.array(doing, { minLength: 10, maxLength: 30, size: 'max' });
  const result = await fc.check(
    fc.asyncProperty(sequences, (operations) => play(arena, [says(BOB), ...operations], true)),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(result.failed, (result.errorInstance as Error | null)?.message).toBe(false);
});
