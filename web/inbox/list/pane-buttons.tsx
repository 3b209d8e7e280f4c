/** The buttons at the head of the list. */
import { Icon } from '../../lib/icons.tsx';
import { counters } from '../store/chats.ts';
import { goTo, openDialog } from '../store/route.ts';
import { newChat } from '../store/new-chat.ts';
import { badgeText } from './preview.ts';
import { t } from './words.ts';

export function Bell() {
  const n = counters.value.NOTIFY;
  const isOpen = openDialog.value === 'notify';
  return (
    <button
      type="button" class={isOpen ? 'icon-button bell open' : 'icon-button bell'} aria-label={n > 0 ? t('notifications', { n }) : t('noNotifications')}
      title={t('noNotifications')} aria-pressed={isOpen} onClick={() => goTo(isOpen ? '' : 'notify')}
    >
      <Icon name="bell" />
      {n > 0 && <span class="badge corner" aria-hidden="true">{badgeText(n)}</span>}
    </button>
  );
}

export function NewChat() {
  return <button type="button" class="icon-button" aria-label={t('newChat')} title={t('newChat')} onClick={() => { newChat.value = true; }}><Icon name="pencil" /></button>;
}
