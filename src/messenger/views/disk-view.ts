import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { DiskObject } from '../../db/stores/disk-store.ts';
import type { FileLinks } from './file-view.ts';
import { atom, int } from './scalars.ts';

const number = z.union([int, z.string().regex(/^\d+$/)]);

const common = {
  ID: number.describe('Number of the object: a number where it was just made, else a text of digits'),
  NAME: z.string().describe('Name'),
  CODE: z.null().describe('Always null here'),
  STORAGE_ID: z.string().describe('Number of the storage'),
};
const lifetime = {
  PARENT_ID: z.string().describe('Number of the folder in which it lies'),
  DELETED_TYPE: number.describe('Always 0: there is no recycle bin'),
};
const history = {
  CREATE_TIME: atom.describe('When it was made'),
  UPDATE_TIME: atom.describe('When it was changed last'),
  DELETE_TIME: z.null().describe('Always null here'),
  CREATED_BY: z.string().describe('Who made it'),
  UPDATED_BY: z.string().describe('The same'),
  DELETED_BY: z.string().nullable().describe('Always 0, or null where it was just made'),
};

/** A file as the disk.* pages show it. */
export const diskFileShape = z.strictObject({
  ...common,
  TYPE: z.literal('file'),
  ...lifetime,
  GLOBAL_CONTENT_VERSION: number.describe('Always 1: a file never changes'),
  FILE_ID: number.describe('The same as ID'),
  SIZE: z.string().describe('Bytes'),
  ...history,
  DOWNLOAD_URL: z.string().describe('Address to fetch it, good for an hour at least'),
  DETAIL_URL: z.string().describe('The same'),
}).meta({ id: 'DiskFile' });

/** A folder as the disk.* pages show it. */
export const diskFolderShape = z.strictObject({
  ...common,
  TYPE: z.literal('folder'),
  REAL_OBJECT_ID: number.describe('The same as ID'),
  ...lifetime,
  ...history,
  DETAIL_URL: z.string().describe('Always empty here'),
}).meta({ id: 'DiskFolder' });

export type DiskFileView = z.infer<typeof diskFileShape>;
export type DiskFolderView = z.infer<typeof diskFolderShape>;

/** What the answers to the call that made an object spell as numbers, others spell as texts. */
const spelling = (fresh: boolean) => (value: number) => (fresh ? value : String(value));

function viewCommon(object: DiskObject, fresh: boolean) {
  const spell = spelling(fresh);
  return { ID: spell(object.id), NAME: object.name, CODE: null, STORAGE_ID: String(object.storage_id || object.id) };
}

function viewHistory({ created_at, updated_at, created_by }: DiskObject, zone: Zone, fresh: boolean) {
  const by = String(created_by);
  return { CREATE_TIME: zone.atom(created_at), UPDATE_TIME: zone.atom(updated_at), DELETE_TIME: null, CREATED_BY: by, UPDATED_BY: by, DELETED_BY: fresh ? null : '0' };
}

/** @param fresh whether it has just been made */
export function viewDiskFile(file: DiskObject, zone: Zone, links: FileLinks, fresh: boolean): DiskFileView {
  const spell = spelling(fresh);
  const address = links.of('download', file.id);
  return {
    ...viewCommon(file, fresh),
    TYPE: 'file',
    PARENT_ID: String(file.parent_id),
    DELETED_TYPE: spell(0),
    GLOBAL_CONTENT_VERSION: spell(1),
    FILE_ID: spell(file.id),
    SIZE: String(file.size),
    ...viewHistory(file, zone, fresh),
    DOWNLOAD_URL: address,
    DETAIL_URL: address,
  };
}

/** @param fresh whether it has just been made */
export function viewDiskFolder(folder: DiskObject, zone: Zone, fresh: boolean): DiskFolderView {
  const spell = spelling(fresh);
  return {
    ...viewCommon(folder, fresh),
    TYPE: 'folder',
    REAL_OBJECT_ID: spell(folder.id),
    PARENT_ID: String(folder.parent_id),
    DELETED_TYPE: spell(0),
    ...viewHistory(folder, zone, fresh),
    DETAIL_URL: '',
  };
}

/** A storage as the page disk.storage.getList shows it. */
export const storageShape = z.strictObject({
  ID: z.string().describe('Number of the storage'),
  NAME: z.string().describe('Name of its owner'),
  CODE: z.null().describe('Always null here'),
  MODULE_ID: z.literal('disk'),
  ENTITY_TYPE: z.literal('user').describe('Whose it is'),
  ENTITY_ID: z.string().describe('Number of its owner'),
  ROOT_OBJECT_ID: z.string().describe('Number of its root folder'),
}).meta({ id: 'DiskStorage' });

export type StorageView = z.infer<typeof storageShape>;

export function viewStorage({ id, owner_id }: DiskObject, name: string): StorageView {
  return { ID: String(id), NAME: name, CODE: null, MODULE_ID: 'disk', ENTITY_TYPE: 'user', ENTITY_ID: String(owner_id), ROOT_OBJECT_ID: String(id) };
}

/** The model of a file (page im.disk.file.commit). */
export const fileModelShape = z.strictObject({
  id: int, name: z.string(), createTime: atom, updateTime: atom, deleteTime: z.null(), code: z.null(), xmlId: z.null(), storageId: int, realObjectId: int, parentId: int,
  deletedType: z.literal(0), createdBy: z.string(), updatedBy: z.string(), deletedBy: z.literal('0'), uniqueCode: z.string(), typeFile: int, globalContentVersion: z.literal(1),
  fileId: int, size: int, etag: z.string(), links: z.strictObject({ download: z.string(), showInGrid: z.string(), preview: z.string() }),
}).meta({ id: 'FileModel' });

export type FileModel = z.infer<typeof fileModelShape>;

/** Numbers for what a file is: pictures and films, else unknown. */
const TYPE_NUMBERS: Readonly<Record<string, number>> = { image: 2, video: 3, audio: 8 };

export function viewFileModel(file: DiskObject, zone: Zone, links: FileLinks): FileModel {
  const by = String(file.created_by);
  const [family = ''] = file.type.split('/');
  return {
    id: file.id, name: file.name, createTime: zone.atom(file.created_at), updateTime: zone.atom(file.updated_at), deleteTime: null, code: null, xmlId: null,
    storageId: file.storage_id, realObjectId: file.id, parentId: file.parent_id, deletedType: 0, createdBy: by, updatedBy: by, deletedBy: '0',
    uniqueCode: createHash('sha256').update(`${file.id} ${file.blob}`).digest('base64url').slice(0, 20), typeFile: TYPE_NUMBERS[family] ?? 1, globalContentVersion: 1,
    fileId: file.id, size: file.size, etag: file.blob.slice(0, 32),
    links: { download: links.of('download', file.id), showInGrid: '', preview: family === 'image' ? links.of('preview', file.id) : '' },
  };
}
