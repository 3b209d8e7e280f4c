/** Instants are milliseconds since 1970 UTC inside, ATOM strings (`2026-02-26T00:01:26+03:00`) on the wire. */

const QUARTER_HOUR_MS = 900_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const KEPT_OFFSETS = 20_000;
/** Later instants would have a year of five digits in some zones. */
const LATEST = Date.UTC(9999, 11, 31);

/** The 2nd of January of the year 1: earlier instants would have a year with a sign in some zones. */
const EARLIEST = -62_135_510_400_000;
const DAY_MONTH = /^(?:0[1-9]|[12]\d|3[01])-(?:0[1-9]|1[0-2])$/;

const ATOM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z)|([+\- ])(\d\d):?(\d\d))?)?$/i;

/** A time zone: formats instants in it and finds the instant of a local date. */
export class Zone {
  readonly name: string;
  /** None for UTC: what knows the other zones takes 8 MB, and most portals have no other. */
  readonly #format: Intl.DateTimeFormat | undefined;
  #lastSecond = NaN;
  #last = '';
  /** Offset in minutes by quarter of an hour; undefined for the few within which clocks are set. */
  readonly #offsets = new Map<number, number | undefined>();

  /** @throws RangeError when the name is not an IANA time zone */
  constructor(name: string) {
    this.name = name;
    if (name !== 'UTC') this.#format = formatIn(name);
  }

  /** ATOM with numeric offset and whole seconds. What is no instant of a year of four digits becomes the nearest one, or 1970. */
  atom(instant: number): string {
    const second = Math.floor(instant / 1000);
    // Most calls begin and end in the second of the one before.
    if (second === this.#lastSecond) return this.#last;
    this.#last = this.#atomOf(instant);
    this.#lastSecond = second;
    return this.#last;
  }

  #atomOf(instant: number): string {
    const ms = Number.isFinite(instant) ? Math.min(Math.max(instant, EARLIEST), LATEST) : 0;
    const offset = this.#offset(ms);
    const local = new Date(ms + offset * 60_000).toISOString().slice(0, 19);
    const size = Math.abs(offset);
    return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  }

  /**
   * Reads an ATOM date. Also understood: fractional seconds, `Z`, a `+` that became a space on its way through a query
   * string, a missing offset or a bare date (both in this zone, and the earlier instant where clocks were set back).
   *
   * @returns the instant, or undefined when the text is not a date
   */
  parse(text: string): number | undefined {
    const m = ATOM.exec(text.trim());
    if (!m) return undefined;
    const [year, month, day, hour, minute, second] = [m[1], m[2], m[3], m[4], m[5], m[6]].map((part) => Number(part ?? 0)) as [
      number, number, number, number, number, number,
    ];
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    const back = new Date(local);
    const real = back.getUTCDate() === day && back.getUTCMonth() === month - 1 && back.getUTCFullYear() === year;
    if (!real || hour > 23 || minute > 59 || second > 59) return undefined;
    if (Number(m[10] ?? 0) > 23 || Number(m[11] ?? 0) > 59) return undefined;
    const fraction = Math.floor(Number(`0.${m[7] ?? 0}`) * 1000);
    const instant = this.#toInstant(local, m) + fraction;
    return instant < LATEST ? instant : undefined;
  }

  #toInstant(local: number, m: RegExpExecArray): number {
    if (m[8]) return local;
    if (m[10] === undefined) return this.#firstAt(local);
    const minutes = Number(m[10]) * 60 + Number(m[11]);
    return local - (m[9] === '-' ? -minutes : minutes) * 60_000;
  }

  /**
   * The first instant at which clocks in this zone show the local time or a later one: of an hour that is repeated the
   * earlier one, and the end of an hour that is skipped. So whoever asks for what came since then misses nothing.
   */
  #firstAt(local: number): number {
    const offsets = [-DAY_MS, 0, DAY_MS].map((around) => this.#offset(local + around));
    let instant = local - Math.max(...offsets) * 60_000;
    for (;;) {
      const end = (Math.floor(instant / MINUTE_MS) + 1) * MINUTE_MS;
      const shown = Math.max(instant, local - this.#offset(instant) * 60_000);
      if (shown < end) return shown;
      instant = end;
    }
  }

  #offset(ms: number): number {
    if (!this.#format) return 0;
    return this.#offsetBy(this.#format, ms);
  }

  #offsetBy(format: Intl.DateTimeFormat, ms: number): number {
    const key = Math.floor(ms / QUARTER_HOUR_MS);
    const offset = this.#offsets.get(key);
    if (offset !== undefined) return offset;
    if (this.#offsets.has(key)) return offsetAt(format, ms);
    const [first, last] = [offsetAt(format, key * QUARTER_HOUR_MS), offsetAt(format, (key + 1) * QUARTER_HOUR_MS - 1000)];
    if (this.#offsets.size >= KEPT_OFFSETS) this.#offsets.clear();
    this.#offsets.set(key, first === last ? first : undefined);
    return first === last ? first : offsetAt(format, ms);
  }
}

/** @throws RangeError when the name is not an IANA time zone */
function formatIn(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** Minutes. */
function offsetAt(format: Intl.DateTimeFormat, ms: number): number {
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
  return Math.round((local - ms) / 60_000);
}

/** Whether a text is a day and a month as `DD-MM`. */
export function isDayMonth(text: string): boolean {
  return DAY_MONTH.test(text);
}

/** Whether {@link Zone.atom} gives just this instant. */
export function isInstant(ms: number): boolean {
  return ms >= EARLIEST && ms <= LATEST;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
