/** Files on their way into a chat, as far as they are shown. What carries them comes when it is first needed. */
import { type Signal, signal } from '@preact/signals';
import { onTabs } from '../../lib/tabs.ts';
import { cache } from '../store/cache.ts';

export interface Upload {
  key: string;
  name: string;
  /** Address of a picture in this browser; empty for others. */
  preview: string;
  /** From 0 to 1; undefined once the server has refused it. */
  progress: number | undefined;
  cancel: () => void;
  retry: () => void;
}

const shown = new Map<string, Signal<readonly Upload[]>>();

export function uploadsOf(dialogId: string): Signal<readonly Upload[]> {
  const known = shown.get(dialogId) ?? signal<readonly Upload[]>([]);
  shown.set(dialogId, known);
  return known;
}

/** Sends files with a text, as one message, once they are there. Throws where the page cannot load what that needs. */
export async function sendFiles(dialogId: string, files: readonly File[], text: string, replyId: number): Promise<void> {
  (await import('./parcels.ts')).send(dialogId, files, text, replyId);
}

/** Goes on with what this browser has kept, and with what another tab begins and leaves. */
export function startUploads(): void {
  onTabs('uploads', () => void resume());
  void resume();
}

async function resume(): Promise<void> {
  // Without a connection they wait for the next time.
  if ((await cache.all('parcels')).length > 0) await import('./parcels.ts').then(({ resumeParcels }) => resumeParcels(), () => undefined);
}
