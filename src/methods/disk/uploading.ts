/** Uploads into a folder: the content comes with the call, or is sent to the address that the call gives. */
import { LINK_MS, addressOf, pageLinks } from '../../messenger/file-links.ts';
import { mayUpload, uploadTo, type UploadRefusal } from '../../messenger/files/disk.ts';
import { toFileName } from '../../messenger/files/storing.ts';
import { type DiskFileView, viewDiskFile } from '../../messenger/views/disk-view.ts';
import type { Caller } from '../../base/caller.ts';
import { error } from '../../rest/method.ts';
import { flag, structure } from '../../rest/params.ts';
import { BrokenBase64, contentOf } from '../../rest/spool/content.ts';
import type { Spool } from '../../rest/spool/spool.ts';
import type { Value } from '../../rest/values.ts';
import type { AppContext } from '../app.ts';

/** Bytes of a request with a file in base64: see im.v2.File.upload. */
export const LONGEST_BODY = 150 * 2 ** 20;

export const uploadParams = {
  DATA: structure({ description: 'A map with NAME, the name of the file' }),
  FILECONTENT: structure({ description: 'A list of the name and the content in base64; without it the answer says where to send the file' }),
  RIGHTS: structure({ description: 'Without effect: the files of a chat are its members\', others their owner\'s' }),
  GENERATEUNIQUENAME: flag({ description: 'Whether a name that is taken gets a number', default: false }),
};

export const notFound = error('ERROR_NOT_FOUND', 400, 'Could not find entity with the given id');
export const accessDenied = error('ACCESS_DENIED', 403, 'Access denied');
export const nameTaken = error('DISK_OBJ_22000', 400, 'A file or folder with this name already exists');

export const uploadErrors = {
  ERROR_NOT_FOUND: notFound,
  ACCESS_DENIED: accessDenied,
  NAME_MISSING: error('DISK_BASE_SERVICE_22001', 400, 'Error: required parameter NAME (DISK_BASE_SERVICE_22001)'),
  NAME_TAKEN: nameTaken,
  BROKEN: error('ERROR_COULD_NOT_SAVE_FILE', 400, 'Could not save file: its content is not base64'),
  TOO_LARGE: error('ERROR_COULD_NOT_SAVE_FILE', 400, 'Could not save file: it is larger than a file may be'),
  NO_ROOM: error('ERROR_COULD_NOT_SAVE_FILE', 400, 'Could not save file: the limit of the portal or of the user has been reached'),
};

const REASONS: Readonly<Record<UploadRefusal, keyof typeof uploadErrors>> = {
  not_found: 'ERROR_NOT_FOUND', not_allowed: 'ACCESS_DENIED', too_large: 'TOO_LARGE', no_room: 'NO_ROOM', name_taken: 'NAME_TAKEN',
};

export interface UploadCall {
  context: AppContext;
  caller: Caller;
  origin: string;
  spools: ReadonlyMap<string, Spool>;
  params: { DATA: Value | undefined; FILECONTENT: Value | undefined; GENERATEUNIQUENAME: boolean };
  fail: (name: keyof typeof uploadErrors) => never;
}

/** Where to send a file, and in which field. */
export interface UploadAddress {
  field: string;
  uploadUrl: string;
}

/** Says where the file is to be sent. */
export async function uploadAddress({ context: { messenger }, caller, origin, params, fail }: UploadCall, folderId: number): Promise<UploadAddress> {
  const folder = await mayUpload(messenger, caller, folderId);
  if (!folder.ok) return fail(REASONS[folder.reason]);
  const { linkSecret } = await messenger.settings();
  const until = messenger.clock.now() + LINK_MS.upload;
  const pass = { purpose: 'upload', id: folderId, userId: caller.userId, until, numbered: params.GENERATEUNIQUENAME } as const;
  return { field: 'file', uploadUrl: addressOf(origin, linkSecret, pass) };
}

/** Keeps the content that came with the call. */
export async function uploadContent(call: UploadCall, folderId: number): Promise<DiskFileView> {
  const { context: { messenger, blobs }, caller, origin, spools, params, fail } = call;
  const { name, content } = contentIn(params);
  const fileName = toFileName(name) ?? fail('NAME_MISSING');
  const upload = { folderId, name: fileName, bytes: contentOf(content, spools), numbered: params.GENERATEUNIQUENAME };
  const outcome = await uploadTo(messenger, blobs, caller, upload).catch((thrown: unknown) => {
    if (thrown instanceof BrokenBase64) return fail('BROKEN');
    throw thrown;
  });
  if (!outcome.ok) return fail(REASONS[outcome.reason]);
  const { zone, linkSecret } = await messenger.settings();
  return viewDiskFile(outcome.value, zone, pageLinks(origin, linkSecret, caller.userId, messenger.clock.now()), true);
}

/** The name in DATA goes before the one beside the content; a list may be a map with numeric keys. */
function contentIn({ DATA, FILECONTENT }: UploadCall['params']): { name: string; content: string } {
  const data = typeof DATA === 'object' && DATA !== null && !Array.isArray(DATA) ? DATA['NAME'] : undefined;
  const [beside, content] = typeof FILECONTENT === 'object' && FILECONTENT !== null ? Object.values(FILECONTENT) : [undefined, FILECONTENT];
  return { name: textOf(data) || textOf(beside), content: textOf(content) };
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
