/** Light or dark: as the system has it, unless somebody has chosen. */
import { effect, signal } from '@preact/signals';
import { store, stored } from './stored.ts';

export type Theme = '' | 'light' | 'dark';

export const theme = signal<Theme>(['light', 'dark'].includes(stored('theme')) ? (stored('theme') as Theme) : '');

/** Keeps the document in the chosen theme; see tokens.css. */
export function watchTheme(): void {
  effect(() => {
    for (const name of ['light', 'dark'] as const) document.documentElement.classList.toggle(name, theme.value === name);
    store('theme', theme.value);
  });
}
