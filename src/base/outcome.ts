/**
 * The outcome of an operation that may be refused. The reason is one of a closed set, so whoever calls must say what
 * each means on the wire.
 */
export type Outcome<T, Reason extends string> = { ok: true; value: T } | { ok: false; reason: Reason };

export function done<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

/** A unit of work that ends with this leaves nothing behind. */
export function refused<Reason extends string>(reason: Reason): { ok: false; reason: Reason } {
  return { ok: false, reason };
}

export function isRefusal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;
}
