import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf } from '../../web/inbox/conversation/days.ts';
import { endOf, find, type History, interrupted, lastIdOf, NOTHING, withMessage, without, withPage, withReactions, withUpdate, withWindow } from '../../web/inbox/conversation/history.ts';
import { type Message, toMessage } from '../../web/inbox/conversation/message.ts';
import { type Attempt, type Echo, Outbox } from '../../web/inbox/conversation/outbox.ts';
import { ReadTracker } from '../../web/inbox/conversation/read-tracker.ts';
import { daysOf, type Row } from '../../web/inbox/conversation/rows.ts';

const NOON = new Date(2026, 10, 26, 12).getTime();

const message = (id: number, change: Partial<Message> = {}): Message => ({
  ...toMessage({ id, chat_id: 1, author_id: 2, date: new Date(NOON + id * 1000).toISOString(), text: `text ${id}` }), ...change,
});
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_one, at) => message(from + at));
const idsOf = (history: History) => history.map(({ messages }) => messages.map(({ id }) => id));

describe('a history', () => {
  test('grows by pages on both sides', () => {
    let history = withPage(NOTHING, range(50, 60).reverse(), { newest: true }, false);
    history = withPage(history, range(40, 49), { before: 50 }, false);
    expect(idsOf(history)).toEqual([range(40, 60).map(({ id }) => id)]);
    expect(history[0]).toMatchObject({ atStart: false, atEnd: true });
    history = withPage(history, [], { before: 40 }, true);
    expect(history[0]).toMatchObject({ atStart: true, atEnd: true });
  });

  test('has a gap where it was looked into elsewhere, until pages meet', () => {
    let history = withPage(NOTHING, range(50, 60), { newest: true }, false);
    history = withWindow(history, range(10, 20), false, false);
    expect(idsOf(history)).toHaveLength(2);
    history = withPage(history, range(21, 40), { after: 20 }, false);
    expect(idsOf(history)).toHaveLength(2);
    history = withPage(history, range(41, 55), { after: 40 }, false);
    expect(idsOf(history)).toEqual([range(10, 60).map(({ id }) => id)]);
    expect(history[0]).toMatchObject({ atStart: false, atEnd: true });
  });

  test('what arrives goes to its end, and to no window that does not reach the end', () => {
    const apart = withWindow(NOTHING, range(1, 3), true, false);
    expect(withMessage(apart, message(9))).toBe(apart);
    const whole = withPage(NOTHING, range(1, 3), { newest: true }, true);
    expect(idsOf(withMessage(whole, message(9)))).toEqual([[1, 2, 3, 9]]);
    expect(idsOf(withMessage(withPage(NOTHING, [], { newest: true }, true), message(9)))).toEqual([[9]]);
  });

  test('is changed by what is edited, deleted and reacted to, wherever it lies', () => {
    let history = withWindow(withPage(NOTHING, range(50, 60), { newest: true }, false), range(10, 20), false, false);
    history = withReactions(history, 12, { like: [3] });
    history = withUpdate(history, message(12, { text: 'new' }));
    expect(find(history, 12)).toMatchObject({ text: 'new', reactions: { like: [3] } });
    expect(find(without(history, 12), 12)).toBeUndefined();
    expect(withUpdate(history, message(30))).toBe(history);
  });

  test('after an interruption what it shows has an end that is not the last', () => {
    let history = interrupted(withPage(NOTHING, range(1, 5), { newest: true }, true));
    expect(endOf(history)).toBeUndefined();
    history = withPage(history, range(20, 25), { newest: true }, false);
    expect(idsOf(history)).toHaveLength(2);
    expect(endOf(history)?.messages[0]?.id).toBe(20);
  });

  test('in whatever order pages come, windows are sorted, apart, and hold each message once', () => {
    const page = fc.record({ from: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 1, max: 15 }), newest: fc.boolean() });
    fc.assert(fc.property(fc.array(page, { maxLength: 12 }), (pages) => {
      let history: History = NOTHING;
      for (const { from, size, newest } of pages) {
        history = newest ? withPage(history, range(75 - size, 75), { newest: true }, false) : withWindow(history, range(from, from + size), false, false);
      }
      const ids = idsOf(history).flat();
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      for (const { messages } of history) expect(messages.at(-1)!.id - messages[0]!.id).toBe(messages.length - 1);
      expect(history.filter(({ atEnd }) => atEnd).length).toBe(pages.some(({ newest }) => newest) ? 1 : 0);
      expect(lastIdOf(history)).toBe(ids.at(-1) ?? 0);
    }), { numRuns: 200 });
  });
});

