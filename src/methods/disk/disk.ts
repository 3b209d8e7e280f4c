/** As much of the Drive as chats use. */
import { z } from 'zod';
import { addressOf, pageLinks } from '../../messenger/file-links.ts';
import { addFolder, findFile, listFolder, ownStorage, shareFile } from '../../messenger/files/disk.ts';
import { deleteFile } from '../../messenger/files/removing.ts';
import { toFileName } from '../../messenger/files/storing.ts';
import { diskFileShape, diskFolderShape, storageShape, viewDiskFile, viewDiskFolder, viewStorage } from '../../messenger/views/disk-view.ts';
import { Paged } from '../../rest/method.ts';
import { id, structure } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';
import { filterMap } from '../lists.ts';
import { pageOfFolder } from './listing.ts';
import { accessDenied, LONGEST_BODY, nameTaken, notFound, uploadAddress, uploadContent, uploadErrors, uploadParams } from './uploading.ts';

const folderId = id({ description: 'Number of the folder' });
const fileId = id({ description: 'Number of the file' });
const objectErrors = { ERROR_NOT_FOUND: notFound, ACCESS_DENIED: accessDenied };
const REASONS = { not_found: 'ERROR_NOT_FOUND', not_allowed: 'ACCESS_DENIED' } as const;

const uploadResult = z.union([
  diskFileShape,
  z.strictObject({ field: z.string().describe('Name of the form field'), uploadUrl: z.string().describe('Where to send the form with the file, within an hour') }),
]);

const folderUpload = defineMethod({
  name: 'disk.folder.uploadFile',
  scope: 'disk',
  summary: 'Puts a file into a folder, or says where to send it: any size may be sent there',
  params: { ID: folderId, ...uploadParams },
  example: { ID: 21, DATA: { NAME: 'report.txt' }, FILECONTENT: ['report.txt', 'SGVsbG8='] },
  longBody: LONGEST_BODY,
  result: uploadResult,
  errors: uploadErrors,
  run: (call) => (call.params.FILECONTENT === undefined ? uploadAddress(call, call.params.ID) : uploadContent(call, call.params.ID)),
});

const storageUpload = defineMethod({
  name: 'disk.storage.uploadFile',
  scope: 'disk',
  summary: 'Puts a file into the root folder of a storage, or says where to send it',
  params: { ID: id({ description: 'Number of the storage' }), ...uploadParams },
  example: { ID: 21, DATA: { NAME: 'report.txt' }, FILECONTENT: ['report.txt', 'SGVsbG8='] },
  longBody: LONGEST_BODY,
  result: uploadResult,
  errors: uploadErrors,
  run: (call) => (call.params.FILECONTENT === undefined ? uploadAddress(call, call.params.ID) : uploadContent(call, call.params.ID)),
});

const getChildren = defineMethod({
  name: 'disk.folder.getChildren',
  scope: 'disk',
  summary: 'What lies in a folder, as far as the caller may see it: fifty objects a page',
  params: {
    ID: folderId,
    FILTER: structure({ description: 'A map of NAME, TYPE (file or folder), ID or CREATED_BY with the value that is wanted' }),
    ORDER: structure({ description: 'A map with ID, NAME, CREATE_TIME, UPDATE_TIME or SIZE and ASC or DESC; by ID unless given' }),
  },
  example: { ID: 21 },
  result: z.array(z.union([diskFileShape, diskFolderShape])),
  errors: objectErrors,
  async run({ context: { messenger }, caller, params, start, fail, origin }) {
    const { next, ...page } = pageOfFolder(params.ORDER, params.FILTER, start);
    const listed = await listFolder(messenger, caller, params.ID, page);
    if (!listed.ok) return fail(REASONS[listed.reason]);
    const { zone, linkSecret } = await messenger.settings();
    const links = pageLinks(origin, linkSecret, caller.userId, messenger.clock.now());
    const { objects, total } = listed.value;
    const views = objects.map((object) => (object.kind === 'file' ? viewDiskFile(object, zone, links, false) : viewDiskFolder(object, zone, false)));
    return new Paged(views, { total, next: next(total) });
  },
});

