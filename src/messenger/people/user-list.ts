/** Pages of users: `user.get` and `user.search`. */
import { findPage } from '../../db/stores/user-page.ts';
import type { Condition, SortKey } from '../../db/stores/user-search.ts';
import { findUsers } from '../../db/stores/user-store.ts';
import { knownTo } from '../access/meeting.ts';
import type { Viewer } from '../access/viewer.ts';
import { flatMapGently, type Messenger } from '../messenger.ts';
import { present } from '../views/presenting.ts';
import { ONLINE_MS } from '../views/user-row.ts';
import { type FieldKind, SHOWN } from './user-fields.ts';
import { FilterCost, FilterError, SORTED_TEXT } from './filter-keys.ts';
import { type FilterRules, readUserFilter } from './user-filter.ts';
import { type ProfileRow, profileRow } from '../views/user-row.ts';
import { OUTSIDERS } from '../views/user-view.ts';

export interface UserListQuery {
  viewer: Viewer;
  filter: Readonly<Record<string, unknown>>;
  /** Fields in order of weight. */
  order: ReadonlyArray<readonly [field: string, descending: boolean]>;
  shows(field: string): boolean;
  byWords: boolean;
  /** Rows to pass over; negative for the first page without counting. */
  offset: number;
  limit: number;
}

export interface UserPage {
  rows: ProfileRow[];
  /** 0 where nothing was counted. */
  total: number;
}

/**
 * One page of the people whom the viewer may see, without bots and people from open lines.
 *
 * @throws FilterError
 */
export async function listUsers(m: Messenger, query: UserListQuery): Promise<UserPage> {
  const { zone } = await m.settings();
  const now = m.clock.now();
  const cost = new FilterCost();
  const asked = readUserFilter(query.filter, { zone, now, shows: query.shows, byWords: query.byWords }, cost);
  const order = query.order.map(([field, descending]) => sortKey(field, descending, query.shows, cost));
  return m.db.read(async (s) => {
    const condition = visible(query.viewer, asked);
    const page = { offset: Math.max(query.offset, 0), limit: query.limit, counted: query.offset >= 0 };
    const { ids, total } = await findPage(m.db, s, { condition, order }, page);
    const users = new Map((await findUsers(s, ids)).map((user) => [user.id, user]));
    const rows = await flatMapGently(ids, (id) => present(m, { user: id }, () => profileRow(users.get(id)!, zone, now)));
    return { rows, total };
  });
}

/** Those whom the viewer may see and who have been active of late, by ascending id. */
export async function onlineUsers(m: Messenger, viewer: Viewer): Promise<number[]> {
  const active: Condition = { number: 'active', is: { op: 'in', values: [1] } };
  const lately: Condition = { number: 'last_activity_at', is: { op: '>', value: m.clock.now() - ONLINE_MS } };
  const condition = visible(viewer, { condition: { all: [active, lately] }, mail: false });
  const page = { offset: 0, limit: MOST_ONLINE, counted: false };
  return (await m.db.read((s) => findPage(m.db, s, { condition, order: [] }, page))).ids;
}

const MOST_ONLINE = 10_000;

function visible(viewer: Viewer, asked: { condition: Condition; mail: boolean }): Condition {
  const never: Condition = { not: { auth: asked.mail ? OUTSIDERS : [...OUTSIDERS, 'email'] } };
  const met = knownTo(viewer);
  return { all: [never, ...(met ? [met] : []), asked.condition] };
}

function sortKey(field: string, descending: boolean, shows: FilterRules['shows'], cost: FilterCost): SortKey {
  const kind: FieldKind | undefined = Object.hasOwn(SHOWN, field) ? SHOWN[field] : undefined;
  if (!kind) throw new FilterError(field, 'is no field to sort by');
  if (!shows(field)) throw new FilterError(field, 'is a field that the scope does not show');
  if (['text', 'birthday', 'department'].includes(kind.kind)) cost.scan(field, SORTED_TEXT);
  switch (kind.kind) {
    case 'text': return { text: kind.field, descending };
    case 'birthday': return { text: 'birthday', descending };
    case 'online': return { number: 'last_activity_at', descending };
    case 'type': return { number: 'extranet', descending };
    case 'department': return { department: true, descending };
    default: return { number: kind.column, descending };
  }
}
