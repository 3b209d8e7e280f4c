/** What can be done with a row: shown at once, taken back when the server refuses. */
import { call } from '../../lib/api.ts';
import { change, peekRow, remove } from '../store/chats.ts';
import type { Row } from '../store/row.ts';
import { toast } from '../store/toast.ts';
import { lift } from './settle.ts';
import { t } from './words.ts';

async function act(id: string, fields: Partial<Row>, method: string, params: object, refusal = t('failed')): Promise<boolean> {
  const before = peekRow(id);
  if (!before) return false;
  change(id, fields);
  const done = await call<boolean>(method, { DIALOG_ID: id, ...params }).catch(() => false);
  if (done === false) {
    const changed = Object.keys(fields) as Array<keyof Row>;
    change(id, Object.fromEntries(changed.map((key) => [key, before[key]])));
    toast(refusal, { kind: 'bad' });
  }
  return done !== false;
}

export function pin(id: string): void {
  const isPinned = peekRow(id)?.pinned ?? false;
  void act(id, { pinned: !isPinned }, 'im.recent.pin', { PIN: isPinned ? 'N' : 'Y' }, isPinned ? t('failed') : t('pinsFull'));
  lift(id);
}

export function mute(id: string): void {
  const isMuted = peekRow(id)?.muted ?? false;
  void act(id, { muted: !isMuted }, 'im.chat.mute', { MUTE: isMuted ? 'N' : 'Y' });
}

/** Reading takes the mark away as well. */
export function markRead(id: string): void {
  void act(id, { unread: false, counter: 0 }, 'im.recent.unread', { ACTION: 'N' });
}

export function markUnread(id: string): void {
  void act(id, { unread: true }, 'im.recent.unread', { ACTION: 'Y' });
}

export async function hide(id: string): Promise<void> {
  const row = peekRow(id);
  if (!row) return;
  try {
    await call('im.recent.hide', { DIALOG_ID: id });
    remove(id);
    toast(t('hidden', { name: row.title }));
  } catch {
    toast(t('failed'), { kind: 'bad' });
  }
}
