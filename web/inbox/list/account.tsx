/** Who is signed in, and what they may choose: looks, language, rows; the way to other pages, and out. */
import { Avatar } from '../../lib/avatar.tsx';
import { call } from '../../lib/api.ts';
import { chosenLang, type Lang } from '../../lib/i18n.ts';
import { type MenuEntry, popUp } from '../../lib/menu.tsx';
import { store } from '../../lib/stored.ts';
import { type Theme, theme } from '../../lib/theme.ts';
import { isAdmin, userId } from '../../lib/told.ts';
import { me } from '../store/people.ts';
import { toast } from '../store/toast.ts';
import { compact } from './density.ts';
import { showKeys } from './keys-open.ts';
import { signOut } from './sign-out.ts';
import { t } from './words.ts';

export function Account() {
  const person = me.value;
  const name = person?.name ?? '';
  return (
    <button
      type="button" class="account" aria-label={`${t('account')}${name && `: ${name}`}`} title={name} aria-haspopup="menu"
      onClick={(event) => popUp(t('account'), entries(), event.currentTarget.getBoundingClientRect())}
    >
      <Avatar name={name} src={person?.avatar} color={person?.color} id={userId} size={32} />
    </button>
  );
}

function entries(): MenuEntry[] {
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
