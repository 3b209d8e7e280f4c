/** `tidemark import --from <folder>`: what `tidemark export` has written becomes the portal it was. */
import { openBlobs } from '../blobs/open-blobs.ts';
import type { Config } from '../config.ts';
import { holdFolder } from '../portal/folder.ts';
import { fillStore, NEWEST_SCHEMA } from '../portal/open-portal.ts';
import { print, serverAddress } from './kit.ts';
import { progressBar } from './progress.ts';

/** @throws CommandError, ExchangeFault */
export async function importFromFolder(from: string, config: Config): Promise<void> {
  const { importPortal, readHead } = await import('../exchange/import.ts');
  const head = await readHead(from, NEWEST_SCHEMA);
  const { watch } = await progressBar();
  // No server runs meanwhile: it would make a portal of its own.
  using folder = holdFolder(config.data, serverAddress(config));
  const made = await fillStore(config, folder.database, head.schema, async (db) => {
    await using blobs = await openBlobs({ ...config, data: folder.path });
    const imported = await importPortal(db, blobs, from, watch);
    folder.keep();
    return imported;
  });
  const left = head.files ? '' : ' THE BYTES OF FILES WERE NOT IN THE EXPORT: the server must find them where it looks.';
  print(config, made, `${made.name}: ${made.rows} rows and ${made.files} files, as they were on ${head.made_at}.${left}`);
}
