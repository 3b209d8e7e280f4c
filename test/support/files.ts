/** Files as a client sends and fetches them. */
import type { Client } from './client.ts';

export interface WireFile {
  id: number;
  chatId: number;
  type: string;
  name: string;
  size: number;
  urlDownload: string;
  urlShow: string;
  urlPreview: string;
  authorId: number;
  authorName: string;
}

export interface Sent {
  file: WireFile;
  messageId: number;
  chatId: number;
  dialogId: string;
}

export const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('base64');

/** Sends a file in one call. */
export function sendFile(client: Client, dialogId: string | number, name: string, bytes: Uint8Array | string, message = ''): Promise<Sent> {
  return client.call<Sent>('im.v2.File.upload', { dialogId: String(dialogId), fields: { name, content: base64(bytes), message } });
}

export async function fetchBytes(url: string, headers: Record<string, string> = {}): Promise<Buffer> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Sends a file to the address that disk.folder.uploadFile has given. */
export async function postFile(uploadUrl: string, name: string, bytes: Uint8Array, field = 'file'): Promise<{ status: number; body: { result?: { ID: number; NAME: string; SIZE: string }; error?: string } }> {
  const form = new FormData();
  form.set(field, new Blob([new Uint8Array(bytes)]), name);
  const answer = await fetch(uploadUrl, { method: 'POST', body: form });
  return { status: answer.status, body: (await answer.json()) as never };
}

/** So many files of the client's own. */
export async function ownFiles(client: Client, count: number): Promise<number[]> {
  const [storage] = await client.call<Array<{ ID: string }>>('disk.storage.getList');
  const ids: number[] = [];
  for (let made = 0; made < count; made += 1) {
    const file = { id: storage!.ID, data: { NAME: 'own.txt' }, fileContent: ['own.txt', base64('own')], generateUniqueName: true };
    ids.push((await client.call<{ ID: number }>('disk.storage.uploadFile', file)).ID);
  }
  return ids;
}
