/** What whoever is signed in may choose: looks, language, rows; the way to other pages, and out. It comes when it is first opened. */
import { call } from '../../lib/api.ts';
import { chosenLang, type Lang } from '../../lib/i18n.ts';
import type { MenuEntry } from '../../lib/menu.tsx';
import { store } from '../../lib/stored.ts';
import { tellTabs } from '../../lib/tabs.ts';
import { type Theme, theme } from '../../lib/theme.ts';
import { isAdmin, told } from '../../lib/told.ts';
import { toast } from '../store/toast.ts';
import { compact } from './density.ts';
import { showKeys } from './keys-open.ts';
import { leave } from './sign-out.ts';
import { t } from './words.ts';

export function entries(): MenuEntry[] {
  const themes: Array<[Theme, string]> = [['', t('themeSystem')], ['light', t('themeLight')], ['dark', t('themeDark')]];
  const langs: Array<[Lang | '', string]> = [['', t('languageSystem')], ['en', 'English'], ['ru', 'Русский']];
  const chooseLang = (value: Lang | ''): void => {
    chosenLang.value = value;
    store('lang', value);
  };
  const chooseRows = (value: boolean): void => {
    compact.value = value;
    store('density', value ? 'compact' : '');
  };
  return [
    { text: t('readAll'), icon: 'checks', run: () => void readAll() },
    { text: t('applications'), icon: 'apps', href: '/applications' },
    { text: t('docs'), icon: 'book', href: '/docs/' },
    isAdmin && { text: t('admin'), icon: 'gear', href: '/admin' },
    { text: t('keys'), icon: 'keyboard', run: showKeys },
    { group: t('theme') },
    ...themes.map(([value, text]) => ({ text, icon: 'sun' as const, checked: theme.value === value, run: () => { theme.value = value; } })),
    { group: t('language') },
    ...langs.map(([value, text]) => ({ text, icon: 'globe' as const, checked: chosenLang.value === value, run: () => chooseLang(value) })),
    { group: t('density') },
    { text: t('comfortable'), icon: 'rows', checked: !compact.value, run: () => chooseRows(false) },
    { text: t('compact'), icon: 'menu', checked: compact.value, run: () => chooseRows(true) },
    { group: '' },
    { text: t('signOut'), icon: 'leave', run: () => void signOut() },
  ];
}

async function readAll(): Promise<void> {
  await call('im.dialog.read.all').then(() => toast(t('readAllDone')), () => toast(t('failed'), { kind: 'bad' }));
}

async function signOut(): Promise<void> {
  const body = new URLSearchParams({ token: told('sign-out'), return: '/' });
  // Without a connection the browser is cleared all the same; the session ends with its time.
  await fetch('/sign-out/', { method: 'POST', body, redirect: 'manual' }).catch(() => undefined);
  tellTabs('signed out');
  await leave();
}
