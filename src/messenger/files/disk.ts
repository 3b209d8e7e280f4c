/** Files and folders by their ids, as the `disk.*` methods know them. */
import type { Blobs } from '../../blobs/blobs.ts';
import type { Session, WriteSession } from '../../db/database.ts';
import {
  countObjects, type DiskObject, ensureRoot, findChild, findObject, findRoot, insertObject, type Listing, listObjects, lockObject, namesTaken, updateObject,
} from '../../db/stores/disk-store.ts';
import { findUser } from '../../db/stores/user-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import { mayAddTo, mayReadObject, seenFrom } from '../access/disk.ts';
import { type Viewer, viewerOf } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { fullName } from '../views/user-view.ts';
import { freeName, holdRoom, type Incoming, insertFile, isWithin, store, type StoreRefusal, within } from './storing.ts';

export type DiskRefusal = 'not_found' | 'not_allowed';

/** The viewer's own files. */
export interface Storage {
  root: DiskObject;
  name: string;
}

/** The storages that somebody has of their own: one. Those of chats are found by the chat. */
export async function ownStorage(m: Messenger, { userId }: Viewer): Promise<Storage> {
  const found = await m.db.read(async (s) => ({ root: await findRoot(s, { kind: 'user', id: userId }), user: await findUser(s, userId) }));
  const root = found.root ?? (await m.db.write((s) => ensureRoot(s, { kind: 'user', id: userId }, m.stamp())));
  return { root, name: fullName(found.user!) };
}

/** A folder that the viewer may look into. */
export function findFolder(m: Messenger, viewer: Viewer, id: number): Promise<Outcome<DiskObject, DiskRefusal>> {
  return m.db.read((s) => readable(s, viewer, id, false));
}

/** A file that the viewer may see. */
export function findFile(m: Messenger, viewer: Viewer, id: number): Promise<Outcome<DiskObject, DiskRefusal>> {
  return m.db.read((s) => readable(s, viewer, id, true));
}

async function readable(s: Session, viewer: Viewer, id: number, file: boolean): Promise<Outcome<DiskObject, DiskRefusal>> {
  const object = await findObject(s, id);
  if (!object || (object.kind === 'file') !== file) return refused('not_found');
  return (await mayReadObject(s, viewer, object)) ? done(object) : refused('not_allowed');
}

export type Page = Pick<Listing, 'where' | 'order' | 'descending' | 'offset' | 'limit'>;

/** What lies in a folder, as far as the viewer may see it. */
export function listFolder(m: Messenger, viewer: Viewer, id: number, page: Page): Promise<Outcome<{ objects: DiskObject[]; total: number }, DiskRefusal>> {
  return m.db.read(async (s) => {
    const folder = await readable(s, viewer, id, false);
    if (!folder.ok) return folder;
    const startId = (await seenFrom(s, viewer, folder.value)) ?? 0;
    const listing = { ...page, parentId: id, startId, unshownOf: folder.value.owner_kind === 'chat' ? viewer.userId : undefined };
    const [objects, total] = await Promise.all([listObjects(s, listing), countObjects(s, listing)]);
    return done({ objects, total });
  });
}

/** A folder that the viewer may add to, locked. */
async function openToAdd(s: WriteSession, viewer: Viewer, id: number): Promise<Outcome<DiskObject, DiskRefusal>> {
  const known = await findObject(s, id);
  if (!known || known.kind === 'file') return refused('not_found');
  if (!(await mayAddTo(s, viewer, known))) return refused('not_allowed');
  const folder = await lockObject(s, id);
  return folder ? done(folder) : refused('not_found');
}

export function addFolder(m: Messenger, viewer: Viewer, parentId: number, name: string): Promise<Outcome<DiskObject, DiskRefusal | 'name_taken'>> {
  return m.db.write(async (s) => {
    const parent = await openToAdd(s, viewer, parentId);
    if (!parent.ok) return parent;
    if ((await namesTaken(s, parentId, [name])).size > 0) return refused('name_taken');
    return done(await insertFolder(s, m, viewer, parent.value, name));
  });
}

async function insertFolder(s: WriteSession, m: Messenger, { userId }: Viewer, parent: DiskObject, name: string): Promise<DiskObject> {
  const at = m.stamp();
  const folder = {
    ...within(parent), kind: 'folder', name, blob: '', size: 0, type: '', width: 0, height: 0, preview: '', shared: 0, created_by: userId, created_at: at, updated_at: at,
  } as const;
  return { ...folder, id: await insertObject(s, folder) };
}

