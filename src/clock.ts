/** The only source of time. Milliseconds since 1970 UTC. */
export interface Clock {
  /** Wall-clock time that never goes back while the process runs, even when the machine's clock is set back. */
  now(): number;
  /** Microsecond stamp for durations and the `time` object, in milliseconds with a fraction. */
  precise(): number;
}

export function systemClock(): Clock {
  let latest = 0;
  return {
    now() {
      latest = Math.max(latest, Date.now());
      return latest;
    },
    precise: () => performance.timeOrigin + performance.now(),
  };
}
