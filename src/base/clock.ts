/** The machine's two clocks. What orders messages and rows is neither: see {@link file://./timeline.ts}. */
export interface Clock {
  /**
   * The time of day in milliseconds since 1970 UTC: for the dates people see and for what expires. Goes back and jumps
   * as the machine's clock is set.
   */
  now(): number;
  /** Milliseconds with a fraction, from a beginning that means nothing: for durations and limits. Nobody can set it. */
  precise(): number;
}

export function systemClock(): Clock {
  return { now: () => Date.now(), precise: () => performance.timeOrigin + performance.now() };
}

/** A clock that was off by more than this for a moment is more likely than a machine that slept for so long. */
const BELIEVABLE_JUMP_MS = 180 * 86_400_000;
/** A jump that has lasted this long is no glitch. */
const GLITCH_MS = 60_000;

/**
 * A clock whose time of day does not follow a glitch: a leap of more than half a year, either way, is believed once it
 * has lasted for a minute. Until then time goes on from where it was. Every smaller change is followed at once.
 */
export function steadyClock(clock: Clock): Clock {
  /** Time of day less the other clock: changes only when the time of day is set. */
  let believed = clock.now() - clock.precise();
  let doubted: { offset: number; since: number } | undefined;
  const isNear = (a: number, b: number) => Math.abs(a - b) <= BELIEVABLE_JUMP_MS;
  return {
    now() {
      const [now, precise] = [clock.now(), clock.precise()];
      const offset = now - precise;
      if (!isNear(offset, believed)) {
        if (!doubted || !isNear(offset, doubted.offset)) doubted = { offset, since: precise };
        if (precise - doubted.since < GLITCH_MS) return Math.floor(precise + believed);
      }
      doubted = undefined;
      believed = offset;
      return now;
    },
    precise: () => clock.precise(),
  };
}

/** What is valid from longer ahead than this was dated by a clock that was wrong. */
const AHEAD_MS = 86_400_000;

/**
 * Whether something that was made for `life` milliseconds until `until` is still valid. What a clock that ran far ahead
 * has dated is not, or it would be valid for as long as the clock was ahead.
 */
export function isAlive(until: number, life: number, now: number): boolean {
  return until > now && until - now <= life + AHEAD_MS;
}
