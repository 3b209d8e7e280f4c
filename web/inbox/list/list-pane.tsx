/** The left pane: who is signed in, search, filters, and the list itself or what a search has found. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { lazy } from '../../lib/lazy.tsx';
import { portalName } from '../../lib/told.ts';
import { Account } from './account.tsx';
import { Chips } from './chips.tsx';
import { Connection } from './connection.tsx';
import { ListBody } from './list-body.tsx';
import { NewChat, Bell } from './pane-buttons.tsx';
import { addListKeys } from './list-keys.ts';
import { query } from './query.ts';
import { t } from './words.ts';
import './list.css';
import './row.css';

const SearchResults = lazy(() => import('./search-results.tsx'), 'SearchResults');

export function ListPane() {
  const isSearching = query.value.trim() !== '';
  useEffect(addListKeys, []);
  return (
    <nav class="list-pane" aria-label={t('chats')}>
      <header class="pane-head">
        <Account />
        <h1 class="pane-title">{portalName}</h1>
        <Bell />
        <NewChat />
      </header>
      <SearchField />
      <Connection />
      {!isSearching && <Chips />}
      <div class="list-place" hidden={isSearching}><ListBody /></div>
      {isSearching && <SearchResults />}
    </nav>
  );
}

function SearchField() {
  const field = useRef<HTMLInputElement>(null);
  const clear = (): void => {
    query.value = '';
    field.current!.focus();
  };
  return (
    <div class="search">
      <span class="search-icon"><Icon name="search" size={18} /></span>
      <input
        ref={field} id="search" type="text" role="searchbox" autocomplete="off" spellcheck={false} maxLength={200} placeholder={t('search')} aria-label={t('search')}
        aria-keyshortcuts="Control+K" value={query.value} onInput={(event) => { query.value = event.currentTarget.value; }} onKeyDown={onKeyDown}
      />
      {query.value !== '' && <button type="button" class="icon-button search-clear" aria-label={t('clearSearch')} onClick={clear}><Icon name="close" size={16} /></button>}
    </div>
  );
}

/** From the field the arrow leads to what was found, Enter to the first of it. */
function onKeyDown(event: KeyboardEvent): void {
  const first = document.querySelector<HTMLElement>('#found [role="option"]');
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === 'ArrowDown') (first ?? document.querySelector<HTMLElement>('.list-rows [tabindex="0"]'))?.focus();
  else if (event.key === 'Enter' && first) first.click();
  else if (event.key === 'Escape' && query.peek() !== '') query.value = '';
  else return;
  event.preventDefault();
  event.stopPropagation();
}
