/** Sections beside each other in the menu, one at a time in the page; the address says which. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { sessionLost } from '../lib/api.ts';
import { Dialog } from '../lib/dialog.tsx';
import { chosenLang, lang } from '../lib/i18n.ts';
import { Icon, type IconName } from '../lib/icons.tsx';
import { Menus } from '../lib/menu.tsx';
import { store } from '../lib/stored.ts';
import { theme } from '../lib/theme.ts';
import { portalName, told } from '../lib/told.ts';
import { Applications } from './applications.tsx';
import { Calls } from './last-calls.tsx';
import { Chats } from './chats.tsx';
import { Deliveries } from './deliveries.tsx';
import { Departments } from './departments.tsx';
import { Figures } from './figures.tsx';
import { Front } from './forms.tsx';
import { People } from './people.tsx';
import { Rehearsals } from './rehearsals.tsx';
import { Settings } from './settings.tsx';
import { Webhooks } from './webhooks.tsx';
import { t } from './words.ts';
import './admin.css';

const SECTIONS: ReadonlyArray<readonly [name: string, icon: IconName, section: FunctionComponent]> = [
  ['figures', 'rows', Figures], ['people', 'person', People], ['departments', 'group', Departments], ['chats', 'line', Chats], ['webhooks', 'link', Webhooks],
  ['applications', 'apps', Applications], ['settings', 'gear', Settings], ['rehearsals', 'failed', Rehearsals], ['deliveries', 'send', Deliveries], ['calls', 'clock', Calls],
];

const here = signal(nameIn(location.hash));
addEventListener('hashchange', () => (here.value = nameIn(location.hash)));

function nameIn(hash: string): string {
  const wanted = hash.replace(/^#\//, '');
  return SECTIONS.some(([name]) => name === wanted) ? wanted : 'figures';
}

export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const [name, , Section] = SECTIONS.find(([each]) => each === here.value)!;
  useEffect(() => {
    document.title = `${t(`section.${name}`)} – ${portalName}`;
    main.current!.scrollTop = 0;
    // Whoever has chosen a section goes on reading there; a page that was just opened begins at its top.
    if (!first.current) main.current!.querySelector('h1')?.focus();
    first.current = false;
    document.querySelector('.menu-sections [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [name, lang.value]);
  return (
    <div class="admin">
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current!.querySelector('h1')?.focus(); }}>{t('skip')}</a>
      <aside class="side">
        <a class="portal" href="/"><img src="/icon.svg" alt="" width={28} height={28} /><span><b>{portalName}</b><small>{t('toInbox')}</small></span></a>
        <nav class="menu-sections" aria-label={t('sections')}>
          {SECTIONS.map(([each, icon]) => (
            <a key={each} href={`#/${each}`} aria-current={each === name ? 'page' : undefined}><Icon name={icon} size={18} />{t(`section.${each}`)}</a>
          ))}
        </nav>
        <Looks />
      </aside>
      <main ref={main} id="main" class="main"><Section key={name} /></main>
      <Menus />
      <Front />
      <SessionLost />
    </div>
  );
}

function Looks() {
  const dark = theme.value === 'dark' || (theme.value === '' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <div class="looks">
      <button type="button" class="icon-button" aria-label={dark ? t('light') : t('dark')} onClick={() => (theme.value = dark ? 'light' : 'dark')}><Icon name="sun" /></button>
      <button type="button" class="icon-button" aria-label={lang.value === 'en' ? 'По-русски' : 'In English'} onClick={() => {
        chosenLang.value = lang.value === 'en' ? 'ru' : 'en';
        store('lang', chosenLang.value);
      }}><Icon name="globe" /></button>
      <form method="post" action="/sign-out/">
        <input type="hidden" name="token" value={told('sign-out')} />
        <input type="hidden" name="return" value="/sign-in/" />
        <button type="submit" class="icon-button" aria-label={t('signOut')}><Icon name="leave" /></button>
      </form>
    </div>
  );
}

function SessionLost() {
  if (!sessionLost.value) return null;
  return (
    <Dialog title={t('sessionLost')} closeText={t('close')} onClose={() => undefined} mayLeave={false}>
      <p>{t('sessionLostText')}</p>
      <div class="form-actions"><a class="button main" href="/sign-in/?return=/admin/">{t('signIn')}</a></div>
    </Dialog>
  );
}
