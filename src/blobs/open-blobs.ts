import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder-blobs.ts';

export interface BlobPlace {
  /** The data folder. */
  data: string;
  /** `s3://…`; empty for the data folder. */
  files: string;
  filesKeyId: string;
  filesSecretKey: string;
}

/** Where the bytes of files lie in a data folder. */
export function filesIn(data: string): string {
  return join(data, 'files');
}

/** Opens the store of files that a server works with: a folder in its data folder, or what all nodes share. Loads only the one that is used. */
export async function openBlobs({ data, files, filesKeyId, filesSecretKey }: BlobPlace): Promise<Blobs> {
  if (files === '') return openFolderBlobs(filesIn(data));
  const [{ S3Blobs }, { parseS3Address }] = [await import('./s3-blobs.ts'), await import('./s3-address.ts')];
  return new S3Blobs(parseS3Address(files), { keyId: filesKeyId, secret: filesSecretKey }, join(data, 'spool'));
}
