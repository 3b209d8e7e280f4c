/** The two languages of the pages. Each part has words of its own, in both. */
import { computed, signal } from '@preact/signals';
import { stored } from './stored.ts';

export type Lang = 'en' | 'ru';
/** A text, or its forms by number: see Intl.PluralRules. */
export type Text = string | { one: string; few?: string; many?: string; other: string };
type Words<K extends string> = Readonly<Record<K, Text>>;

/** What was chosen; empty for that of the browser. */
export const chosenLang = signal<Lang | ''>(isLang(stored('lang')) ? (stored('lang') as Lang) : '');
export const lang = computed<Lang>(() => chosenLang.value || (navigator.languages.some((each) => /^(?:ru|be|uk|kk)\b/i.test(each)) && !navigator.language.startsWith('en') ? 'ru' : 'en'));

function isLang(value: string): value is Lang {
  return value === 'en' || value === 'ru';
}

/** Rules and formatters are slow to make. */
const rules: Record<Lang, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ru: new Intl.PluralRules('ru') };

/**
 * The words of a part: `t('unread', { n: 3 })` is the form of `n` with `{n}` and other names put in. A component that calls it
 * is drawn anew when the language changes.
 */
export function words<K extends string>(dictionary: Readonly<Record<Lang, Words<K>>>) {
  return (key: K, values: Readonly<Record<string, string | number>> = {}): string => inLang(dictionary, lang.value, key, values);
}

export function inLang<K extends string>(dictionary: Readonly<Record<Lang, Words<K>>>, language: Lang, key: K, values: Readonly<Record<string, string | number>> = {}): string {
  const text = dictionary[language][key];
  const form = typeof text === 'string' ? text : formOf(text, language, Number(values['n'] ?? 0));
  return form.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

function formOf(text: Exclude<Text, string>, language: Lang, n: number): string {
  const rule = rules[language].select(n) as 'one' | 'few' | 'many' | 'other';
  return text[rule] ?? text.other;
}
