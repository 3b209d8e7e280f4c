/** Which objects of a folder are listed, and in which order. */
import type { Page } from '../../messenger/files/disk.ts';
import { argumentError } from '../../rest/request-error.ts';
import { toInteger } from '../../rest/params.ts';
import type { Value } from '../../rest/values.ts';
import { filterMap, orderOf, PAGE, pageOf } from '../lists.ts';

const ORDERS: Readonly<Record<string, Page['order']>> = { ID: 'id', NAME: 'name', CREATE_TIME: 'created_at', UPDATE_TIME: 'updated_at', SIZE: 'size' };

/** @throws RequestError */
export function pageOfFolder(order: Value | undefined, filter: Value | undefined, start: number): Page & { next(total: number): number | undefined } {
  const [[field, descending] = ['ID', false] as const, ...others] = orderOf(undefined, order);
  const column = ORDERS[field];
  if (!column || others.length > 0) throw argumentError('ORDER', `must be a map with one of ${Object.keys(ORDERS).join(', ')} and ASC or DESC`);
  const { offset, next } = pageOf(start, undefined);
  return { order: column, descending, offset: Math.max(0, offset), limit: PAGE, next, where: conditionsOf(filter) };
}

/** @throws RequestError naming the condition */
function conditionsOf(filter: Value | undefined): Page['where'] {
  const where: Page['where'] = {};
  for (const [key, value] of Object.entries(filterMap(filter))) {
    const field = key.replace(/^=/, '').toUpperCase();
    const argument = `FILTER[${key.slice(0, 80).toWellFormed()}]`;
    if (field === 'NAME' && typeof value === 'string') where.name = value;
    else if (field === 'TYPE' && (value === 'file' || value === 'folder')) where.kind = value;
    else if (field === 'ID' || field === 'CREATED_BY') where[field === 'ID' ? 'id' : 'created_by'] = toInteger(value) ?? wrong(argument);
    else throw argumentError(argument, 'is not a condition on NAME, TYPE, ID or CREATED_BY, the only ones there are here');
  }
  return where;
}

function wrong(argument: string): never {
  throw argumentError(argument, 'must be an integer');
}
