/** Signing out, in this tab or in another one: nothing of the user's stays in the browser. */
import { onTabs } from '../../lib/tabs.ts';
import { wipe } from '../store/cache.ts';
import { closeLive } from '../store/sync.ts';

onTabs('signed out', () => void leave());

export async function leave(): Promise<void> {
  closeLive();
  await wipe();
  location.replace('/sign-in/?return=/');
}
