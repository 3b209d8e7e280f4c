/** Says when what is shown may no longer be true: after three seconds, as most interruptions are shorter. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { liveState } from '../../lib/live.ts';
import { format, listTime, startOfDay } from '../../lib/time.ts';
import { asOf } from '../store/sync.ts';
import { t } from './words.ts';

const AFTER_MS = 3000;

export function Connection() {
  const isDown = liveState.value !== 'open';
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isDown) return undefined;
    const timer = setTimeout(() => setLate(true), navigator.onLine ? AFTER_MS : 0);
    return () => clearTimeout(timer);
  }, [isDown]);
  if (!isDown || !isLate) return null;
  const at = asOf.value;
  const time = at >= startOfDay(Date.now()) ? format('clock', at) : listTime(at);
  return <p class="banner" role="status"><Icon name="offline" size={18} />{at > 0 ? t('offline', { time }) : t('offlineNever')}</p>;
}
