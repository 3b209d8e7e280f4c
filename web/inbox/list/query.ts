/** What somebody looks for, as it is typed. */
import { signal } from '@preact/signals';

export const query = signal('');
