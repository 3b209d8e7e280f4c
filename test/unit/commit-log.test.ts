/** What a list is told of the commits since its token: all of it, or that it cannot be said. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Changes } from '../../src/db/changes.ts';
import { CommitLog } from '../../src/messenger/recent/commit-log.ts';
import { runs } from '../support/runs.ts';

const ME = 1;

/** What a transaction does: to a chat, or to somebody's own side of one. */
const unit = fc.record({ chatId: fc.integer({ min: 1, max: 4 }), side: fc.constantFrom(undefined, ME, 2) });
/** Transactions in the order of their revisions; those of another process are not seen by this one. */
const transactions = fc.array(fc.record({ ours: fc.nat(9).map((n) => n > 0), units: fc.array(unit, { minLength: 1, maxLength: 3 }) }), { maxLength: 12 });

function changesOf({ chatId, side }: { chatId: number; side: number | undefined }, rev: number): Changes {
  const changes = Object.assign(new Changes(), { rev });
  if (side === undefined) changes.chat(chatId);
  else changes.member(side, chatId);
  return changes;
}

test('between two tokens: exactly what was committed, unless another process committed some of it', () => {
  fc.assert(
    fc.property(transactions, fc.nat(12), fc.nat(12), (all, one, other) => {
      const log = new CommitLog();
      // Numbered from 1, as the store does.
      for (const [at, { ours, units }] of all.entries()) if (ours) for (const each of units) log.add(changesOf(each, at + 1));
      const [since, token] = [1 + Math.min(one, other, all.length), 1 + Math.min(Math.max(one, other), all.length)];
      const among = all.slice(since - 1, token - 1);
      const news = log.between(since, token, ME);
      if (among.some(({ ours }) => !ours)) {
        expect(news).toBeUndefined();
        return;
      }
      // Where nothing is said, it is because it may be more than this process has seen.
      if (!news) {
        expect(since === 1 || all.slice(0, token - 1).some(({ ours }) => !ours)).toBe(true);
        return;
      }
      const told = [...news.shared.map(({ chatId, rev }) => `${rev} chat ${chatId}`), ...news.own.map(({ chatId, rev }) => `${rev} own ${chatId}`)];
      const units = among.flatMap((transaction, at) => transaction.units.map((each) => ({ ...each, rev: since + at })));
      const expected = units.flatMap(({ chatId, side, rev }) => (side === undefined ? [`${rev} chat ${chatId}`] : side === ME ? [`${rev} own ${chatId}`] : []));
      expect(told.sort()).toEqual(expected.sort());
    }),
    { numRuns: runs(2000) },
  );
});

test('of more commits than are remembered nothing is said', () => {
  const log = new CommitLog();
  for (let rev = 1; rev < 5000; rev += 1) log.add(changesOf({ chatId: 1, side: undefined }, rev));
  expect(log.between(1, 5000, ME)).toBeUndefined();
  expect(log.between(4990, 5000, ME)!.shared).toHaveLength(10);
});

test('what somebody else has written is in no token of this process', () => {
  const log = new CommitLog();
  const chat = { chatId: 1, side: undefined };
  expect(log.token).toBeUndefined();
  log.add(changesOf(chat, 7));
  // Somebody was there: no entry, and no revision of its own.
  log.add(new Changes());
  expect(log.token).toBe(8);
  log.add(Object.assign(new Changes(), { everything: true }));
  expect(log.token).toBeUndefined();
  log.add(changesOf(chat, 9));
  expect(log.token).toBe(10);
  expect(log.between(8, 10, ME)).toBeUndefined();
});
