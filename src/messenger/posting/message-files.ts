/** The files that messages show. */
import type { Session, WriteSession } from '../../db/database.ts';
import { deleteObject, type DiskObject, ensureRoot, findObjects, insertObject, lockObject } from '../../db/stores/disk-store.ts';
import { filesShownBy, linkFiles, unlinkFiles } from '../../db/stores/message-file-store.ts';
import type { MessageRow } from '../../db/stores/message-store.ts';
import type { UserRow } from '../../db/stores/user-store.ts';
import { mayReadObject } from '../access/disk.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { type FileLinks, type FileView, viewFile } from '../views/file-view.ts';
import { present, storedMap } from '../views/presenting.ts';
import { fullName } from '../views/user-view.ts';
import type { Zone } from '../../base/dates.ts';

/** The name under which a message's parameters list its files. */
const LISTED = 'FILE_ID';

/** A file for a message: the one that was named, and the one that the chat has, which is a copy where it was elsewhere. */
export interface Brought {
  given: number;
  file: DiskObject;
}

/**
 * Finds files for a message of a chat. Undefined where one of them is not there or is not the sender's to see.
 */
export async function bringFiles(s: WriteSession, m: Messenger, sender: Viewer, chatId: number, ids: readonly number[]): Promise<Brought[] | undefined> {
  const wanted = [...new Set(ids)];
  const found = new Map((await findObjects(s, wanted)).map((file) => [file.id, file]));
  const brought: Brought[] = [];
  for (const given of wanted) {
    const file = found.get(given);
    if (file?.kind !== 'file' || !(await mayReadObject(s, sender, file))) return undefined;
    const isHere = file.owner_kind === 'chat' && file.owner_id === chatId;
    // A file of the chat stays while its lock is held; another is held by its own.
    const held = isHere ? file : await lockObject(s, given);
    if (!held) return undefined;
    brought.push({ given, file: isHere ? held : await copyTo(s, m, sender, chatId, held) });
  }
  return brought;
}

/** The files of a message that is sent on, as far as they are still there. */
export async function bringForwarded(s: WriteSession, m: Messenger, sender: Viewer, chatId: number, params: Record<string, unknown>): Promise<Brought[]> {
  const listed = Array.isArray(params[LISTED]) ? params[LISTED].filter((id): id is number => Number.isSafeInteger(id)) : [];
  const brought: Brought[] = [];
  for (const id of listed) brought.push(...((await bringFiles(s, m, sender, chatId, [id])) ?? []));
  return brought;
}

/** What a message's parameters say besides its files. */
export function withoutFiles({ [LISTED]: _files, ...params }: Record<string, unknown>): Record<string, unknown> {
  return params;
}

async function copyTo(s: WriteSession, m: Messenger, sender: Viewer, chatId: number, file: DiskObject): Promise<DiskObject> {
  const at = m.stamp();
  const root = await ensureRoot(s, { kind: 'chat', id: chatId }, at);
  const { id: _id, ...rest } = file;
  const copy = {
    ...rest, storage_id: root.id, parent_id: root.id, owner_kind: 'chat', owner_id: chatId, shared: 0, created_by: sender.userId, created_at: at, updated_at: at,
  } as const;
  return { ...copy, id: await insertObject(s, copy) };
}

/** What a message that shows the files has in its parameters. */
export function filesParam(brought: readonly Brought[]): Record<string, number[]> {
  return brought.length === 0 ? {} : { [LISTED]: brought.map(({ file }) => file.id) };
}

export async function showFiles(s: WriteSession, messageId: number, brought: readonly Brought[]): Promise<void> {
  if (brought.length > 0) await linkFiles(s, messageId, brought.map(({ file }) => file.id));
}

/** After a message has gone: of its files go those that lie in its chat and that no other message shows. */
export async function dropFiles(s: WriteSession, message: MessageRow): Promise<void> {
  if (!listsFiles(message)) return;
  const files = await findObjects(s, await unlinkFiles(s, message.id));
  const own = files.filter(({ owner_kind, owner_id }) => owner_kind === 'chat' && owner_id === message.chat_id);
  // In this order, as each gives its room back to whoever uploaded it.
  for (const { id } of own.sort((a, b) => a.created_by - b.created_by)) await deleteObject(s, id);
}

/** Without a look at the store, as most messages show none. */
function listsFiles(message: Pick<MessageRow, 'params'>): boolean {
  return message.params.includes(LISTED);
}

/** What is left of a message's parameters without one of its files. */
export function paramsWithout(message: Pick<MessageRow, 'params'>, fileId: number): Record<string, unknown> {
  const { [LISTED]: listed, ...rest } = storedMap(message.params);
  const left = Array.isArray(listed) ? listed.filter((id) => id !== fileId) : [];
  return left.length > 0 ? { ...rest, [LISTED]: left } : rest;
}

/** A file that a message of a page shows. */
export type ShownFile = Awaited<ReturnType<typeof filesShownBy>>[number];

/** The files of a page of messages, in one query, and in none where no message has any. */
export async function filesOf(s: Session, rows: readonly MessageRow[]): Promise<ShownFile[]> {
  const ids = rows.filter(listsFiles).map(({ id }) => id);
  return ids.length === 0 ? [] : filesShownBy(s, ids);
}

/** Who uploaded them, as `authorsOf` asks for it. */
export function uploaders(files: readonly DiskObject[]): Array<{ author_id: number }> {
  return files.map(({ created_by }) => ({ author_id: created_by }));
}

/** Each file once. @param users those whom the viewer is told of */
export function viewFiles(m: Messenger, files: readonly DiskObject[], users: readonly UserRow[], zone: Zone, links: FileLinks): FileView[] {
  const names = new Map(users.map((user) => [user.id, fullName(user)]));
  const each = new Map(files.map((file) => [file.id, file]));
  return [...each.values()].flatMap((file) => present(m, { file: file.id }, () => viewFile(file, zone, names.get(file.created_by) ?? '', links)) ?? []);
}
