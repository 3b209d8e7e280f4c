/** Signing out: the session ends, and nothing of the user's stays in the browser. */
import { told } from '../../lib/told.ts';
import { wipe } from '../store/cache.ts';
import { closeLive } from '../store/sync.ts';

/** Tells the other tabs. */
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tidemark') : undefined;
channel?.addEventListener('message', ({ data }) => {
  if (data === 'signed out') void leave();
});

export async function signOut(): Promise<void> {
  const body = new URLSearchParams({ token: told('sign-out'), return: '/' });
  // Without a connection the browser is cleared all the same; the session ends with its time.
  await fetch('/sign-out/', { method: 'POST', body, redirect: 'manual' }).catch(() => undefined);
  channel?.postMessage('signed out');
  await leave();
}

async function leave(): Promise<void> {
  closeLive();
  await wipe();
  location.replace('/sign-in/?return=/');
}
