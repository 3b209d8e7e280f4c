/** Which dialog of the right pane is open. They come when they are first needed. */
import { signal } from '@preact/signals';
import type { Message } from '../conversation/message.ts';
import type { Talk } from '../conversation/talk.ts';

export type OpenDialog =
  | { kind: 'new' }
  | { kind: 'info'; talk: Talk }
  | { kind: 'forward'; message: Message }
  | { kind: 'readers'; talk: Talk; message: Message }
  | { kind: 'delete'; talk: Talk; message: Message };

export const dialogs = signal<OpenDialog | undefined>(undefined);

export const closeDialogs = (): void => {
  dialogs.value = undefined;
};
