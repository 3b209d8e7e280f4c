/** Times as people read them. Formatters are slow to make: there is one of each kind. */
import { signal } from '@preact/signals';
import { type Lang, lang } from './i18n.ts';

const DAY_MS = 86_400_000;

type Kind = 'clock' | 'weekday' | 'longWeekday' | 'day' | 'date' | 'full';
const OPTIONS: Readonly<Record<Kind, Intl.DateTimeFormatOptions>> = {
  clock: { timeStyle: 'short' },
  weekday: { weekday: 'short' },
  longWeekday: { weekday: 'long' },
  day: { day: 'numeric', month: 'short' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  full: { dateStyle: 'long', timeStyle: 'short' },
};
const formatters = new Map<string, Intl.DateTimeFormat>();

export function format(kind: Kind, at: number, locale = localeOf(lang.value)): string {
  const key = `${locale} ${kind}`;
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(locale, OPTIONS[kind]);
  formatters.set(key, known);
  return known.format(at);
}

/** That of the browser where it is one of the language: it says whether there are twelve or twenty-four hours. */
function localeOf(language: Lang): string {
  const own = globalThis.navigator?.languages.find((each) => each.toLowerCase().startsWith(language));
  return own ?? (language === 'ru' ? 'ru' : 'en-GB');
}

/** The first millisecond of today: rows that show days read it. */
export const today = signal(startOfDay(Date.now()));

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Whole days between two days, whatever their lengths. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / DAY_MS);
}

/** Today the time, within a week the weekday, this year the day and month, else the date. */
export function listTime(at: number, now = today.value, locale = localeOf(lang.value)): string {
  const days = daysBetween(at, now);
  if (days <= 0) return format('clock', at, locale);
  if (days < 7) return format('weekday', at, locale);
  return format(new Date(at).getFullYear() === new Date(now).getFullYear() ? 'day' : 'date', at, locale);
}

/** Keeps {@link today} true: at midnight, and when the page is seen again. */
export function watchDays(): void {
  const look = (): void => {
    today.value = startOfDay(Date.now());
  };
  const wait = (): void => {
    setTimeout(() => {
      look();
      wait();
    }, startOfDay(Date.now() + DAY_MS + DAY_MS / 12) - Date.now() + 1000);
  };
  wait();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') look();
  });
}
