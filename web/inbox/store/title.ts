/** The number of unread messages in the title of the page and on the installed application's icon: the server's own. */
import { effect } from '@preact/signals';
import { portalName } from '../../lib/told.ts';
import { counters } from './chats.ts';

interface Badging {
  setAppBadge?(count: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

export function watchTitle(): () => void {
  return effect(() => {
    const n = counters.value.MESSENGER;
    document.title = n > 0 ? `(${n > 999 ? '999+' : n}) ${portalName}` : portalName;
    const badging = navigator as Badging;
    void (n > 0 ? badging.setAppBadge?.(n) : badging.clearAppBadge?.())?.catch(() => undefined);
  });
}
