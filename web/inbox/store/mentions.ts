/** Unread mentions of the user, by chat, as far as this browser has seen them come: the server keeps no count. */
import { userId } from '../../lib/told.ts';
import { Keyed } from '../../lib/keyed.ts';
import { cache } from './cache.ts';
import { peekRow } from './chats.ts';
import { onEvent } from './events.ts';

const mentions = new Keyed<string, readonly number[]>();
/** Whoever is named, or everybody. */
const OWN = new RegExp(`\\[USER=(?:${userId}|all)(?: REPLACE)?\\]`, 'i');

export const mentionsIn = (dialogId: string) => mentions.signal(dialogId);

onEvent('message', ({ dialog_id: id, action, message }) => {
  const known = mentions.get(id) ?? [];
  const names = action !== 'erased' && action !== 'deleted' && message.author_id !== userId && OWN.test(message.text ?? '');
  if (names && !known.includes(message.id) && message.id > (peekRow(id)?.lastId ?? 0)) set(id, [...known, message.id]);
  else if (!names && known.includes(message.id)) set(id, known.filter((each) => each !== message.id));
});
onEvent('list', ({ items }) => {
  for (const { id, last_id: read, counter } of items) {
    const known = mentions.get(String(id));
    if (known) set(String(id), counter === 0 ? [] : known.filter((each) => each > read));
  }
});

function set(id: string, messages: readonly number[]): void {
  if (messages.length === 0) mentions.delete(id);
  else mentions.set(id, messages);
  void cache.put('meta', `mentions ${id}`, messages.length > 0 ? messages : undefined);
}

export async function restoreMentions(ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const kept = await cache.get<number[]>('meta', `mentions ${id}`);
    const unread = (kept ?? []).filter((each) => each > (peekRow(id)?.lastId ?? 0));
    if (unread.length > 0 && !mentions.get(id)) mentions.set(id, unread);
  }
}
