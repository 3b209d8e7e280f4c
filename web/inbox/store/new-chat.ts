/** Whether the dialog for a new chat is open. */
import { signal } from '@preact/signals';

export const newChat = signal(false);
