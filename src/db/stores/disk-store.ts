import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { DiskObjectTable } from '../schema-files.ts';
import { type Builder, statement } from '../statement.ts';
import { holdBlob, releaseBlob } from './blob-store.ts';

export type DiskObject = Selectable<DiskObjectTable>;
export type NewDiskObject = Required<Insertable<Omit<DiskObjectTable, 'id'>>>;

/** Whose a storage is. */
export interface DiskOwner {
  kind: 'user' | 'chat';
  id: number;
}

const byId = statement((q, p: { id: number }) => q.selectFrom('disk_object').selectAll().where('id', '=', p.id));
const lockById = statement((q, p: { id: number }) => q.selectFrom('disk_object').selectAll().where('id', '=', p.id).forNoKeyUpdate());
const rootOf = statement((q, p: { kind: string; id: number }) =>
  q.selectFrom('disk_object').selectAll().where('owner_kind', '=', p.kind).where('owner_id', '=', p.id).where('parent_id', '=', sql.lit(0)),
);

export function findObject(s: Session, id: number): Promise<DiskObject | undefined> {
  return s.first(byId, { id });
}

/** Reads it and keeps other writers of it waiting until the unit of work ends. Taken after all locks of chats and messages. */
export function lockObject(s: WriteSession, id: number): Promise<DiskObject | undefined> {
  return s.first(lockById, { id });
}

export async function findObjects(s: Session, ids: readonly number[]): Promise<DiskObject[]> {
  return ids.length === 0 ? [] : s.query((q) => q.selectFrom('disk_object').selectAll().where('id', 'in', [...ids]));
}

/** The root folder of what somebody or a chat has. */
export function findRoot(s: Session, owner: DiskOwner): Promise<DiskObject | undefined> {
  return s.first(rootOf, owner);
}

/** The same, made where it is missing. */
export async function ensureRoot(s: WriteSession, { kind, id }: DiskOwner, at: number): Promise<DiskObject> {
  const root = await findRoot(s, { kind, id });
  if (root) return root;
  const empty = { name: '', blob: '', size: 0, type: '', width: 0, height: 0, preview: '', shared: 0 } as const;
  await s.query((q) =>
    q
      .insertInto('disk_object')
      .values({ ...empty, kind: 'root', storage_id: 0, parent_id: 0, owner_kind: kind, owner_id: id, created_by: kind === 'user' ? id : 0, created_at: at, updated_at: at })
      .onConflict((c) => c.doNothing()),
  );
  return (await findRoot(s, { kind, id }))!;
}

/** @returns its id */
export async function insertObject(s: WriteSession, object: NewDiskObject): Promise<number> {
  await holdBlob(s, object.blob);
  await holdBlob(s, object.preview);
  const [row] = await s.query((q) => q.insertInto('disk_object').values(object).returning('id'));
  if (object.size > 0) await addUsage(s, object.created_by, object.size);
  return row!.id;
}

export async function updateObject(s: WriteSession, id: number, changes: Updateable<DiskObjectTable>): Promise<void> {
  await s.query((q) => q.updateTable('disk_object').set(changes).where('id', '=', id));
}

/** Removes a file. Its bytes go once nothing refers to them. */
export async function deleteObject(s: WriteSession, id: number): Promise<void> {
  const rows = await s.query((q) => q.deleteFrom('disk_object').where('id', '=', id).returning(['size', 'created_by', 'blob', 'preview']));
  for (const { size, created_by, blob, preview } of rows) {
    if (size > 0) await addUsage(s, created_by, -size);
    await releaseBlob(s, blob);
    await releaseBlob(s, preview);
  }
}

async function addUsage(s: WriteSession, userId: number, bytes: number): Promise<void> {
  await s.query((q) =>
    q
      .insertInto('disk_usage')
      .values({ user_id: userId, bytes })
      .onConflict((c) => c.column('user_id').doUpdateSet({ bytes: sql<number>`disk_usage.bytes + ${bytes}` })),
  );
}

/** Bytes of all the files that somebody has uploaded, and of all files there are. */
export async function readUsage(s: Session, userId: number): Promise<{ own: number; all: number }> {
  const [row] = await s.query((q) =>
    q.selectFrom('disk_usage').select([
      sql<number>`coalesce(sum(case when user_id = ${userId} then bytes else 0 end), 0)`.as('own'),
      sql<number>`coalesce(sum(bytes), 0)`.as('all'),
    ]),
  );
  return { own: Number(row?.own ?? 0), all: Number(row?.all ?? 0) };
}

/** Those of the names that something in a folder has already. */
export async function namesTaken(s: Session, parentId: number, names: readonly string[]): Promise<Set<string>> {
  const rows = await s.query((q) => q.selectFrom('disk_object').select('name').where('parent_id', '=', parentId).where('name', 'in', [...names]));
  return new Set(rows.map(({ name }) => name));
}

export async function findChild(s: Session, parentId: number, name: string): Promise<DiskObject | undefined> {
  const [child] = await s.query((q) =>
    q.selectFrom('disk_object').selectAll().where('parent_id', '=', parentId).where('name', '=', name).orderBy('id').limit(1),
  );
  return child;
}

/** What a listing of a folder shows somebody. */
export interface Listing {
  parentId: number;
  /** Whose files that no message shows yet are listed too; undefined for everybody's. */
  unshownOf: number | undefined;
  /** Files are listed where a message from here on shows them. */
  startId: number;
  /** What it must be. */
  where: { id?: number; name?: string; kind?: 'file' | 'folder'; created_by?: number };
  order: 'id' | 'name' | 'created_at' | 'updated_at' | 'size';
  descending: boolean;
  offset: number;
  limit: number;
}

function listed(q: Builder, { parentId, unshownOf, startId, where }: Listing) {
  let listed = q.selectFrom('disk_object as o').where('o.parent_id', '=', parentId);
  for (const [column, value] of Object.entries(where)) listed = listed.where(`o.${column as keyof typeof where}`, '=', value);
  if (unshownOf === undefined) return listed;
  return listed.where((eb) =>
    eb.or([
      eb('o.kind', '=', 'folder'),
      eb('o.created_by', '=', unshownOf),
      eb.exists(eb.selectFrom('message_file as f').select('f.file_id').whereRef('f.file_id', '=', 'o.id').where('f.message_id', '>=', startId)),
    ]),
  );
}

export function listObjects(s: Session, listing: Listing): Promise<DiskObject[]> {
  const direction = listing.descending ? 'desc' : 'asc';
  return s.query((q) =>
    listed(q, listing).selectAll('o').orderBy(`o.${listing.order}`, direction).orderBy('o.id', direction).limit(listing.limit).offset(listing.offset),
  );
}

export async function countObjects(s: Session, listing: Listing): Promise<number> {
  const [row] = await s.query((q) => listed(q, listing).select((eb) => eb.fn.countAll<number>().as('count')));
  return Number(row?.count ?? 0);
}
