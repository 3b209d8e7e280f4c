/** Days and times as the conversation names them. Formatters are costly to make, so there is one of each for a language. */

interface Formats {
  time: Intl.DateTimeFormat;
  weekday: Intl.DateTimeFormat;
  thisYear: Intl.DateTimeFormat;
  withYear: Intl.DateTimeFormat;
  full: Intl.DateTimeFormat;
  relative: Intl.RelativeTimeFormat;
}

const byLocale = new Map<string, Formats>();

function formatsOf(locale: string): Formats {
  const known = byLocale.get(locale);
  if (known) return known;
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const made: Formats = {
    time: format({ hour: '2-digit', minute: '2-digit' }),
    weekday: format({ weekday: 'long' }),
    thisYear: format({ day: 'numeric', month: 'long' }),
    withYear: format({ day: 'numeric', month: 'long', year: 'numeric' }),
    full: format({ dateStyle: 'full', timeStyle: 'short' }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  };
  byLocale.set(locale, made);
  return made;
}

/** The day of a moment where the reader is: the same text for all moments of a day. */
export function dayOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Days from one moment to another by the calendar, whatever the hours; a day of 23 hours is one, too. */
export function daysBetween(earlier: number, later: number): number {
  const [from, to] = [new Date(earlier), new Date(later)];
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** Today, yesterday, the weekday up to six days back, else the date. */
export function dayName(at: number, now: number, locale: string): string {
  const formats = formatsOf(locale);
  const days = daysBetween(at, now);
  if (days === 0 || days === 1) return capital(formats.relative.format(-days, 'day'), locale);
  if (days > 1 && days <= 6) return capital(formats.weekday.format(at), locale);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? formats.thisYear.format(at) : formats.withYear.format(at);
}

const capital = (text: string, locale: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

export const timeOf = (at: number, locale: string): string => formatsOf(locale).time.format(at);

/** Date and time in words, for titles and what is read aloud. */
export const momentOf = (at: number, locale: string): string => formatsOf(locale).full.format(at);
