/** For which message a reaction is being chosen, and beside what. */
import { signal } from '@preact/signals';

export const reactionPicker = signal<{ at: DOMRect; choose: (code: string) => void } | undefined>(undefined);
