/** One file on its way to the server: to the address that it gives, with progress, and taken back while it is. */
import { ApiError, call } from '../../lib/api.ts';

/** The server will not have the file, however often it comes. */
export class Refused extends Error {}

/** Files that are uploaded at the same time: a browser has few connections. */
const AT_ONCE = 3;
/** What says nothing of the file. */
const PASSING = ['NETWORK', 'SESSION', 'QUERY_LIMIT_EXCEEDED', 'OPERATION_TIME_LIMIT'];

let free = AT_ONCE;
const waiting: Array<() => void> = [];

/** @param progress told from 0 to 1 @returns the file's id @throws Refused; anything else may pass */
export async function transfer(dialogId: string, name: string, blob: Blob, progress: (part: number) => void, signal: AbortSignal): Promise<number> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await post(await addressFor(dialogId, signal), name, blob, progress, signal);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

interface Address {
  field: string;
  uploadUrl: string;
}

async function addressFor(dialogId: string, signal: AbortSignal): Promise<Address> {
  try {
    const { ID: id } = await call<{ ID: number }>('im.disk.folder.get', { DIALOG_ID: dialogId }, { signal });
    return await call<Address>('disk.folder.uploadFile', { id, generateUniqueName: 'Y' }, { signal });
  } catch (error) {
    throw error instanceof ApiError && error.status < 500 && !PASSING.includes(error.code) ? new Refused(error.message) : error;
  }
}

function post({ field, uploadUrl }: Address, name: string, blob: Blob, progress: (part: number) => void, signal: AbortSignal): Promise<number> {
  const form = new FormData();
  form.append(field, blob, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', ownAddress(uploadUrl));
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const id = Number((request.response as { result?: { ID?: unknown } } | null)?.result?.ID);
      if (request.status < 300 && id > 0) resolve(id);
      else reject(new (request.status >= 400 && request.status < 500 ? Refused : Error)(`HTTP ${request.status}`));
    };
    request.onerror = request.onabort = () => reject(new Error('no connection'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}

/** Behind a proxy the server may name itself otherwise than the page knows it. */
function ownAddress(given: string): string {
  const { pathname, search } = new URL(given, location.href);
  return pathname + search;
}
