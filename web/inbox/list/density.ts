/** Whether rows are low. A phone's are always high: a finger needs room. */
import { computed, signal } from '@preact/signals';
import { stored } from '../../lib/stored.ts';

export const compact = signal(stored('density') === 'compact');

const coarse = matchMedia('(max-width: 599px), (pointer: coarse)');
const isCoarse = signal(coarse.matches);
coarse.addEventListener('change', () => {
  isCoarse.value = coarse.matches;
});

export const isCompact = computed(() => compact.value && !isCoarse.value);
