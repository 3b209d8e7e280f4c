/** What links lead to, once for each address. */
import type { Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { LinkPreviewTable } from '../schema-messages.ts';

export type PreviewRow = Selectable<LinkPreviewTable>;

export async function findPreview(s: Session, url: string): Promise<PreviewRow | undefined> {
  const [row] = await s.query((q) => q.selectFrom('link_preview').selectAll().where('url', '=', url));
  return row;
}

/** Keeps what was found at an address, in the place of what was known of it. */
export async function savePreview(s: WriteSession, preview: Omit<PreviewRow, 'id'>): Promise<PreviewRow> {
  const { url: _url, ...changes } = preview;
  const [row] = await s.query((q) =>
    q
      .insertInto('link_preview')
      .values(preview)
      .onConflict((c) => c.column('url').doUpdateSet(changes))
      .returningAll(),
  );
  return row!;
}
