/** Files on their way into a chat: sent to the address that the server gives, with progress, and taken back while they are. */
import { type Signal, signal } from '@preact/signals';
import { call } from '../../lib/api.ts';
import { toast } from '../store/toast.ts';
import { outbox } from './outgoing.ts';
import { t } from './words.ts';

export interface Upload {
  key: string;
  name: string;
  size: number;
  /** Address of a picture in this browser; empty for others. */
  preview: string;
  /** From 0 to 1. */
  progress: number;
  cancel: () => void;
}

const running = new Map<string, Signal<readonly Upload[]>>();
let serial = 0;

export function uploadsOf(dialogId: string): Signal<readonly Upload[]> {
  const known = running.get(dialogId) ?? signal<readonly Upload[]>([]);
  running.set(dialogId, known);
  return known;
}

/** Sends files with a text, as one message; those that fail or are taken back are not in it. */
export async function sendFiles(dialogId: string, files: readonly File[], text: string, replyId: number): Promise<void> {
  const uploads = files.map((file) => start(dialogId, file));
  const ids = (await Promise.all(uploads)).filter((id) => id !== undefined);
  if (ids.length > 0 || text !== '') outbox.add({ dialogId, text, replyId, fileIds: ids });
}

async function start(dialogId: string, file: File): Promise<number | undefined> {
  const aborted = new AbortController();
  const key = `upload${++serial}`;
  const list = uploadsOf(dialogId);
  const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : '';
  list.value = [...list.value, { key, name: file.name, size: file.size, preview, progress: 0, cancel: () => aborted.abort() }];
  const set = (progress: number) => {
    list.value = list.value.map((upload) => (upload.key === key ? { ...upload, progress } : upload));
  };
  try {
    return await send(dialogId, file, set, aborted.signal);
  } catch {
    if (!aborted.signal.aborted) toast(t('tooLarge', { name: file.name }), { kind: 'bad' });
    return undefined;
  } finally {
    list.value = list.value.filter((upload) => upload.key !== key);
    if (preview) URL.revokeObjectURL(preview);
  }
}

async function send(dialogId: string, file: File, progress: (part: number) => void, signal: AbortSignal): Promise<number> {
  const { ID: folder } = await call<{ ID: number }>('im.disk.folder.get', { DIALOG_ID: dialogId }, { signal });
  const { field, uploadUrl } = await call<{ field: string; uploadUrl: string }>('disk.folder.uploadFile', { id: folder, generateUniqueName: 'Y' }, { signal });
  const form = new FormData();
  form.append(field, file, file.name);
  return post(ownAddress(uploadUrl), form, progress, signal);
}

/** Behind a proxy the server may name itself otherwise than the page knows it. */
function ownAddress(given: string): string {
  const { pathname, search } = new URL(given, location.href);
  return pathname + search;
}

function post(address: string, form: FormData, progress: (part: number) => void, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const id = Number((request.response as { result?: { ID?: unknown } } | null)?.result?.ID);
      if (request.status < 300 && id > 0) resolve(id);
      else reject(new Error(`HTTP ${request.status}`));
    };
    request.onerror = () => reject(new Error('no connection'));
    request.onabort = () => reject(new Error('taken back'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}
