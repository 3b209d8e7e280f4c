import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder-blobs.ts';

/** Where the bytes of files lie in a data folder. */
export function filesIn(data: string): string {
  return join(data, 'files');
}

/** Opens the store of files that a server works with: a folder in its data folder. */
export function openBlobs({ data }: { data: string }): Promise<Blobs> {
  return openFolderBlobs(filesIn(data));
}
