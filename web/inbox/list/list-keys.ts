/** Keys of the list that work wherever the focus is. */
import { call } from '../../lib/api.ts';
import { peekRow, view } from '../store/chats.ts';
import { addShortcut, type Shortcut } from '../store/keys.ts';
import { goTo, openDialog } from '../store/route.ts';
import type { RecentItem } from '../store/row.ts';
import { showKeys } from './keys-open.ts';
import { shown } from './settle.ts';
import { t } from './words.ts';

/** The chat so many rows from the open one; the first where none is open. */
function step(by: 1 | -1): void {
  const order = shown.peek();
  const at = order.indexOf(openDialog.peek());
  const next = order[at < 0 ? 0 : at + by];
  if (next !== undefined) openRow(next);
}

const isUnread = (id: string): boolean => {
  const row = peekRow(id);
  return row !== undefined && (row.counter > 0 || row.unread);
};

/** Around the end; where nothing that is loaded is unread, the server is asked. */
async function stepUnread(by: 1 | -1): Promise<void> {
  const order = shown.peek();
  const at = Math.max(0, order.indexOf(openDialog.peek()));
  for (let off = 1; off <= order.length; off += 1) {
    const id = order.at((at + by * off) % order.length)!;
    if (id !== openDialog.peek() && isUnread(id)) return openRow(id);
  }
  if (view.peek().complete.peek()) return;
  const found = await call<{ items: RecentItem[] }>('im.recent.list', { UNREAD_ONLY: 'Y', LIMIT: 1 }).catch(() => undefined);
  const [first] = found?.items ?? [];
  if (first) openRow(String(first.id));
}

function openRow(id: string): void {
  goTo(id);
  requestAnimationFrame(() => document.getElementById(`row-${id}`)?.scrollIntoView({ block: 'nearest' }));
}

function toSearch(): void {
  const field = document.getElementById('search') as HTMLInputElement | null;
  if (openDialog.peek() !== '' && matchMedia('(max-width: 599px)').matches) goTo('');
  field?.focus();
  field?.select();
}

/** Panes in the order of the page. */
function stepPane(by: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes.at((at + by) % panes.length);
  (pane?.querySelector<HTMLElement>('[data-pane-focus], .list-rows [tabindex="0"]') ?? pane)?.focus();
}

const SHORTCUTS: readonly Shortcut[] = [
  { key: 'ArrowDown', alt: true, shift: false, run: () => step(1), help: () => t('kNext') },
  { key: 'ArrowUp', alt: true, shift: false, run: () => step(-1), help: () => t('kNext') },
  { key: 'ArrowDown', alt: true, shift: true, run: () => void stepUnread(1), help: () => t('kUnread') },
  { key: 'ArrowUp', alt: true, shift: true, run: () => void stepUnread(-1), help: () => t('kUnread') },
  { key: 'k', ctrl: true, run: toSearch, help: () => t('kSearch') },
  { key: '/', shift: false, run: toSearch, help: () => t('kSearch') },
  { key: '/', ctrl: true, run: showKeys, help: () => t('kHelp') },
  { key: '?', run: showKeys, help: () => t('kHelp') },
  { key: 'F6', ctrl: true, shift: false, run: () => stepPane(1), help: () => t('kPanes') },
  { key: 'F6', ctrl: true, shift: true, run: () => stepPane(-1), help: () => t('kPanes') },
];

export function addListKeys(): () => void {
  const ends = SHORTCUTS.map(addShortcut);
  return () => ends.forEach((end) => end());
}
