import { z } from 'zod';
import { DEPARTMENT_FIELDS, listDepartments } from '../../messenger/people/departments.ts';
import { parseFilterKey } from '../../messenger/people/filter-keys.ts';
import { departmentShape } from '../../messenger/views/department-view.ts';
import { Paged } from '../../rest/method.ts';
import { anything, int } from '../../rest/params.ts';
import type { ValueMap } from '../../rest/values.ts';
import { defineMethod } from '../app.ts';
import { conditionError, filterMap, orderOf, PAGE, pageOf } from '../lists.ts';

const get = defineMethod({
  name: 'department.get',
  scope: 'department',
  summary: 'Departments by filter, 50 on a page; guests see none',
  params: {
    ID: anything({ description: 'Department, or a list of them' }),
    NAME: anything({ description: 'Name, or a list of names' }),
    PARENT: anything({ description: 'Department above' }),
    UF_HEAD: anything({ description: 'User who leads the department' }),
    SORT: anything({ description: 'Field to sort by: ID, NAME, SORT, PARENT or UF_HEAD; a number is the value of the field SORT' }),
    ORDER: anything({ description: 'ASC or DESC for SORT; or a map of fields with ASC or DESC' }),
    FILTER: anything({ description: 'More conditions by field, with an operator before it, as in user.get' }),
    START: int({ description: 'The same as start, for who spells it so' }),
  },
  example: { PARENT: 1, SORT: 'NAME', ORDER: 'DESC' },
  result: z.array(departmentShape),
  errors: {},
  async run({ context, caller, params, raw, given, start }) {
    const { offset, next } = pageOf(start, params.START);
    const { field, numbers } = sortOf(given());
    const filter = { ...conditionsIn(raw), ...numbers, ...filterMap(params.FILTER) };
    const query = { viewer: caller, filter, order: orderOf(field, params.ORDER), offset, limit: PAGE };
    try {
      const { rows, total } = await listDepartments(context.messenger, query);
      return new Paged(rows, { total, next: next(total) });
    } catch (thrown) {
      throw conditionError(thrown, query.order, params.FILTER);
    }
  },
});

/** The page calls both the field to sort by and a condition SORT: a number is the condition, in whatever case it is written. */
function sortOf(given: ValueMap): { field: string | undefined; numbers: ValueMap } {
  let field: string | undefined;
  const numbers: ValueMap = {};
  for (const [name, value] of Object.entries(given)) {
    if (name.toUpperCase() !== 'SORT' || value === '' || value === null) continue;
    if (typeof value === 'string' && !/^-?\d+$/.test(value.trim())) field = value;
    else numbers['SORT'] = value;
  }
  return { field, numbers };
}

function conditionsIn(raw: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(raw).filter(([name]) => {
      const { field } = parseFilterKey(name);
      return Object.hasOwn(DEPARTMENT_FIELDS, field) && name !== 'SORT';
    }),
  );
}

export const departmentMethods = [get];
