import type { Selectable } from 'kysely';
import type { Session, WriteSession } from '../database.ts';
import type { WebhookTable } from '../schema.ts';
import { statement } from '../statement.ts';
import { PORTAL_VERSION } from './caller-store.ts';
import { markEverything, TIMEZONE } from './mark-store.ts';

export type WebhookRow = Selectable<WebhookTable>;

export async function readSettings(s: Session): Promise<Map<string, string>> {
  const rows = await s.query((q) => q.selectFrom('portal').selectAll());
  return new Map(rows.map((row) => [row.key, row.value]));
}

export async function writeSetting(s: WriteSession, key: string, value: string): Promise<void> {
  // Whoever has a copy of a list has dates in the zone from before.
  if (key === TIMEZONE && (await isSetOtherwise(s, key, value))) await markEverything(s);
  await s.query((q) =>
    q.insertInto('portal').values({ key, value }).onConflict((c) => c.column('key').doUpdateSet({ value })),
  );
  s.changes.note({ what: 'settings' });
  await movePortalVersion(s);
}

async function isSetOtherwise(s: Session, key: string, value: string): Promise<boolean> {
  const [found] = await s.query((q) => q.selectFrom('portal').select('value').where('key', '=', key));
  return found !== undefined && found.value !== value;
}

/** Tells every process that what it has read of the portal no longer stands. */
export async function movePortalVersion(s: WriteSession): Promise<void> {
  await nextValue(s, PORTAL_VERSION);
}

const lock = statement((q, p: { key: string }) => q.selectFrom('portal').select('key').where('key', '=', p.key).forNoKeyUpdate());

/** Keeps others who change what the portal has one of, or must have one of, waiting until the unit of work ends. Taken before any other lock. */
export async function lockPortal(s: WriteSession): Promise<void> {
  await s.all(lock, { key: 'member_id' });
}

const webhookByHash = statement((q, p: { codeHash: string }) =>
  q.selectFrom('webhook').selectAll().where('code_hash', '=', p.codeHash),
);

export function findWebhook(s: Session, codeHash: string): Promise<WebhookRow | undefined> {
  return s.first(webhookByHash, { codeHash });
}

export function findWebhookById(s: Session, id: number): Promise<WebhookRow | undefined> {
  return s.query((q) => q.selectFrom('webhook').selectAll().where('id', '=', id)).then(([row]) => row);
}

/** The newest webhooks after those passed over, at most `limit`. */
export function listWebhooks(s: Session, limit: number, offset: number): Promise<WebhookRow[]> {
  return s.query((q) => q.selectFrom('webhook').selectAll().orderBy('id', 'desc').limit(limit).offset(offset));
}

export async function countWebhooks(s: Session): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom('webhook').select((eb) => eb.fn.countAll<number>().as('webhooks')));
  return row!.webhooks;
}

export async function holdWebhook(s: WriteSession, id: number, held: 0 | 1): Promise<void> {
  await s.query((q) => q.updateTable('webhook').set({ held }).where('id', '=', id));
  s.changes.note({ what: 'credentials' });
}

export async function deleteWebhook(s: WriteSession, id: number): Promise<void> {
  await s.query((q) => q.deleteFrom('webhook').where('id', '=', id));
  s.changes.note({ what: 'credentials' });
}

export async function insertWebhook(s: WriteSession, webhook: Omit<WebhookRow, 'id'>): Promise<number> {
  const [row] = await s.query((q) => q.insertInto('webhook').values(webhook).returning('id'));
  return row!.id;
}

export async function recordWebhookUse(s: WriteSession, id: number, at: number): Promise<void> {
  await s.query((q) => q.updateTable('webhook').set({ last_used_at: at }).where('id', '=', id));
}

const nextInSequence = statement((q, p: { name: string }) =>
  q
    .insertInto('sequence')
    .values({ name: p.name, value: 1 })
    .onConflict((c) => c.column('name').doUpdateSet((eb) => ({ value: eb('sequence.value', '+', 1) })))
    .returning('value'),
);

/** Counts 1, 2, 3… under a name, without gaps: it is part of the caller's transaction. */
export async function nextValue(s: WriteSession, name: string): Promise<number> {
  return (await s.first(nextInSequence, { name }))!.value;
}

const CLOCK = 'clock';

/** What no stamp and no date that was told has passed, milliseconds; 0 on a new portal. */
export async function readMark(s: Session): Promise<number> {
  const [row] = await s.query((q) => q.selectFrom('clock_mark').select('value').where('name', '=', CLOCK));
  return row?.value ?? 0;
}

const raise = statement((q, p: { name: string; value: number }) =>
  q
    .insertInto('clock_mark')
    .values({ name: p.name, value: p.value })
    .onConflict((c) => c.column('name').doUpdateSet({ value: p.value }).where('clock_mark.value', '<', p.value)),
);

export async function raiseMark(s: WriteSession, mark: number): Promise<void> {
  await s.all(raise, { name: CLOCK, value: mark });
}

/** Takes back what was not needed, unless another node has raised the mark since. */
export async function lowerMark(s: WriteSession, from: number, to: number): Promise<void> {
  await s.query((q) => q.updateTable('clock_mark').set({ value: to }).where('name', '=', CLOCK).where('value', '=', from));
}

/** Deletes the webhooks of a title, all but the `kept` newest. */
export async function deleteWebhooksBut(s: WriteSession, title: string, kept: number): Promise<void> {
  const old = await s.query((q) =>
    q.selectFrom('webhook').select('id').where('title', '=', title).orderBy('id', 'desc').offset(kept).limit(1000),
  );
  if (old.length === 0) return;
  await s.query((q) => q.deleteFrom('webhook').where('id', 'in', old.map((row) => row.id)));
  s.changes.note({ what: 'credentials' });
}