describe('rows', () => {
  const show = (messages: Message[], change: Partial<Parameters<typeof daysOf>[0]> = {}) => daysOf({ messages, echoes: [], me: 1, dividerId: 0, ...change });
  const marks = (rows: readonly Row[]) => rows.map((row) => ('first' in row ? `${row.first ? '(' : ''}${row.kind === 'message' ? row.message.id : 'e'}${row.last ? ')' : ''}` : row.kind));
  const MINUTE = 60_000;

  test.each<[string, Message[], Partial<Parameters<typeof daysOf>[0]>, string[]]>([
    ['of one sender are a group', [message(1), message(2), message(3)], {}, ['(1', '2', '3)']],
    ['of two are two', [message(1), message(2, { authorId: 3 }), message(3)], {}, ['(1)', '(2)', '(3)']],
    ['five minutes part them', [message(1, { at: NOON }), message(2, { at: NOON + 5 * MINUTE - 1 }), message(3, { at: NOON + 10 * MINUTE })], {}, ['(1', '2)', '(3)']],
    ['the divider parts them', [message(1), message(2)], { dividerId: 2 }, ['(1)', 'divider', '(2)']],
    ['what the messenger says parts them', [message(1), message(2, { authorId: 0 }), message(3)], {}, ['(1)', 'service', '(3)']],
    ['buttons part them', [message(1, { params: { KEYBOARD: { BUTTONS: [{ TEXT: 'x' }] } } }), message(2)], {}, ['(1)', '(2)']],
  ])('%s', (_name, messages, change, expected) => expect(show(messages, change).flatMap(({ rows }) => marks(rows))).toEqual(expected));

  test('midnight parts them, and makes a day', () => {
    const midnight = new Date(2026, 10, 27).getTime();
    const days = show([message(1, { at: midnight - 1 }), message(2, { at: midnight })]);
    expect(days.map(({ key, rows }) => [key, ...marks(rows)])).toEqual([[dayOf(midnight - 1), '(1)'], [dayOf(midnight), '(2)']]);
  });

  test('an echo gives way to its message', () => {
    const rows = show([message(9, { uuid: 'u', authorId: 1 })], { echoes: [{ uuid: 'u', at: NOON } as Echo, { uuid: 'v', at: NOON } as Echo] }).flatMap(({ rows: all }) => all);
    expect(rows.map(({ key }) => key)).toEqual(['u', 'v']);
  });

  test('an echo keeps the key of the row that it becomes', () => {
    const echo = { uuid: 'u', at: NOON } as Echo;
    const [before] = show([], { echoes: [echo] });
    const [after] = show([message(9, { uuid: 'u', authorId: 1 })]);
    expect(after!.rows[0]!.key).toBe(before!.rows[0]!.key);
  });
});

