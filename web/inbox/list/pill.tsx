/** Says how many chats with news are further up, and leads there. */
import { Icon } from '../../lib/icons.tsx';
import { newsAbove, release, risen } from './settle.ts';
import { t } from './words.ts';

export function Pill({ onShow }: { onShow(): void }) {
  const n = new Set([...newsAbove.value, ...risen.value]).size;
  if (n === 0) return null;
  const show = (): void => {
    release();
    newsAbove.value = new Set();
    onShow();
  };
  return (
    <button type="button" class="pill" aria-label={t('showNew', { n })} onClick={show}>
      <Icon name="up" size={16} />{t('newAbove', { n })}
    </button>
  );
}
