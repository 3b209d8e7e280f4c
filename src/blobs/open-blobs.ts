import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { FolderBlobs, openFolderBlobs } from './folder-blobs.ts';

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
export function openBlobs(place: BlobPlace): Promise<Blobs> {
  return place.files === '' ? openFolderBlobs(filesIn(place.data)) : openS3(place);
}

/** Where the files are, in words, once that has answered; whatever a server is doing with them. @throws Error that says what is wrong */
export async function examineBlobs(place: BlobPlace): Promise<string> {
  await using blobs = await openBlobsBeside(place);
  return blobs.examine();
}

/** The same store for who works beside a server: what that has half written is left alone. */
export async function openBlobsBeside(place: BlobPlace): Promise<Blobs> {
  return place.files === '' ? new FolderBlobs(filesIn(place.data)) : openS3(place);
}

async function openS3({ data, files, filesKeyId, filesSecretKey }: BlobPlace): Promise<Blobs> {
  const [{ S3Blobs }, { parseS3Address }] = [await import('./s3-blobs.ts'), await import('./s3-address.ts')];
  return new S3Blobs(parseS3Address(files), { keyId: filesKeyId, secret: filesSecretKey }, join(data, 'spool'));
}
