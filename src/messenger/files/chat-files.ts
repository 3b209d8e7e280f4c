/** Files that go into a chat and out of it. */
import type { Blobs } from '../../blobs/blobs.ts';
import type { WriteSession } from '../../db/database.ts';
import { type DiskObject, ensureRoot, findObject, findRoot } from '../../db/stores/disk-store.ts';
import { isShown } from '../../db/stores/message-file-store.ts';
import { findUser, type UserRow } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { type DialogRef, openDialog } from '../access/dialogs.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { type Entry, type EntryRefusal, enterToWrite, postInto, whatBars } from '../posting/entering.ts';
import { type Brought, bringFiles, filesParam, showFiles } from '../posting/message-files.ts';
import { privateChat } from '../posting/posting.ts';
import { storedText } from '../views/markup.ts';
import { holdRoom, type Incoming, insertFile, isWithin, store, type StoreRefusal } from './storing.ts';

/** A message that shows files, as it has just been sent. */
export interface SentFiles {
  chatId: number;
  messageId: number;
  files: Brought[];
  sender: UserRow;
}

/** Keeps a file and sends it into a chat. Rights are looked at before its bytes are taken and again when it is sent. */
export async function sendFile(
  m: Messenger, blobs: Blobs, sender: Viewer, ref: DialogRef, incoming: Incoming, text: string,
): Promise<Outcome<SentFiles, EntryRefusal | StoreRefusal>> {
  const { fileLimits } = await m.settings();
  const bar = await m.db.read((s) => whatBars(s, sender, ref));
  if (bar) return refused(bar);
  const stored = await store(m, blobs, sender, incoming);
  if (!stored.ok) return stored;
  return m.db.write(async (s) => {
    await holdRoom(s, fileLimits);
    const entry = await enterToWrite(s, m, sender, ref);
    if (!entry.ok) return entry;
    const root = await ensureRoot(s, { kind: 'chat', id: entry.value.chat.id }, m.stamp());
    const file = await insertFile(s, m, sender, root, stored.value);
    if (!(await isWithin(s, fileLimits, sender.userId))) return refused('no_room');
    return done(await postFiles(s, m, sender, entry.value, [{ given: file.id, file }], text));
  });
}

/** Sends files that are there already. Of those that lie elsewhere the chat gets a copy. */
export async function commitFiles(
  m: Messenger, sender: Viewer, ref: DialogRef, ids: readonly number[], text: string,
): Promise<Outcome<SentFiles, EntryRefusal | 'no_file' | 'no_room'>> {
  const { fileLimits } = await m.settings();
  return m.db.write(async (s) => {
    await holdRoom(s, fileLimits);
    const entry = await enterToWrite(s, m, sender, ref);
    if (!entry.ok) return entry;
    const files = await bringFiles(s, m, sender, entry.value.chat.id, ids);
    if (!files) return refused('no_file');
    if (!(await isWithin(s, fileLimits, sender.userId))) return refused('no_room');
    return done(await postFiles(s, m, sender, entry.value, files, text));
  });
}

async function postFiles(s: WriteSession, m: Messenger, sender: Viewer, entry: Entry, files: Brought[], text: string): Promise<SentFiles> {
  const { userId } = sender;
  const messageId = await postInto(s, m, sender, entry, { authorId: userId, actorId: userId, text: storedText(text), params: filesParam(files) });
  await showFiles(s, messageId, files);
  return { chatId: entry.chat.id, messageId, files, sender: (await findUser(s, userId))! };
}

/** The folder of a chat's files, made where it is missing. Undefined without access. */
export async function chatFolder(m: Messenger, viewer: Viewer, ref: DialogRef): Promise<number | undefined> {
  const known = await m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return refused('no_access');
    return done(dialog.chat && (await findRoot(s, { kind: 'chat', id: dialog.chat.id })));
  });
  if (!known.ok) return undefined;
  if (known.value) return known.value.id;
  return m.db.write(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return undefined;
    const chat = dialog.chat ?? (await privateChat(s, m, viewer.userId, ref.id));
    return (await ensureRoot(s, { kind: 'chat', id: chat.id }, m.stamp())).id;
  });
}

/** A file of a chat that the viewer may see there. */
export function findChatFile(m: Messenger, viewer: Viewer, ref: DialogRef, fileId: number): Promise<Outcome<DiskObject, 'no_access' | 'no_file'>> {
  return m.db.read(async (s) => {
    const dialog = await openDialog(s, viewer, ref);
    if (!dialog || (ref.kind !== 'user' && !dialog.chat)) return refused('no_access');
    const { chat, member } = dialog;
    const file = await findObject(s, fileId);
    if (!chat || file?.kind !== 'file' || file.owner_kind !== 'chat' || file.owner_id !== chat.id) return refused('no_file');
    const seen = file.created_by === viewer.userId || (await isShown(s, file.id, member?.start_id ?? 0));
    return seen ? done(file) : refused('no_file');
  });
}