const addSubfolder = defineMethod({
  name: 'disk.folder.addSubfolder',
  scope: 'disk',
  summary: 'Makes a folder in another one',
  params: { ID: folderId, DATA: structure({ description: 'A map with NAME, the name of the folder' }) },
  example: { ID: 21, DATA: { NAME: 'Reports' } },
  result: diskFolderShape,
  errors: { ...objectErrors, DISK_OBJ_22000: nameTaken },
  async run({ context: { messenger }, caller, params, fail }) {
    const outcome = await addFolder(messenger, caller, params.ID, folderName(params.DATA));
    if (!outcome.ok) return fail(outcome.reason === 'name_taken' ? 'DISK_OBJ_22000' : REASONS[outcome.reason]);
    return viewDiskFolder(outcome.value, (await messenger.settings()).zone, true);
  },
});

/** @throws RequestError */
function folderName(data: Value | undefined): string {
  const given = typeof data === 'object' && data !== null && !Array.isArray(data) ? data['NAME'] : undefined;
  const name = typeof given === 'string' || typeof given === 'number' ? toFileName(String(given)) : undefined;
  if (name === undefined) throw argumentError('DATA', 'must be a map with NAME, a name of 1 to 255 characters');
  return name;
}

const storageList = defineMethod({
  name: 'disk.storage.getList',
  scope: 'disk',
  summary: 'The storages of the caller\'s own: there is one',
  params: {
    FILTER: structure({ description: 'A map of ID, ENTITY_TYPE or ENTITY_ID with the value that is wanted' }),
    ORDER: structure({ description: 'Without effect on a list of one' }),
  },
  result: z.array(storageShape),
  errors: {},
  async run({ context: { messenger }, caller, params }) {
    const { root, name } = await ownStorage(messenger, caller);
    const storage = viewStorage(root, name);
    const wanted = Object.entries(filterMap(params.FILTER)).every(([key, value]) => {
      const field = key.replace(/^=/, '').toUpperCase();
      if (field !== 'ID' && field !== 'ENTITY_TYPE' && field !== 'ENTITY_ID') throw argumentError('FILTER', 'names something else than ID, ENTITY_TYPE and ENTITY_ID');
      return storage[field] === String(value);
    });
    const found = wanted ? [storage] : [];
    return new Paged(found, { total: found.length });
  },
});

const fileGet = defineMethod({
  name: 'disk.file.get',
  scope: 'disk',
  summary: 'A file',
  params: { ID: fileId },
  example: { ID: 12 },
  result: diskFileShape,
  errors: objectErrors,
  async run({ context: { messenger }, caller, params, fail, origin }) {
    const file = await findFile(messenger, caller, params.ID);
    if (!file.ok) return fail(REASONS[file.reason]);
    const { zone, linkSecret } = await messenger.settings();
    return viewDiskFile(file.value, zone, pageLinks(origin, linkSecret, caller.userId, messenger.clock.now()), false);
  },
});

const fileDelete = defineMethod({
  name: 'disk.file.delete',
  scope: 'disk',
  summary: 'Deletes a file for good; it leaves the messages that show it',
  params: { ID: fileId },
  example: { ID: 12 },
  result: z.literal(true),
  errors: objectErrors,
  async run({ context, caller, params, fail }) {
    const outcome = await deleteFile(context.messenger, caller, params.ID);
    return outcome.ok ? outcome.value : fail(REASONS[outcome.reason]);
  },
});

const getExternalLink = defineMethod({
  name: 'disk.file.getExternalLink',
  scope: 'disk',
  summary: 'A link at which anybody may fetch a file for as long as it is there',
  params: { ID: fileId },
  example: { ID: 12 },
  result: z.string(),
  errors: objectErrors,
  async run({ context: { messenger }, caller, params, fail, origin }) {
    const file = await shareFile(messenger, caller, params.ID);
    if (!file.ok) return fail(REASONS[file.reason]);
    const { linkSecret } = await messenger.settings();
    return addressOf(origin, linkSecret, { purpose: 'download', id: params.ID, userId: 0, until: 0 });
  },
});

export const diskMethods = [storageList, storageUpload, getChildren, addSubfolder, folderUpload, fileGet, fileDelete, getExternalLink];