export interface Upload extends Incoming {
  folderId: number;
  /** Whether a name that is taken gets a number. */
  numbered: boolean;
}

/** Whether one may begin to upload into a folder. */
export function mayUpload(m: Messenger, viewer: Viewer, folderId: number): Promise<Outcome<DiskObject, DiskRefusal>> {
  return m.db.read(async (s) => {
    const folder = await findObject(s, folderId);
    if (!folder || folder.kind === 'file') return refused('not_found');
    return (await mayAddTo(s, viewer, folder)) ? done(folder) : refused('not_allowed');
  });
}

export type UploadRefusal = DiskRefusal | StoreRefusal | 'name_taken';

/** Puts a file into a folder. Rights are looked at before its bytes are taken and again when it is written down. */
export async function uploadTo(m: Messenger, blobs: Blobs, viewer: Viewer, upload: Upload): Promise<Outcome<DiskObject, UploadRefusal>> {
  const { fileLimits } = await m.settings();
  const before = await mayUpload(m, viewer, upload.folderId);
  if (!before.ok) return before;
  const stored = await store(m, blobs, viewer, upload);
  if (!stored.ok) return stored;
  return m.db.write(async (s) => {
    await holdRoom(s, fileLimits);
    const folder = await openToAdd(s, viewer, upload.folderId);
    if (!folder.ok) return folder;
    const name = await nameFor(s, upload);
    if (name === undefined) return refused('name_taken');
    const file = await insertFile(s, m, viewer, folder.value, { ...stored.value, fileName: name });
    return (await isWithin(s, fileLimits, viewer.userId)) ? done(file) : refused('no_room');
  });
}

async function nameFor(s: WriteSession, { folderId, name, numbered }: Upload): Promise<string | undefined> {
  if (numbered) return freeName(s, folderId, name);
  return (await namesTaken(s, folderId, [name])).size > 0 ? undefined : name;
}

const SAVED = 'Saved Files';

/** Copies a file that the viewer may see to their own ones. */
export async function saveFile(m: Messenger, viewer: Viewer, fileId: number): Promise<Outcome<{ folder: DiskObject; file: DiskObject }, DiskRefusal | 'no_room'>> {
  const { fileLimits } = await m.settings();
  return m.db.write(async (s) => {
    await holdRoom(s, fileLimits);
    const file = await readable(s, viewer, fileId, true);
    if (!file.ok) return file;
    const root = await ensureRoot(s, { kind: 'user', id: viewer.userId }, m.stamp());
    await lockObject(s, root.id);
    const known = await findChild(s, root.id, SAVED);
    const folder = known?.kind === 'folder' ? known : await insertFolder(s, m, viewer, root, known ? await freeName(s, root.id, SAVED) : SAVED);
    // While it is held nobody takes it, and with it what refers to its bytes, away.
    const held = await lockObject(s, fileId);
    if (!held) return refused('not_found');
    const { name, blob, ...rest } = held;
    const copy = await insertFile(s, m, viewer, folder, { ...rest, name: blob, fileName: await freeName(s, folder.id, name) });
    return (await isWithin(s, fileLimits, viewer.userId)) ? done({ folder, file: copy }) : refused('no_room');
  });
}

/** Lets whoever has the file's public link have it. */
export function shareFile(m: Messenger, viewer: Viewer, fileId: number): Promise<Outcome<DiskObject, DiskRefusal>> {
  return m.db.write(async (s) => {
    const file = await readable(s, viewer, fileId, true);
    if (file.ok && file.value.shared === 0) await updateObject(s, fileId, { shared: 1 });
    return file;
  });
}

/** A file for an address that was made out to somebody, as far as they may still see it; to nobody: while it is shared. */
export function fileFor(m: Messenger, userId: number, fileId: number): Promise<DiskObject | undefined> {
  return m.db.read(async (s) => {
    const file = await findObject(s, fileId);
    if (file?.kind !== 'file') return undefined;
    if (userId === 0) return file.shared === 1 ? file : undefined;
    const viewer = await viewerIn(s, userId);
    return viewer && (await mayReadObject(s, viewer, file)) ? file : undefined;
  });
}

/** Who an address was made out to; undefined for who has been dismissed. */
export function findViewer(m: Messenger, userId: number): Promise<Viewer | undefined> {
  return m.db.read((s) => viewerIn(s, userId));
}

async function viewerIn(s: Session, userId: number): Promise<Viewer | undefined> {
  const user = await findUser(s, userId);
  return user?.active === 1 ? viewerOf(user) : undefined;
}