describe('the outbox', () => {
  function box(answers: Array<Attempt | 'hang'>) {
    const sent: string[] = [];
    const kept = new Map<string, Echo>();
    let serial = 0;
    const outbox = new Outbox({
      send: async (echo) => {
        sent.push(echo.uuid);
        const answer = answers.shift() ?? { taken: 100 + sent.length };
        return answer === 'hang' ? new Promise<Attempt>(() => undefined) : answer;
      },
      keep: (echo) => kept.set(echo.uuid, echo),
      forget: (uuid) => kept.delete(uuid),
      changed: () => undefined, now: () => 5, uuid: () => `u${++serial}`,
    });
    const write = (...texts: string[]) => texts.map((text) => outbox.add({ dialogId: 'chat1', text }));
    return { outbox, sent, kept, write, states: () => outbox.of('chat1').map(({ text, state }) => `${text} ${state}`) };
  }
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };

  test('sends in order, one after the other, each once', async () => {
    const { write, sent, kept, states } = box([]);
    write('a', 'b', 'c');
    expect(states()).toEqual(['a sending', 'b queued', 'c queued']);
    await settled();
    expect(sent).toEqual(['u1', 'u2', 'u3']);
    expect(states()).toEqual([]);
    expect(kept.size).toBe(0);
  });

  test('keeps what follows behind what was refused, until it is tried again under the same uuid', async () => {
    const { outbox, write, sent, states } = box([{ refused: 'no' }]);
    write('a', 'b');
    await settled();
    expect(states()).toEqual(['a failed', 'b queued']);
    outbox.retry('chat1');
    await settled();
    expect(sent).toEqual(['u1', 'u1', 'u2']);
  });

  test('what was refused can be taken back, and what follows goes on', async () => {
    const { outbox, write, sent, states } = box([{ refused: 'no' }]);
    write('a', 'b');
    await settled();
    outbox.remove('chat1', 'u1');
    await settled();
    expect([sent, states()]).toEqual([['u1', 'u2'], []]);
  });

  test('waits while nobody can be reached', async () => {
    const { outbox, write, sent, states } = box([{ later: true }]);
    write('a', 'b');
    await settled();
    expect([sent, states()]).toEqual([['u1'], ['a queued', 'b queued']]);
    outbox.online = true;
    await settled();
    expect(sent).toEqual(['u1', 'u1', 'u2']);
  });

  test('survives a reload in its order, what was on its way included', async () => {
    const before = box(['hang']);
    before.write('a', 'b', 'c');
    await settled();
    expect([...before.kept.keys()]).toEqual(['u1', 'u2', 'u3']);
    const after = box([]);
    after.outbox.restore([...before.kept.values()].reverse());
    after.outbox.restore([...before.kept.values()]);
    await settled();
    expect(after.sent).toEqual(['u1', 'u2', 'u3']);
  });

  test('an echo is over when its message has come, by event or by answer, whichever is first', async () => {
    const { outbox, write, states, kept } = box(['hang']);
    write('a');
    outbox.arrived('chat1', 'u1');
    expect([states(), kept.size]).toEqual([[], 0]);
    const other = box([]);
    other.write('a');
    await settled();
    expect([other.states(), other.kept.size]).toEqual([[], 0]);
  });
});

describe('reading', () => {
  function tracker(readUpTo = 0) {
    const told: number[] = [];
    const attention = { active: true };
    let due: (() => void) | undefined;
    const reading = new ReadTracker(readUpTo, {
      send: (upTo) => told.push(upTo), active: () => attention.active,
      schedule: (work) => (due = work), cancel: () => (due = undefined),
    });
    return { reading, told, attention, tick: () => due?.() };
  }

  test('tells the highest that was seen, once in a while', () => {
    const { reading, told, tick } = tracker();
    for (const id of [3, 5, 4]) reading.shows(id);
    expect(told).toEqual([]);
    tick();
    reading.shows(2);
    tick();
    expect(told).toEqual([5]);
  });

  test('reads nothing in a window that nobody looks at, and all that shows once somebody does', () => {
    const { reading, told, attention, tick } = tracker();
    attention.active = false;
    reading.shows(5);
    tick();
    reading.flush();
    expect(told).toEqual([]);
    attention.active = true;
    reading.look();
    tick();
    expect(told).toEqual([5]);
  });

  test('never goes back, nor tells what another device has read', () => {
    const { reading, told } = tracker(10);
    reading.shows(8);
    reading.flush();
    reading.heard(20);
    reading.shows(15);
    reading.flush();
    expect(told).toEqual([]);
  });

  test('holds while the chat is marked as unread', () => {
    const { reading, told, tick } = tracker();
    reading.shows(5);
    reading.hold();
    tick();
    reading.flush();
    expect(told).toEqual([]);
  });
});
