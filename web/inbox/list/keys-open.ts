/** Whether the page of keys is open. */
import { signal } from '@preact/signals';

export const keysOpen = signal(false);

export function showKeys(): void {
  keysOpen.value = true;
}
