/** The last messages of a dialog, kept in the browser for reading without a connection. */
import { cache } from '../store/cache.ts';
import type { Card } from './card.ts';
import { fileIdsOf, type FileInfo, type Message, type User } from './message.ts';

export interface Kept {
  dialogId: string;
  /** When it was kept: the oldest go first. */
  at: number;
  card: Card;
  messages: Message[];
  files: FileInfo[];
  users: User[];
}

/** Messages of a dialog, and dialogs. */
const [MESSAGES, DIALOGS] = [50, 30];

/** Those that this page has kept: only one more than before can be too many. */
const lately = new Set<string>();

export const keptMessages = (dialogId: string): Promise<Kept | undefined> => cache.get<Kept>('messages', dialogId);

export function forgetMessages(dialogId: string): void {
  void cache.put('messages', dialogId, undefined);
}

export function keepMessages(dialogId: string, card: Card, all: readonly Message[], files: ReadonlyMap<number, FileInfo>, users: ReadonlyMap<number, User>): void {
  const messages = all.slice(-MESSAGES);
  const shown = messages.flatMap(fileIdsOf).flatMap((id) => files.get(id) ?? []);
  const kept: Kept = { dialogId, at: Date.now(), card, messages, files: shown, users: [...users.values()] };
  void cache.put('messages', dialogId, kept);
  if (lately.has(dialogId)) return;
  lately.add(dialogId);
  void forgetOldest();
}

async function forgetOldest(): Promise<void> {
  const all = await cache.all<Kept>('messages');
  for (const { dialogId } of all.toSorted((a, b) => b.at - a.at).slice(DIALOGS)) forgetMessages(dialogId);
}
