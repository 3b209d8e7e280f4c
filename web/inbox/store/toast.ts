/** Short notes at the edge of the page. */
import { signal } from '@preact/signals';
import { say } from './announce.ts';

export interface Toast {
  id: number;
  text: string;
  kind: 'plain' | 'bad';
  action?: { text: string; run(): void };
}

const LASTS_MS = 6000;
export const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function toast(text: string, { kind = 'plain', action }: Partial<Pick<Toast, 'kind' | 'action'>> = {}): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.peek().slice(-2), { id, text, kind, ...(action && { action }) }];
  say(text, kind === 'bad' ? 'assertive' : 'polite');
  setTimeout(() => dropToast(id), LASTS_MS);
}

export function dropToast(id: number): void {
  toasts.value = toasts.peek().filter((each) => each.id !== id);
}
