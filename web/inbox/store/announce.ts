/** What a screen reader is to say by itself: one region for what can wait, one for what cannot. */
import { signal } from '@preact/signals';

export const polite = signal('');
export const assertive = signal('');

export function say(text: string, how: 'polite' | 'assertive' = 'polite'): void {
  const region = how === 'polite' ? polite : assertive;
  // The same text again is a change only with something unheard of after it.
  region.value = region.peek() === text ? `${text}\u00a0` : text;
}
