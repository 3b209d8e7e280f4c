/** Who is writing in which chat. The server says it every few seconds as long as they do. */
import { signal } from '@preact/signals';
import { Keyed } from '../../lib/keyed.ts';
import { onEvent } from './events.ts';

export interface Writer {
  userId: number;
  name: string;
  voice: boolean;
  until: number;
}

const LASTS_MS = 10_000;
const writers = new Keyed<string, readonly Writer[]>();
const NOBODY = signal<readonly Writer[] | undefined>(undefined);

export const typingIn = (dialogId: string) => (dialogId === '' ? NOBODY : writers.signal(dialogId));

onEvent('writing', ({ dialog_id: id, user_id: userId, user_name: name, action }) => {
  const others = (writers.get(id) ?? []).filter((writer) => writer.userId !== userId);
  writers.set(id, [...others, { userId, name, voice: action === 'voice', until: Date.now() + LASTS_MS }]);
  setTimeout(() => expire(id), LASTS_MS + 50);
});
/** Who has sent something is done. */
onEvent('message', ({ dialog_id: id, action, message }) => {
  const known = writers.get(id);
  if (action === 'added' && known) keepOnly(id, known.filter((writer) => writer.userId !== message.author_id));
});

function expire(id: string): void {
  const now = Date.now();
  keepOnly(id, (writers.get(id) ?? []).filter((writer) => writer.until > now));
}

function keepOnly(id: string, left: readonly Writer[]): void {
  if (left.length === 0) writers.delete(id);
  else if (left.length < (writers.get(id)?.length ?? 0)) writers.set(id, left);
}
