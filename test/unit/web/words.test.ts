/** What the pages say: dates, numbers of things, keys, names in short. */
import { describe, expect, test } from 'vitest';
import { initials } from '../../../web/lib/initials.ts';
import { inLang } from '../../../web/lib/i18n.ts';
import { plainText } from '../../../web/lib/plain.ts';
import { daysBetween, listTime } from '../../../web/lib/time.ts';
import { latinKey } from '../../../web/lib/latin-key.ts';

describe('the time of a row', () => {
  const now = new Date(2026, 10, 27).getTime();
  test.each([
    [new Date(2026, 10, 27, 9, 5), '09:05', '9:05 AM', '09:05'],
    [new Date(2026, 10, 27, 0, 0), '00:00', '12:00 AM', '00:00'],
    [new Date(2026, 10, 26, 23, 59), 'Thu', 'Thu', 'чт'],
    [new Date(2026, 10, 21, 0, 0), 'Sat', 'Sat', 'сб'],
    [new Date(2026, 10, 20, 23, 59), '20 Nov', 'Nov 20', '20 нояб.'],
    [new Date(2026, 0, 1), '1 Jan', 'Jan 1', '1 янв.'],
    [new Date(2025, 11, 31, 23, 59), '31 Dec 2025', 'Dec 31, 2025', '31 дек. 2025 г.'],
    [new Date(2026, 10, 28, 1), '01:00', '1:00 AM', '01:00'],
  ])('%s', (time, ...expected) => {
    expect(['en-GB', 'en-US', 'ru'].map((locale) => listTime(time.getTime(), now, locale).replace('\u202f', ' '))).toEqual(expected);
  });

  test('days are those of the calendar, however long', () => {
    for (let day = 0; day < 366; day += 1) expect(daysBetween(new Date(2026, 0, 1, 23, 59).getTime(), new Date(2026, 0, 1 + day, 0, 1).getTime())).toBe(day);
  });
});

describe('numbers of things', () => {
  const dictionary = {
    en: { unread: { one: '{n} message', other: '{n} messages' }, hello: 'Hello {name}' },
    ru: { unread: { one: '{n} сообщение', few: '{n} сообщения', many: '{n} сообщений', other: '{n} сообщения' }, hello: 'Привет {name}' },
  } as const;
  test.each([[0, '0 messages', '0 сообщений'], [1, '1 message', '1 сообщение'], [2, '2 messages', '2 сообщения'], [5, '5 messages', '5 сообщений'], [11, '11 messages', '11 сообщений'], [21, '21 messages', '21 сообщение'], [1000, '1000 messages', '1000 сообщений']])('%i', (n, english, russian) => {
    expect([inLang(dictionary, 'en', 'unread', { n }), inLang(dictionary, 'ru', 'unread', { n })]).toEqual([english, russian]);
  });
  test('what is put in is put in as it is', () => {
    expect(inLang(dictionary, 'en', 'hello', { name: '$& {name} <b>' })).toBe('Hello $& {name} <b>');
  });
});

test.each([
  ['Anna Berg', 'AB'], ['anna', 'A'], ['Port of Harrowby: ten gauges', 'PO'], ['Release 4.2', 'R4'], ['Ёлка и шары', 'ЁИ'], ['«Сирень» (стройка)', 'СС'], ['🌊 Tide', 'T'],
  ['🌊', '🌊'], ['👩‍👩‍👧', '👩‍👩‍👧'], ['', ''], ['   ', ''], ['محمد علي', 'مع'], ['—', '—'],
])('%s in short is %s', (name, short) => {
  expect(initials(name)).toBe(short);
});

test.each([
  [{ key: 'k', code: 'KeyK' }, 'k'], [{ key: 'л', code: 'KeyK' }, 'k'], [{ key: 'K', code: 'KeyK' }, 'k'], [{ key: 'ArrowDown', code: 'ArrowDown' }, 'ArrowDown'],
  [{ key: '.', code: 'Slash' }, '.'], [{ key: '/', code: 'Slash' }, '/'], [{ key: ',', code: 'Slash' }, ','], [{ key: 'q', code: 'KeyA' }, 'q'], [{ key: 'ё', code: 'Backquote' }, 'ё'],
])('%o is the key %s', (event, key) => {
  expect(latinKey(event)).toBe(key);
});

test.each([
  ['Hello [b]bold[/b] [USER=5]Anna[/USER]', 'Hello bold Anna'], ['a[br]b\n\nc', 'a b c'], ['[URL=https://x.org]site[/URL]', 'site'], ['[notacode] stays', '[notacode] stays'],
  ['[user=all]everybody[/user]', 'everybody'], ['x'.repeat(1_000_000), 'x'.repeat(2000)], ['[b]'.repeat(100_000), ''],
])('codes are left out: %s', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});
