/** Gives files to whoever has an address for them. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DiskObject } from '../db/stores/disk-store.ts';
import type { ByteRange } from '../blobs/blobs.ts';
import type { Purpose } from '../messenger/file-links.ts';
import { fileFor } from '../messenger/files/disk.ts';
import { error, MethodError } from '../rest/method.ts';
import { admitted, type Transfers } from './gate.ts';
import { rangeOf } from './ranges.ts';

const notFound = error('FILE_NOT_FOUND', 404, 'File not found');

/** Pictures that a browser may show beside what it trusts; everything else is only to be kept. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** Bytes that are read and sent at once. */
const LONGEST_PIECE = 512 * 1024;

/** @throws MethodError, before anything has been sent */
export async function sendDownload(transfers: Transfers, token: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const pass = await admitted(transfers, request, token, ['download', 'show', 'preview']);
  const found = await fileFor(transfers.messenger, pass.userId, pass.id);
  const file = found && (pass.purpose === 'preview' ? await previewOf(transfers, found) : found);
  if (!file) throw new MethodError(notFound);
  const { headers } = request;
  const tag = `"${file.blob.slice(0, 32)}"`;
  const head = headOf(file, tag, pass.purpose);
  if (headers['if-none-match']?.includes(tag)) return void reply.hijack().raw.writeHead(304, head).end();
  const changed = headers['if-range'] !== undefined && headers['if-range'] !== tag;
  const range = changed ? undefined : rangeOf(headers.range, file.size);
  if (range === 'none') return void reply.hijack().raw.writeHead(416, { ...head, 'content-range': `bytes */${file.size}`, 'content-length': 0 }).end();
  await sendContent(transfers, file, range, head, request, reply);
}

/** The small picture in place of the file; the file itself where it is no picture. */
async function previewOf({ blobs }: Transfers, file: DiskObject): Promise<DiskObject | undefined> {
  if (file.preview === '') return file;
  const size = await blobs.size(file.preview);
  return size === undefined ? undefined : { ...file, blob: file.preview, size, type: 'image/webp', name: `${file.name}.webp` };
}

async function sendContent(
  { blobs }: Transfers, file: DiskObject, range: ByteRange | undefined, head: Record<string, string | number>, request: FastifyRequest, reply: FastifyReply,
): Promise<void> {
  const { method } = request.raw;
  const length = range ? range.last - range.first + 1 : file.size;
  const content = method === 'HEAD' ? undefined : await blobs.read(file.blob, range, Buffer.allocUnsafeSlow(Math.min(length, LONGEST_PIECE)));
  if (!content && method !== 'HEAD') throw new MethodError(notFound);
  const { raw } = reply.hijack();
  if (range) head['content-range'] = `bytes ${range.first}-${range.last}/${file.size}`;
  // Who reads nothing for as long as any connection may do nothing has gone.
  raw.on('timeout', () => raw.destroy());
  raw.writeHead(range ? 206 : 200, { ...head, 'content-length': length });
  if (!content) return void raw.end();
  // Whoever has gone in the middle is told nothing.
  await send(content, length, raw).catch(() => raw.destroy());
}

/** @param length bytes that were announced: where there are fewer, the connection breaks */
async function send(content: AsyncIterable<Uint8Array>, length: number, raw: ServerResponse): Promise<void> {
  let sent = 0;
  for await (const piece of content) {
    await taken(raw, piece);
    sent += piece.length;
  }
  if (sent < length) raw.destroy();
  else raw.end();
}

/** Resolves once the system has taken the piece. */
function taken(raw: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    raw.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

/** Nothing of it is ever run as part of a page of this portal: it is to be kept, not shown, and what is shown is a picture. */
function headOf(file: DiskObject, tag: string, purpose: Purpose): Record<string, string | number> {
  const shown = purpose !== 'download' && SHOWN.has(file.type);
  return {
    'content-type': SHOWN.has(file.type) ? file.type : 'application/octet-stream',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; ${fileNameField(file.name)}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'etag, content-disposition, content-range, accept-ranges',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'referrer-policy': 'no-referrer',
    etag: tag,
  };
}

/** RFC 6266: a plain name for who knows no other, and the true one. */
function fileNameField(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_');
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `filename="${plain}"; filename*=UTF-8''${exact}`;
}
