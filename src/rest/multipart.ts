/** Reads multipart/form-data while it comes in. */
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { PHP_LIMITS } from './php-query.ts';
import { invalidMultipart, type RequestError, tooManyParameters } from './request-error.ts';

/** One part; with a file name it is a file, which may be empty where nothing was chosen. */
export interface Part {
  name: string;
  fileName: string | undefined;
  content: AsyncIterable<Uint8Array>;
}

/** Every part is opened as a file, because only files arrive as bytes; fields would be decoded without a check. */
export function openMultipart(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: () => true,
      limits: { parts: PHP_LIMITS.maxVariables },
    });
  } catch {
    throw invalidMultipart('its boundary is missing');
  }
}

/**
 * Gives each part to `take`, one after the other; it must read all of its content, or fail. No more comes in than is taken.
 *
 * @throws RequestError, what `take` throws, and what the body breaks off with
 */
export async function eachPart(contentType: string, body: AsyncIterable<Uint8Array>, take: (part: Part) => Promise<void>): Promise<void> {
  const parser = openMultipart(contentType);
  const ended = Promise.withResolvers<void>();
  let taking: Promise<void> = Promise.resolve();
  let open: BusboyFileStream | undefined;
  parser.on('file', (name: string | undefined, stream: BusboyFileStream, fileName: string | undefined) => {
    // A part that is cut off also fails the parser; without a listener here the process would end.
    stream.on('error', () => undefined);
    open = stream;
    taking = taking.then(() => take({ name: name ?? '', fileName, content: stream }));
    taking.catch(ended.reject);
  });
  parser.on('partsLimit', () => ended.reject(tooManyParameters(PHP_LIMITS.maxVariables)));
  parser.on('error', (error) => ended.reject(unreadable(error)));
  parser.on('finish', () => void taking.then(ended.resolve, ended.reject));
  try {
    await feed(parser, body, ended.promise);
    await ended.promise;
  } catch (error) {
    parser.destroy();
    // Whoever is reading a part learns that nothing more comes, and is done with it before the call is over.
    open?.destroy(Error.isError(error) ? error : undefined);
    await taking.catch(() => undefined);
    throw error;
  }
}

function unreadable(error: unknown): RequestError {
  return invalidMultipart(Error.isError(error) ? error.message : 'unreadable');
}

/** Writes what comes until it ends, or the reading has. */
async function feed(parser: BusboyInstance, body: AsyncIterable<Uint8Array>, ended: Promise<void>): Promise<void> {
  for await (const piece of body) {
    await Promise.race([ended, new Promise<void>((resolve) => parser.write(piece, () => resolve()))]);
  }
  parser.end();
}
