/** The actions of a row. All that a mouse can do with a row is here, for the keyboard as well. */
import { type MenuEntry, popUp } from '../../lib/menu.tsx';
import { peekRow } from '../store/chats.ts';
import { hide, markRead, markUnread, mute, pin } from './actions.ts';
import { t } from './words.ts';

export function showRowMenu(id: string, at: { x: number; y: number } | DOMRect): void {
  const row = peekRow(id);
  if (!row) return;
  const isUnread = row.counter > 0 || row.unread;
  const entries: MenuEntry[] = [
    { text: t(row.pinned ? 'unpin' : 'pin'), icon: 'pin', run: () => pin(id) },
    (row.mayMute || row.muted) && { text: t(row.muted ? 'unmute' : 'mute'), icon: row.muted ? 'bell' : 'muted', run: () => mute(id) },
    isUnread ? { text: t('markRead'), icon: 'read', run: () => markRead(id) } : { text: t('markUnread'), icon: 'unread', run: () => markUnread(id) },
    { text: t('hide'), icon: 'hide', run: () => void hide(id) },
  ];
  popUp(t('actions', { name: row.title }), entries, at);
}
