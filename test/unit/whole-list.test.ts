/** The bytes of a kept list, however it changes and is asked for: what is sent is its rows, and no byte is kept for long that no row needs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EncodedRow, inListOrder, NOTHING } from '../../src/messenger/recent/recent-window.ts';
import { joinRows, packRows, piecesOf } from '../../src/messenger/recent/row-bytes.ts';
import { WholeList } from '../../src/messenger/recent/whole-list.ts';
import { runs } from '../support/runs.ts';

/** A few bytes of the buffers may be commas and brackets, and little is not tidied up. */
const SMALL = 20_000;

function row(chatId: number, at: number, length: number): EncodedRow {
  const json = length === 0 ? NOTHING : Buffer.from(JSON.stringify({ chatId, text: 'x'.repeat(length) }));
  return { chatId, at, json, type: 'C', pinned: 0, updatedAt: at, rev: at, liveRev: 0, shown: length > 0, unread: false, users: [], zone: 'UTC' as never };
}

/** The very same rows: comparing them byte by byte takes a minute. */
function areSame(rows: readonly EncodedRow[], meant: readonly EncodedRow[]): boolean {
  return rows.length === meant.length && rows.every((each, index) => each === meant[index]);
}

const change = fc.array(fc.record({ chat: fc.nat(30), length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4000 })) }), { minLength: 1, maxLength: 6 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ change }) },
  { weight: 1, arbitrary: fc.record({ later: fc.constantFrom(0, 0, 0, 1, 5) }) },
);

test('what is sent is the rows in their order, and the room that they take is bounded', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
      const whole = new WholeList(() => {});
      const rows = new Map<number, EncodedRow>();
      const shown = () => [...rows.values()].filter((each) => each.shown).sort(inListOrder);
      const texts = new Map<EncodedRow, string>();
      let at = 0;
      let since = 0;
      for (const each of steps) {
        if ('later' in each) {
          since += each.later;
          const part = whole.window(shown(), since);
          const meant = shown().filter((known) => known.updatedAt >= since);
          expect(areSame(part.rows, meant)).toBe(true);
          expect(Buffer.concat(part.pieces).toString()).toBe(`[${meant.map((known) => texts.get(known)).join()}]`);
          expect(joinRows(meant).equals(Buffer.concat(part.pieces))).toBe(true);
          continue;
        }
        const added = [...new Map(each.change.map(({ chat, length }) => [chat, row(chat, (at += 1), length)])).values()];
        const gone = added.flatMap(({ chatId }) => rows.get(chatId) ?? []);
        for (const next of added) {
          rows.set(next.chatId, next);
          texts.set(next, next.json.toString());
        }
        whole.change(gone, added, shown());
        const bytes = [...rows.values()].reduce((sum, { json }) => sum + json.length, 0);
        expect(whole.bytes).toBeLessThanOrEqual(2 * bytes + SMALL);
      }
    }),
    { numRuns: runs(100) },
  );
});

test('rows that were packed are joined from where they lie, in whatever order', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(lengths, { minLength: 1, maxLength: 4 }), fc.array(fc.nat()), fc.boolean(), (groups, order, inOrder) => {
      let chat = 0;
      const packs = groups.map((group) => group.map((length) => row((chat += 1), chat, length)));
      for (const pack of packs) packRows(pack.slice(0, pack.length / 2), pack.slice(pack.length / 2));
      const all = packs.flat();
      const rows = inOrder ? all : order.map((at) => all[at % all.length]!);
      expect(Buffer.concat(piecesOf(rows)).toString()).toBe(joinRows(rows).toString());
    }),
    { numRuns: runs(200) },
  );
});

test('a list that is asked for again before it changes is one piece; one that changes between any two calls is not copied for each', () => {
  const whole = new WholeList(() => {});
  const rows = Array.from({ length: 20 }, (_, chat) => row(chat + 1, chat, 100)).sort(inListOrder);
  whole.change([], [...rows], rows);
  expect(whole.window(rows, 0).pieces).toHaveLength(1);
  expect(whole.window(rows, 0).pieces).toHaveLength(1);
  const touch = () => {
    const gone = rows.pop()!;
    rows.unshift(row(gone.chatId, rows[0]!.at + 1, 100));
    whole.change([gone], [rows[0]!], rows);
  };
  touch();
  const [packed] = whole.window(rows, 0).pieces;
  touch();
  const { pieces } = whole.window(rows, 0);
  expect(pieces.length).toBeGreaterThan(1);
  expect(new Set(pieces.map((piece) => piece.buffer)).has(packed!.buffer)).toBe(true);
  const [again] = whole.window(rows, 0).pieces;
  expect(again).toEqual(Buffer.concat(pieces));
});
