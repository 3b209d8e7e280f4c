/** What somebody has begun to write, by chat: kept in this browser. */
import type { ReadonlySignal } from '@preact/signals';
import { Keyed } from '../../lib/keyed.ts';
import { cache } from './cache.ts';

const AFTER_MS = 500;

const drafts = new Keyed<string, string>();
const unkept = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Undefined or empty where there is none. */
export function draftOf(dialogId: string): ReadonlySignal<string | undefined> {
  return drafts.signal(dialogId);
}

export function setDraft(dialogId: string, text: string): void {
  if (text.trim() === '') drafts.delete(dialogId);
  else drafts.set(dialogId, text);
  unkept.add(dialogId);
  clearTimeout(timer);
  timer = setTimeout(flush, AFTER_MS);
}

/** Keeps what has not been kept yet. */
export function flush(): void {
  clearTimeout(timer);
  const ids = [...unkept];
  unkept.clear();
  if (ids.length > 0) void cache.putAll('drafts', ids.map((id) => [id, drafts.get(id) && { id, text: drafts.get(id) }] as const));
}

export async function restoreDrafts(): Promise<void> {
  for (const { id, text } of await cache.all<{ id: string; text: string }>('drafts')) if (!drafts.get(id)) drafts.set(id, text);
}

addEventListener('pagehide', flush);
addEventListener('blur', flush);
