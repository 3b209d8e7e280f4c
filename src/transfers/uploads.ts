/** Takes files of any size, in a form, from whoever has an address to send them to. */
import type { FastifyRequest } from 'fastify';
import type { DiskObject } from '../db/stores/disk-store.ts';
import { pageLinks } from '../messenger/file-links.ts';
import { findViewer, uploadTo, type UploadRefusal } from '../messenger/files/disk.ts';
import { toFileName } from '../messenger/files/storing.ts';
import { viewDiskFile } from '../messenger/views/disk-view.ts';
import type { Outcome } from '../base/outcome.ts';
import { type RestResponse, successResponse, timeJson } from '../rest/envelope.ts';
import { originOf } from '../rest/incoming.ts';
import { error, MethodError } from '../rest/method.ts';
import { eachPart, type Part } from '../rest/multipart.ts';
import { arrivingBody } from '../rest/net/long-requests.ts';
import { toPolicy } from '../portal/policy.ts';
import { invalidMultipart } from '../rest/request-error.ts';
import { admitted, type Transfers } from './gate.ts';

const REFUSALS = {
  not_found: error('ERROR_NOT_FOUND', 400, 'Could not find entity with the given id'),
  not_allowed: error('ACCESS_DENIED', 403, 'Access denied'),
  too_large: error('ERROR_COULD_NOT_SAVE_FILE', 400, 'Could not save file: it is larger than a file may be'),
  no_room: error('ERROR_COULD_NOT_SAVE_FILE', 400, 'Could not save file: the limit of the portal or of the user has been reached'),
  name_taken: error('DISK_OBJ_22000', 400, 'A file or folder with this name already exists'),
} as const satisfies Record<UploadRefusal, ReturnType<typeof error>>;

const FIELD = 'file';

/** @throws MethodError, RequestError, and what the request breaks off with */
export async function takeUpload(transfers: Transfers, token: string, request: FastifyRequest): Promise<RestResponse> {
  const { messenger, blobs } = transfers;
  const started = messenger.clock.now();
  const pass = await admitted(transfers, request, token, ['upload']);
  const viewer = (await findViewer(messenger, pass.userId)) ?? refuse('not_allowed');
  let outcome: Outcome<DiskObject, UploadRefusal> | undefined;
  await eachPart(request.headers['content-type'] ?? '', arrivingBody(request.raw), async (part) => {
    const name = outcome || part.name !== FIELD ? undefined : nameOf(part);
    if (name === undefined) return passOver(part);
    outcome = await uploadTo(messenger, blobs, viewer, { folderId: pass.id, name, bytes: part.content, numbered: pass.numbered === true });
    if (!outcome.ok) refuse(outcome.reason);
  });
  if (!outcome?.ok) throw invalidMultipart(`it has no file in the field ${FIELD}`);
  return answer(transfers, outcome.value, pass.userId, started, request);
}

function refuse(reason: UploadRefusal): never {
  throw new MethodError(REFUSALS[reason]);
}

function nameOf({ fileName }: Part): string | undefined {
  return fileName === undefined ? undefined : toFileName(fileName);
}

async function answer({ messenger }: Transfers, file: DiskObject, userId: number, started: number, request: FastifyRequest): Promise<RestResponse> {
  const { zone, linkSecret, values } = await messenger.settings();
  const links = pageLinks(toPolicy(values).url || originOf(request), linkSecret, userId, started);
  const duration = messenger.clock.now() - started;
  const operating = { seconds: 0, resetAt: Math.ceil(started / 1000) + 600 };
  const time = timeJson({ start: started, duration, processing: duration, operating }, (ms) => zone.atom(ms));
  return successResponse({ result: [JSON.stringify(viewDiskFile(file, zone, links, true))], next: undefined, total: undefined, time });
}

async function passOver({ content }: Part): Promise<void> {
  for await (const _piece of content);
}
