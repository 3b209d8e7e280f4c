/** Who or what is open: name, what is going on, and what can be done with it. */
import { Avatar } from '../../lib/avatar.tsx';
import { Icon } from '../../lib/icons.tsx';
import { listTime } from '../../lib/time.ts';
import { isOnline, userOf } from '../store/people.ts';
import { rowOf } from '../store/chats.ts';
import { goTo } from '../store/route.ts';
import { typingIn } from '../store/typing.ts';
import { isChannel, isPrivate } from './card.ts';
import type { Talk } from './talk.ts';
import { t } from './words.ts';

export function Header({ talk, onInfo, onSearch }: { talk: Talk; onInfo: () => void; onSearch: () => void }) {
  const card = talk.card.value;
  const row = rowOf(talk.dialogId).value;
  const user = isPrivate(talk.dialogId) ? userOf(Number(talk.dialogId)).value : undefined;
  const name = card?.name || row?.title || user?.name || '';
  const denied = talk.state.value === 'denied';
  return (
    <header class="talk-header">
      <button type="button" class="icon-button back" aria-label={t('back')} title={t('back')} onClick={() => goTo('')}><Icon name="back" /></button>
      <button type="button" class="talk-title" onClick={onInfo} disabled={!card} title={t('info')}>
        <Avatar name={name} src={card?.avatar ?? row?.avatar} color={card?.color ?? row?.color} id={card?.id ?? 0} size={40} />
        <span class="talk-words">
          <h2><bdi>{name}</bdi></h2>
          <small class="talk-state">{card && !denied && <State talk={talk} />}</small>
        </span>
      </button>
      {card && !denied && (
        <div class="talk-actions">
          <button type="button" class="icon-button" aria-label={t('search')} title={t('search')} onClick={onSearch}><Icon name="search" /></button>
          <button type="button" class="icon-button" aria-label={t('info')} title={t('info')} onClick={onInfo}><Icon name="more" /></button>
        </div>
      )}
    </header>
  );
}

function State({ talk }: { talk: Talk }) {
  const typing = typingIn(talk.dialogId).value ?? [];
  const card = talk.card.value!;
  if (typing.length > 0) return <span class="accent"><bdi>{typing.length === 1 ? t('typesOne', { name: typing[0]!.name }) : t('typesMany', { n: typing.length })}</bdi></span>;
  if (!isPrivate(talk.dialogId)) return <>{t(isChannel(card) ? 'subscribers' : 'members', { n: card.user_counter })}</>;
  return <Presence id={Number(talk.dialogId)} />;
}

function Presence({ id }: { id: number }) {
  const user = userOf(id).value;
  const position = user?.position;
  if (user?.bot) return <>{t('bot')}</>;
  const presence = isOnline(id) ? <span class="online">{t('online')}</span> : user?.seenAt ? t('lastSeen', { when: listTime(user.seenAt) }) : t('offline');
  return <>{presence}{position && <bdi> · {position}</bdi>}</>;
}
