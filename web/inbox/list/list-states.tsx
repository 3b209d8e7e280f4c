/** What stands in place of rows. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { view } from '../store/chats.ts';
import { loadMore } from '../store/sync.ts';
import { type Filter, filter as chosen } from '../store/views.ts';
import { t } from './words.ts';

const AFTER_MS = 200;
const WIDTHS = [[46, 78], [62, 90], [38, 66], [54, 82], [70, 58], [44, 88], [58, 72], [50, 64], [66, 80]] as const;

/** Nothing at first: most lists are there before anybody would have seen it. */
export function Skeletons({ height, compact }: { height: number; compact: boolean }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <div class={compact ? 'skeletons compact' : 'skeletons'} aria-hidden="true">
      {WIDTHS.map(([title, text]) => (
        <div class="skeleton" key={title} style={{ blockSize: `${height}px` }}>
          <span class="skeleton-avatar" />
          <span class="skeleton-text"><i style={{ inlineSize: `${title}%` }} /><i style={{ inlineSize: `${text}%` }} /></span>
        </div>
      ))}
    </div>
  );
}

export function Failed({ small = false }: { small?: boolean }) {
  return (
    <div class={small ? 'list-note small' : 'list-note'}>
      {!small && <span class="list-note-icon"><Icon name="offline" size={28} /></span>}
      <p>{t('loadFailed')}</p>
      <button type="button" class="button" onClick={() => void loadMore(view.peek())}>{t('retry')}</button>
    </div>
  );
}

export function Empty({ filter }: { filter: Filter }) {
  if (filter === 'all') {
    return (
      <div class="list-note">
        <span class="list-note-icon"><Icon name="line" size={28} /></span>
        <p class="list-note-title">{t('emptyAll')}</p>
        <p>{t('emptyAllText')}</p>
      </div>
    );
  }
  return (
    <div class="list-note">
      <span class="list-note-icon"><Icon name={filter === 'unread' ? 'checks' : 'search'} size={28} /></span>
      <p class="list-note-title">{t(filter === 'unread' ? 'emptyUnread' : 'emptyFilter')}</p>
      <button type="button" class="button" onClick={() => { chosen.value = 'all'; }}>{t('clearFilter')}</button>
    </div>
  );
}
