/** The order of the page's list, and what of it stands in the document. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keptPlace, indexesOf, spanOf } from '../../../web/inbox/list/window.ts';
import { inOrder, type Row } from '../../../web/inbox/store/row.ts';
import { FILTERS, View } from '../../../web/inbox/store/views.ts';
import { runs } from '../../support/runs.ts';

function row(id: number, fields: Partial<Row> = {}): Row {
  return {
    id: `chat${id}`, chatId: id, kind: 'group', title: `Chat ${id}`, avatar: '', color: '', counter: 0, lastId: 0, pinned: false, unread: false, muted: false,
    reminder: false, mayMute: true, at: id * 1000, messageId: id, text: '', author: 0, hasFile: false, seen: false, ...fields,
  };
}

describe('a list', () => {
  /** Changes of a list: rows that come, change or go, and pages that are loaded. */
  const step = fc.oneof(
    fc.record({ what: fc.constant('row' as const), id: fc.integer({ min: 1, max: 30 }), at: fc.integer({ min: 1, max: 60 }), pinned: fc.boolean(), counter: fc.integer({ min: 0, max: 1 }) }),
    fc.record({ what: fc.constant('gone' as const), id: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ what: fc.constant('page' as const), size: fc.integer({ min: 1, max: 12 }) }),
  );

  test.each(['all', 'unread'] as const)('%s: whatever comes, it is what the server would give, down to the last page that was loaded', (filter) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const rows = new Map<string, Row>();
        const view = new View(filter, (id) => rows.get(id));
        let end: Row | undefined;
        let complete = false;
        for (const each of steps) {
          if (each.what === 'page') {
            const all = [...rows.values()].filter(FILTERS[filter].has).sort(inOrder);
            const from = end === undefined ? 0 : all.filter((known) => inOrder(known, end!) <= 0).length;
            const last = all[from + each.size - 1];
            if (complete) continue;
            expect(view.within(rows.values(), last).sort(inOrder)).toEqual(all.slice(from, last && from + each.size));
            complete = last === undefined;
            end = last ?? end;
            view.loaded(rows.values(), last);
            view.token = 'more';
            continue;
          }
          const id = `chat${each.id}`;
          if (each.what === 'gone') rows.delete(id);
          else rows.set(id, row(each.id, { at: each.at * 1000, messageId: each.at * 100 + each.id, pinned: each.pinned, counter: each.counter }));
          view.moved([id]);
        }
        const expected = [...rows.values()].filter(FILTERS[filter].has).filter((known) => complete || (end !== undefined && inOrder(known, end) <= 0));
        expect(view.order.peek()).toEqual(expected.sort(inOrder).map(({ id }) => id));
      }),
      { numRuns: runs(1500) },
    );
  });

  test('rows of one second, whose order the page is not told, are all there at the end, whatever the pages', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 }), sizes, fc.infiniteStream(fc.integer()), (seconds, pages, shuffle) => {
        const server = seconds.map((second, at) => ({ key: shuffle.next().value, row: row(at + 1, { at: second * 1000 }) }))
          .sort((a, b) => b.row.at - a.row.at || a.key - b.key).map((each) => each.row);
        const rows = new Map<string, Row>();
        const view = new View('all', (id) => rows.get(id));
        for (let from = 0, turn = 0; turn === 0 || from < server.length; turn += 1) {
          const page = server.slice(from, (from += pages[turn % pages.length]!));
          const last = from < server.length ? page.at(-1) : undefined;
          for (const each of page) rows.set(each.id, each);
          for (const known of view.within(rows.values(), last)) if (!page.includes(known)) rows.delete(known.id);
          view.loaded(rows.values(), last, page.map(({ id }) => id));
          view.token = 'more';
          expect([...view.order.peek()].sort()).toEqual(server.slice(0, from).map(({ id }) => id).sort());
        }
      }),
      { numRuns: runs(600) },
    );
  });

  test('what is read while it is open stays under the filter of unread ones until another is opened', () => {
    const rows = new Map([1, 2, 3].map((id) => [`chat${id}`, row(id, { counter: 1 })]));
    const view = new View('unread', (id) => rows.get(id));
    view.loaded(rows.values(), undefined);
    view.hold('chat2');
    rows.set('chat2', row(2));
    view.moved(['chat2']);
    expect(view.order.peek()).toEqual(['chat3', 'chat2', 'chat1']);
    view.hold('chat3');
    expect(view.order.peek()).toEqual(['chat3', 'chat1']);
  });

  test('of a page that begins anew what is not on it is gone, and what comes after it is not', () => {
    const rows = new Map([1, 2, 3, 4].map((id) => [`chat${id}`, row(id)]));
    const view = new View('all', (id) => rows.get(id));
    expect(view.within(rows.values(), row(3)).map(({ id }) => id)).toEqual(['chat3', 'chat4']);
    view.loaded(rows.values(), row(3));
    view.token = 'x';
    expect(view.within(rows.values(), row(2)).map(({ id }) => id)).toEqual(['chat2']);
    expect(view.within(rows.values(), undefined).map(({ id }) => id)).toEqual(['chat1', 'chat2']);
  });
});

describe('the window', () => {
  test('has what is seen and some more, and the row with the focus, each once and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 1, max: 2000 }), fc.constantFrom(48, 72), fc.integer({ min: -1, max: 4999 }), (count, scroll, viewport, height, focus) => {
        const top = Math.min(scroll, Math.max(0, count * height - viewport));
        const kept = focus < count ? focus : -1;
        const span = spanOf(top, viewport, height, count);
        const indexes = indexesOf(span, kept);
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
        for (let index = 0; index < count; index += 1) {
          const isSeen = (index + 1) * height > top && index * height < top + viewport;
          if (isSeen || index === kept) expect(indexes).toContain(index);
        }
        expect(indexes.every((index) => index >= 0 && index < count)).toBe(true);
        expect(indexes.length).toBeLessThanOrEqual(Math.ceil(viewport / height) + 23);
      }),
      { numRuns: runs(300) },
    );
  });

  test('whatever comes to the top, what was seen first stays where it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 200 }), fc.array(fc.nat(), { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 5 }), fc.integer({ min: 0, max: 1500 }), (count, picked, fresh, scroll) => {
        const before = Array.from({ length: count }, (_, at) => `r${at}`);
        const up = [...new Set(picked.map((at) => before[at % count]!))];
        const moved = new Set([...up, ...fresh.map((at) => `new${at}`)]);
        const after = [...moved, ...before.filter((id) => !moved.has(id))];
        const top = Math.min(scroll, (count - 25) * 72);
        const now = keptPlace(before, after, top, 72, moved);
        const first = before.slice(Math.floor(top / 72)).find((id) => !moved.has(id))!;
        expect(after.indexOf(first) * 72 - now).toBe(before.indexOf(first) * 72 - top);
      }),
      { numRuns: runs(500) },
    );
  });
});
