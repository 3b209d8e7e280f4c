/** Which picture is looked at in large; the viewer itself comes when it is first needed. */
import { signal } from '@preact/signals';
import type { FileInfo } from './message.ts';

export const viewed = signal<{ id: number; all: readonly FileInfo[] } | undefined>(undefined);

export function openViewer(id: number, all: readonly FileInfo[]): void {
  viewed.value = { id, all };
}
