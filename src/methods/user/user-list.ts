/** What the methods that list people have in common: how filter, order, fields and page are asked for. */
import { parseFilterKey } from '../../messenger/people/filter-keys.ts';
import { shownBy } from '../../messenger/views/profile-fields.ts';
import { isFilterField } from '../../messenger/people/user-filter.ts';
import { listUsers } from '../../messenger/people/user-list.ts';
import { inSize } from '../../messenger/portrait-links.ts';
import { type ProfileRow, withFields } from '../../messenger/views/user-row.ts';
import { Paged } from '../../rest/method.ts';
import type { Caller } from '../../base/caller.ts';
import { anything, flag, int, type Param, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value, ValueMap } from '../../rest/values.ts';
import type { AppContext } from '../app.ts';
import { conditionError, filterMap, isGiven, orderOf, PAGE, pageOf } from '../lists.ts';

export const userListParams = {
  FILTER: anything({ description: 'Conditions by field, with an operator before it; without FILTER the other parameters are the conditions' }),
  SORT: text({ description: 'Field to sort by', max: 60 }),
  ORDER: anything({ description: 'ASC or DESC for SORT; or a map of fields with ASC or DESC, as in {"ID": "ASC"}' }),
  SELECT: anything({ description: 'Fields to show: names, * for all, UF_* for those that begin so' }),
  ADMIN_MODE: flag({ description: 'Y shows administrators everybody, which they see here without it too', default: false }),
  IMAGE_RESIZE: text({ description: 'Size of PERSONAL_PHOTO where it is kept here: small 150, medium 300, large 1000 pixels; 200 without it', max: 20 }),
  START: int({ description: 'The same as start, for who spells it so' }),
};

type Given = { [K in keyof typeof userListParams]: (typeof userListParams)[K] extends Param<infer T> ? T : never };

interface ListCall {
  context: AppContext;
  caller: Caller;
  params: Given;
  raw: ValueMap;
  start: number;
}

/** A page of people as the caller's scopes show them. */
export async function userPage({ context, caller, params, raw, start }: ListCall, byWords: boolean): Promise<Paged<ProfileRow[]>> {
  const shows = shownBy(caller.scopes);
  const { offset, next } = pageOf(start, params.START);
  const query = {
    viewer: caller,
    filter: isGiven(params.FILTER) ? filterMap(params.FILTER) : besides(raw), order: orderOf(params.SORT, params.ORDER), shows, byWords, offset, limit: PAGE,
  };
  try {
    const { rows, total } = await listUsers(context.messenger, query);
    const wanted = selected(params.SELECT);
    const resized = rows.map((row) => inSizeOf(row, params.IMAGE_RESIZE));
    return new Paged(resized.map((row) => withFields(row, (field) => shows(field) && wanted(field))), { total, next: next(total) });
  } catch (thrown) {
    throw conditionError(thrown, query.order, params.FILTER);
  }
}

const SIDES: Readonly<Record<string, number>> = { small: 150, medium: 300, large: 1000 };

/** Sizes that there are not are passed over. */
function inSizeOf(row: ProfileRow, size = ''): ProfileRow {
  const { PERSONAL_PHOTO: photo } = row;
  const side = Object.hasOwn(SIDES, size.toLowerCase()) ? SIDES[size.toLowerCase()] : undefined;
  return side === undefined || typeof photo !== 'string' ? row : { ...row, PERSONAL_PHOTO: inSize(photo, side) };
}

/** Parameters that are conditions themselves. Those with an operator are meant as such; others may be anything a client adds. */
function besides(raw: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(raw).filter(([name]) => {
      const { field, mode, negated } = parseFilterKey(name);
      return !Object.hasOwn(userListParams, name) && (isFilterField(field) || mode !== 'plain' || negated);
    }),
  );
}

/** Names that there are not are passed over. */
function selected(select: Value | undefined): (field: string) => boolean {
  if (select === undefined || select === null || select === '') return () => true;
  if (typeof select !== 'object' && typeof select !== 'string') throw argumentError('SELECT', 'must be a list of fields');
  const given: Value[] = typeof select === 'string' ? select.split(',') : Object.values(select);
  const names = given.filter((name) => typeof name === 'string').map((name) => name.trim().toUpperCase());
  if (names.length === 0 || names.includes('*')) return () => true;
  const wanted = new Set(names);
  return (field) => wanted.has(field) || (field.startsWith('UF_') && wanted.has('UF_*'));
}
