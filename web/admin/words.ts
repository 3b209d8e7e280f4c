/** The words of the administrators' page, in both languages. */
import { lang, words, type Text } from '../lib/i18n.ts';
import { en } from './words-en.ts';
import { ru } from './words-ru.ts';

const dictionary: Readonly<Record<'en' | 'ru', Readonly<Record<string, Text>>>> = { en, ru };

export const t = words(dictionary);

export function hasWord(key: string): boolean {
  return Object.hasOwn(dictionary[lang.value], key);
}
