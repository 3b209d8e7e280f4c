/** The rows that are known, and the lists that they make. */
import { batch, signal } from '@preact/signals';
import { Keyed } from '../../lib/keyed.ts';
import { userId } from '../../lib/told.ts';
import type { Totals } from './events.ts';
import { learnPeople, type UserView } from './people.ts';
import { isSameRow, type RecentItem, type Row, rowOfItem } from './row.ts';
import { currentOf, makeViews, type View } from './views.ts';

/** As `im.counters.get` gives them, where the page uses them. */
export interface Counters {
  TYPE: Totals;
}

const rows = new Keyed<string, Row>();
export const views = makeViews((id) => rows.get(id));
export const view = currentOf(views);
export const counters = signal<Totals>({ ALL: 0, NOTIFY: 0, CHAT: 0, LINES: 0, DIALOG: 0, MESSENGER: 0 });

/** Counts what has been told live, so that an answer that was under way meanwhile does not bring back what was before. */
let told = 0;
const toldAt = new Map<string, number>();

export const rowOf = (id: string) => rows.signal(id);
export const peekRow = (id: string) => rows.get(id);
export const knownRows = () => rows.values();
export const toldSoFar = () => told;

/** Told of rows that came to the top, own messages apart: see settle.ts. */
type Risen = (ids: readonly string[], own: readonly string[]) => void;
let onRisen: Risen = () => {};
export function watchRisen(listener: Risen): void {
  onRisen = listener;
}

/** Rows as they are now. */
export function learnLive(items: readonly RecentItem[], removed: ReadonlyArray<number | string>, users: readonly UserView[] = []): void {
  told += 1;
  const [changed, risen, own] = [new Set<string>(), [] as string[], [] as string[]];
  batch(() => {
    learnPeople(users);
    for (const item of items) {
      const before = rows.get(String(item.id));
      const row = learn(item);
      toldAt.set(row.id, told);
      changed.add(row.id);
      if (before && before.messageId >= row.messageId) continue;
      (row.author === userId ? own : risen).push(row.id);
    }
    for (const id of removed) {
      toldAt.set(String(id), told);
      changed.add(String(id));
      rows.delete(String(id));
    }
    onRisen(risen, own);
    for (const each of Object.values(views)) each.moved(changed);
  });
}

function learn(item: RecentItem): Row {
  if (item.user.id !== 0) learnPeople([item.user as UserView]);
  const [row, before] = [rowOfItem(item), rows.get(String(item.id))];
  if (before && isSameRow(before, row)) return before;
  rows.set(row.id, row);
  return row;
}

/**
 * A page of a list: with it goes whatever was known of that part of the list and is not there any more.
 *
 * @param since {@link toldSoFar} when it was asked for
 */
export function learnPage(into: View, items: readonly RecentItem[], hasMore: boolean, since: number): void {
  const isNewer = (id: string): boolean => (toldAt.get(id) ?? 0) > since;
  batch(() => {
    const changed = new Set<string>();
    for (const item of items) changed.add(isNewer(String(item.id)) ? String(item.id) : learn(item).id);
    const last = hasMore && items.length > 0 ? rowOfItem(items.at(-1)!) : undefined;
    const given = [...changed];
    for (const row of into.within(rows.values(), last)) {
      if (changed.has(row.id) || isNewer(row.id)) continue;
      rows.delete(row.id);
      changed.add(row.id);
    }
    for (const each of Object.values(views)) each.moved(changed);
    into.loaded(rows.values(), last, given);
  });
}

/** What the user has just done to a row, before the server has confirmed it. */
export function change(id: string, fields: Partial<Row>): void {
  const before = rows.get(id);
  if (!before) return;
  batch(() => {
    rows.set(id, { ...before, ...fields });
    for (const each of Object.values(views)) each.moved([id]);
  });
}

export function remove(id: string): void {
  batch(() => {
    rows.delete(id);
    for (const each of Object.values(views)) each.moved([id]);
  });
}

/** Rows of the last time, to be shown until the server answers. */
export function restoreRows(kept: readonly Row[]): void {
  batch(() => {
    for (const row of kept) if (!rows.get(row.id)) rows.set(row.id, row);
    if (kept.length > 0 && views.all.order.peek().length === 0) views.all.loaded(rows.values(), kept.at(-1));
  });
}
