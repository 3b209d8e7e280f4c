/** Events that applications fetch: written down here, read in offline-queue.ts. */
import { hash } from 'node:crypto';
import { viaOf } from '../../base/caller.ts';
import type { AppRow } from '../../db/stores/app-store.ts';
import type { WriteSession } from '../../db/database.ts';
import type { HandlerRow } from '../../db/stores/event-store.ts';
import type { JournalRow } from '../../db/stores/journal-store.ts';
import { recordOfflineEvent } from '../../db/stores/offline-store.ts';

/**
 * Writes an event down for an application, unless it has caused it itself through the same exchange.
 *
 * @returns whether it was not there yet
 */
export async function recordOffline(s: WriteSession, app: Pick<AppRow, 'id'>, handler: HandlerRow, entry: JournalRow, now: number): Promise<boolean> {
  if (entry.via === viaOf(app.id, handler.connector)) return false;
  const data = JSON.stringify(namesOf(handler.event, entry));
  return recordOfflineEvent(s, {
    app_id: app.id, connector: handler.connector, event: handler.event, message_id: hash('md5', `${handler.event}|${data}`, 'hex'), data,
    user_id: entry.actor_id, updated_at: now,
  });
}

/** What the event is about, by its ids: what is fetched later is to be read as it is then, with the rights of then. */
function namesOf(event: string, { what, chat_id: chatId, subject_id: subjectId }: JournalRow): Record<string, unknown> {
  if (what === 'user.added') return { ID: subjectId };
  if (event.startsWith('ONOPENLINE')) return { DATA: { im: { chat_id: chatId, message_id: subjectId } } };
  return what === 'chat.joined' ? { chatId, userId: subjectId } : { chatId, messageId: subjectId };
}
