/** What is open, as the address says it: `#/chat7`, `#/42`, `#/chat7/1234` for a message in it; nothing for the list alone. */
import { signal } from '@preact/signals';

interface Place {
  dialog: string;
  message: number;
}

const ADDRESS = /^#\/(\d{1,15}|chat\d{1,15}|notify)(?:\/(\d{1,15}))?$/;

/** A DIALOG_ID (`42`, `chat7`), or `notify`; empty when no chat is open. */
export const openDialog = signal('');
/** The message to show in it; 0 for none. Set anew each time somebody goes to one. */
export const openMessage = signal(0);

function placeOf(hash: string): Place {
  const [, dialog = '', message = '0'] = ADDRESS.exec(hash) ?? [];
  return { dialog, message: Number(message) };
}

function follow(): void {
  const { dialog, message } = placeOf(location.hash);
  openDialog.value = dialog;
  openMessage.value = message;
}

/** Opens a chat; empty closes what is open. On a wide window the address changes without a step of history for each chat. */
export function goTo(dialog: string, { message = 0 }: { message?: number } = {}): void {
  const hash = dialog === '' ? '#/' : `#/${dialog}${message > 0 ? `/${message}` : ''}`;
  if (dialog === '' && history.state === OPENED) return history.back();
  const stays = openDialog.peek() !== '' && dialog !== '';
  history[stays ? 'replaceState' : 'pushState'](OPENED, '', hash);
  follow();
}

/** Marks the steps of history that have the list before them: Back leads there. */
const OPENED = 'opened';

window.addEventListener('popstate', follow);
window.addEventListener('hashchange', follow);
follow();
