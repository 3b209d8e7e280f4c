/** Local times without an offset, in every zone and around every change of its clocks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Zone } from '../../src/base/dates.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NAMES = Intl.supportedValuesOf('timeZone');

/** What clocks show, by a way of asking that the server does not use. Milliseconds as if it were UTC. */
function shownIn(format: Intl.DateTimeFormat, instant: number): number {
  return Date.parse(`${format.format(instant).replace(' ', 'T')}Z`);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const digits = '2-digit';
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone, year: 'numeric', month: digits, day: digits, hour: digits, minute: digits, second: digits,
  });
}

/** The instants, within [from, to), from which clocks show another offset. */
function changesOf(format: Intl.DateTimeFormat, from: number, to: number): number[] {
  const offset = (instant: number) => shownIn(format, instant) - instant;
  const changes: number[] = [];
  for (let day = from; day < to; day += 7 * DAY) {
    let [low, high] = [day, day + 7 * DAY];
    if (offset(low) === offset(high)) continue;
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

const text = (local: number) => new Date(local).toISOString().slice(0, 19);

/** The first instant at which clocks show the time or a later one, found by looking at every minute. */
function firstShown(format: Intl.DateTimeFormat, local: number, around: number): number {
  const seconds = ((local % MINUTE) + MINUTE) % MINUTE;
  for (let instant = around - seconds - 27 * HOUR; instant < around + 27 * HOUR; instant += MINUTE) {
    const shown = shownIn(format, instant);
    if (shown === local - seconds) return instant + seconds;
    if (shown > local) return instant;
  }
  throw new Error('no such instant');
}

/** The last ten years, and those that have been decided. */
const YEARS = [Date.UTC(2015, 0, 1), Date.UTC(2030, 0, 1)] as const;

test('a repeated local time is its earlier instant, a skipped one the end of what is skipped, in every zone', () => {
  let repeated = 0;
  let skipped = 0;
  for (const name of NAMES) {
    const [zone, format] = [new Zone(name), formatOf(name)];
    for (const change of changesOf(format, ...YEARS)) {
      const [before, after] = [shownIn(format, change - MINUTE) + MINUTE, shownIn(format, change)];
      const length = Math.abs(after - before);
      for (const part of [0, 0.5, 1 - 1000 / length]) {
        const local = Math.min(before, after) + Math.round((length * part) / 1000) * 1000;
        const expected = after < before ? change - length + (local - after) : change;
        expect({ name, local: text(local), instant: zone.parse(text(local)) }).toEqual({ name, local: text(local), instant: expected });
      }
      if (after < before) repeated += 1;
      else skipped += 1;
      // What is shown once is that one instant.
      for (const instant of [change - length - 1000, change + length + 1000]) expect(zone.parse(text(shownIn(format, instant)))).toBe(instant);
    }
  }
  expect(repeated).toBeGreaterThan(1000);
  expect(skipped).toBeGreaterThan(1000);
}, 60_000);

test('any local time is the first instant that shows it', () => {
  const days = (YEARS[1] - YEARS[0]) / 1000;
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), fc.nat(days), fc.boolean(), (name, seconds, near) => {
      const [zone, format] = [new Zone(name), formatOf(name)];
      const [change] = near ? changesOf(format, YEARS[0] + (seconds % 3000) * DAY, YEARS[0] + (seconds % 3000) * DAY + 200 * DAY) : [];
      const instant = change === undefined ? YEARS[0] + seconds * 1000 : change + ((seconds % 14_400) - 7200) * 1000;
      const local = shownIn(format, instant);
      const expected = firstShown(format, local, instant);
      expect(zone.parse(text(local))).toBe(expected);
      expect(expected).toBeLessThanOrEqual(instant);
      // The same on the wire, where the offset says which one is meant.
      expect(zone.parse(zone.atom(instant))).toBe(instant);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('local times in order are instants in order', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), fc.nat(20 * 365), fc.array(fc.nat(DAY / 1000), { minLength: 2, maxLength: 20 }), (name, day, seconds) => {
      const zone = new Zone(name);
      const start = Date.UTC(2010, 0, 1) + day * DAY;
      const instants = seconds.sort((a, b) => a - b).map((at) => zone.parse(text(start + at * 1000))!);
      expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    }),
  );
});
