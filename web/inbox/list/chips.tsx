/** Which chats are shown. One stop for Tab; arrows choose. */
import { counters, view } from '../store/chats.ts';
import { type Filter, FILTERS, filter } from '../store/views.ts';
import { badgeText } from './preview.ts';
import { t } from './words.ts';

const NAMES = { all: 'all', unread: 'unreadChip', dialogs: 'dialogs', groups: 'groups', channels: 'channels', lines: 'lines' } as const;
const ORDER = Object.keys(FILTERS) as Filter[];

export function Chips() {
  const n = counters.value.MESSENGER;
  const choose = (name: Filter): void => {
    if (view.peek().filter === name) document.querySelector('.list')?.scrollTo({ top: 0 });
    filter.value = name;
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = ORDER.at((ORDER.indexOf(filter.peek()) + step) % ORDER.length)!;
    choose(next);
    const chip = event.currentTarget.querySelector<HTMLElement>(`[data-filter="${next}"]`);
    chip?.focus();
    chip?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  return (
    <div class="chips" role="radiogroup" aria-label={t('filters')} onKeyDown={onKeyDown}>
      {ORDER.map((name) => (
        <button
          key={name} type="button" class="chip" role="radio" data-filter={name} aria-checked={filter.value === name} tabIndex={filter.value === name ? 0 : -1}
          onClick={() => choose(name)}
        >
          {t(NAMES[name])}{name === 'unread' && n > 0 && <span class="chip-count">{badgeText(n)}</span>}
        </button>
      ))}
    </div>
  );
}
