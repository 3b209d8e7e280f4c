import type { Session, WriteSession } from '../database.ts';
import { ListStatement } from '../statement.ts';
import type { DiskObject } from './disk-store.ts';

/** Notes which files a message shows, in their order. */
export async function linkFiles(s: WriteSession, messageId: number, fileIds: readonly number[]): Promise<void> {
  await s.query((q) => q.insertInto('message_file').values(fileIds.map((file_id, place) => ({ message_id: messageId, file_id, place }))));
}

/** Forgets which files a message showed. @returns those that no other message shows */
export async function unlinkFiles(s: WriteSession, messageId: number): Promise<number[]> {
  const rows = await s.query((q) => q.deleteFrom('message_file').where('message_id', '=', messageId).returning('file_id'));
  const ids = rows.map(({ file_id }) => file_id);
  if (ids.length === 0) return [];
  const shown = await s.query((q) => q.selectFrom('message_file').select('file_id').distinct().where('file_id', 'in', ids));
  return ids.filter((id) => !shown.some(({ file_id }) => file_id === id));
}

export async function unlinkFile(s: WriteSession, messageId: number, fileId: number): Promise<void> {
  await s.query((q) => q.deleteFrom('message_file').where('message_id', '=', messageId).where('file_id', '=', fileId));
}

/** The messages that show a file, by ascending id. */
export async function messagesShowing(s: Session, fileId: number): Promise<number[]> {
  const rows = await s.query((q) => q.selectFrom('message_file').select('message_id').where('file_id', '=', fileId).orderBy('message_id'));
  return rows.map(({ message_id }) => message_id);
}

const shownBy = new ListStatement((q, _p: object, ids) =>
  q
    .selectFrom('message_file as f')
    .innerJoin('disk_object as o', 'o.id', 'f.file_id')
    .selectAll('o')
    .select('f.message_id')
    .where('f.message_id', 'in', ids)
    .orderBy('f.message_id')
    .orderBy('f.place'),
);

/** The files that messages show, each with its message. */
export function filesShownBy(s: Session, messageIds: readonly number[]): Promise<Array<DiskObject & { message_id: number }>> {
  return shownBy.all(s, {}, messageIds);
}

/** Whether a message from `startId` on shows the file. */
export async function isShown(s: Session, fileId: number, startId: number): Promise<boolean> {
  const rows = await s.query((q) =>
    q.selectFrom('message_file').select('message_id').where('file_id', '=', fileId).where('message_id', '>=', startId).limit(1),
  );
  return rows.length > 0;
}
