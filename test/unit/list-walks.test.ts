/** However many walks through one list have ended a page at the same second, none of them is taken for another. */
import { expect, test } from 'vitest';
import { ListWalks, WalkedPage } from '../../src/messenger/recent/list-walks.ts';

const SECOND = 1000;
const LIMIT = 50;

test.each([1, 2, 8, 9, 30])('of %i pages that ended at one second, the next goes on with what any of them lacks', (count) => {
  const walks = new ListWalks();
  // The first of them is the one that has least: it lacks what all others have, ended earliest, and began first.
  const pages = Array.from({ length: count }, (_, own) => new WalkedPage({
    end: { pinned: 0, at: SECOND * 1000 + count - own, chat_id: 1 }, begunAt: 5000 + own, ids: new Set(own === 0 ? [1, 2] : [1, 3]), seconds: new Set([SECOND]), limit: LIMIT,
  }));
  for (const page of pages) walks.given('list', SECOND, page);
  const from = walks.endedAt('list', SECOND, LIMIT)!;
  expect([1, 3].map((id) => from.has(id))).toEqual([true, false]);
  expect(from).toMatchObject({ end: { at: SECOND * 1000 + count }, begunAt: 5000 });
});
