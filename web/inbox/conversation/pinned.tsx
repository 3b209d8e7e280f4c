/** The bar of pinned messages: one at a time, the latest first. */
import { useState } from 'preact/hooks';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { toast } from '../store/toast.ts';
import { may } from './card.ts';
import { shortOf } from './message-row.tsx';
import type { Talk } from './talk.ts';
import { t } from './words.ts';

export function Pinned({ talk }: { talk: Talk }) {
  const [at, setAt] = useState(0);
  const pins = talk.pins.value;
  const pin = pins[at % Math.max(1, pins.length)];
  if (!pin) return null;
  const go = () => {
    void talk.jumpTo(pin.message.id);
    setAt((at + 1) % pins.length);
  };
  const label = pins.length > 1 ? t('pinnedOf', { at: (at % pins.length) + 1, n: pins.length }) : t('pinned');
  return (
    <div class="pinned">
      <button type="button" class="pinned-words" onClick={go}>
        <small>{label}</small>
        <span dir="auto">{shortOf(pin.message)}</span>
      </button>
      {may(talk.card.value, 'can_post') && (
        <button type="button" class="icon-button" aria-label={t('unpin')} title={t('unpin')} onClick={() => void unpin(pin.message.id, talk)}><Icon name="close" size={16} /></button>
      )}
    </div>
  );
}

async function unpin(id: number, talk: Talk): Promise<void> {
  try {
    await call('tidemark.message.pin', { MESSAGE_ID: id, PIN: 'N' });
    await talk.readPins();
  } catch (error) {
    toast(t('failedAction', { why: (error as Error).message }));
  }
}
