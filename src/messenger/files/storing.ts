/** How content becomes a file: its bytes are kept first, then what refers to them is written. Bytes that nothing refers to are collected. */
import { Readable } from 'node:stream';
import type { BlobName, Blobs, StoredBlob } from '../../blobs/blobs.ts';
import { BlobTooLarge } from '../../blobs/blobs.ts';
import { type Looks, looksOf } from '../../blobs/looks.ts';
import { claiming } from './collecting.ts';
import type { WriteSession } from '../../db/database.ts';
import { type DiskObject, insertObject, namesTaken, type NewDiskObject, readUsage } from '../../db/stores/disk-store.ts';
import { lockPortal } from '../../db/stores/portal-store.ts';
import { done, type Outcome, refused } from '../../base/outcome.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Messenger } from '../messenger.ts';
import { randomText } from '../../base/secrets.ts';

/** Where the bytes of files lie, for whoever only passes it on. */
export type FileStore = Blobs;

/** Content on its way in. */
export interface Incoming {
  name: string;
  /** May be read once. What it fails with goes to whoever sends it. */
  bytes: AsyncIterable<Uint8Array>;
  /** Bytes that it may have at most, where that is less than what the portal allows. */
  most?: number;
}

/** Content that is kept. */
export interface Stored extends StoredBlob, Omit<Looks, 'preview'> {
  fileName: string;
  /** Of its preview; empty where there is none. */
  preview: BlobName;
}

/** It is larger than a file may be, or there is no room for it. */
export type StoreRefusal = 'too_large' | 'no_room';

/** Longest name, in UTF-16 units: file systems take no longer ones. */
const LONGEST_NAME = 255;

/** Keeps the bytes, as far as the portal's limits allow now. */
export async function store(m: Messenger, blobs: Blobs, viewer: Viewer, { name, bytes, most = Infinity }: Incoming): Promise<Outcome<Stored, StoreRefusal>> {
  const largest = Math.min((await m.settings()).fileLimits.file, most);
  const room = await roomFor(m, viewer);
  try {
    const claim = claiming(m.db, m.clock);
    const blob = await blobs.put(bytes, Math.min(largest, room), claim);
    const { preview, ...looks } = await looksOf(blobs, blob);
    const small = preview.length > 0 ? (await blobs.put(Readable.from([preview]), Infinity, claim)).name : '';
    return done({ ...blob, ...looks, preview: small, fileName: name });
  } catch (error) {
    if (error instanceof BlobTooLarge) return refused(room < largest ? 'no_room' : 'too_large');
    throw error;
  }
}

/** Bytes that somebody may still upload. */
async function roomFor(m: Messenger, { userId }: Viewer): Promise<number> {
  const { fileLimits: { user, portal } } = await m.settings();
  if (user === Infinity && portal === Infinity) return Infinity;
  const { own, all } = await m.db.read((s) => readUsage(s, userId));
  return Math.max(0, Math.min(user - own, portal - all));
}

/** What keeps the files of one user, or all of them, within their limits. */
export interface Room {
  user: number;
  portal: number;
}

/** Call it before any other lock is taken: where there is a limit for all, uploads of all take turns. */
export async function holdRoom(s: WriteSession, { portal }: Room): Promise<void> {
  if (portal !== Infinity) await lockPortal(s);
}

/** Whether all that the user has uploaded, what was just written included, is within the limits. The caller's unit leaves nothing where not. */
export async function isWithin(s: WriteSession, { user, portal }: Room, userId: number): Promise<boolean> {
  if (user === Infinity && portal === Infinity) return true;
  const { own, all } = await readUsage(s, userId);
  return own <= user && all <= portal;
}

/** Writes a file into a folder; the caller has locked it where names count. */
export async function insertFile(s: WriteSession, m: Messenger, viewer: Viewer, folder: DiskObject, stored: Stored): Promise<DiskObject> {
  const at = m.stamp();
  const { name: blob, size, type, width, height, preview, fileName } = stored;
  const file: NewDiskObject = {
    ...within(folder), kind: 'file', name: fileName, blob, size, type, width, height, preview, shared: 0, created_by: viewer.userId, created_at: at, updated_at: at,
  };
  return { ...file, id: await insertObject(s, file) };
}

/** Where something lies that lies in a folder. */
export function within({ id, storage_id, owner_kind, owner_id }: DiskObject) {
  return { storage_id: storage_id || id, parent_id: id, owner_kind, owner_id };
}

/** How many numbers are tried before something random takes their place. */
const NUMBERS = 20;

/** The name itself, or one like `report (1).pdf` where it is taken. The caller has locked the folder. */
export async function freeName(s: WriteSession, folderId: number, name: string): Promise<string> {
  const [, stem = name, extension = ''] = /^(.+?)(\.[^.]{1,20})?$/s.exec(name) ?? [];
  const numbered = (mark: number | string) => `${stem.slice(0, LONGEST_NAME - extension.length - 16)} (${mark})${extension}`;
  const candidates = [name, ...Array.from({ length: NUMBERS }, (_, at) => numbered(at + 1))];
  const taken = await namesTaken(s, folderId, candidates);
  return candidates.find((candidate) => !taken.has(candidate)) ?? numbered(randomText(10));
}

/**
 * What may be a name: no path, and nothing that hides what it is. Undefined for what is none.
 */
export function toFileName(given: string): string | undefined {
  const name = given.split(/[/\\]/).at(-1)!.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '').trim();
  return name === '' || name === '.' || name === '..' || name.length > LONGEST_NAME ? undefined : name;
}
