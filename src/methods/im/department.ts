/** The company's structure, for people of the portal. */
import { z } from 'zod';
import { colleaguesOf, departmentsById, employeesOf, findDepartmentsByName, headsOf } from '../../messenger/people/structure.ts';
import { imDepartmentShape } from '../../messenger/views/department-view.ts';
import { userShape } from '../../messenger/views/user-view.ts';
import { error, Paged } from '../../rest/method.ts';
import { flag, idList, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';
import { nextPage, pageParams, toPage } from '../params.ts';

const MOST_IDS = 1000;

const userData = flag({ description: 'Y gives users instead of their numbers', default: false });
const forInsiders = error('ACCESS_ERROR', 403, 'Only intranet users have access to this method');
const ids = { description: 'Departments', required: true, max: MOST_IDS } as const;
const peopleByDepartment = z.record(z.string(), z.union([z.array(z.int()), z.array(userShape)]));

const get = defineMethod({
  name: 'im.department.get',
  scope: 'im',
  summary: 'Departments by their numbers; those that do not exist are left out',
  params: { ID: idList({ ...ids, error: 'INVALID_FORMAT' }), USER_DATA: userData },
  example: { ID: [1] },
  result: z.array(imDepartmentShape),
  errors: { INVALID_FORMAT: error('INVALID_FORMAT', 400, 'A wrong format for the ID field is passed'), ACCESS_ERROR: forInsiders },
  async run({ context, caller, params, fail }) {
    const outcome = await departmentsById(context.messenger, caller, params.ID, params.USER_DATA);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const idEmpty = error('ID_EMPTY', 400, "Department ID can't be empty");

const managersGet = defineMethod({
  name: 'im.department.managers.get',
  scope: 'im',
  summary: 'Who leads each of the departments',
  params: { ID: idList({ ...ids, error: 'ID_EMPTY' }), USER_DATA: userData },
  example: { ID: [1] },
  result: peopleByDepartment,
  errors: { ID_EMPTY: idEmpty, ACCESS_ERROR: forInsiders },
  async run({ context, caller, params, fail }) {
    const outcome = await headsOf(context.messenger, caller, params.ID, params.USER_DATA);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const employeesGet = defineMethod({
  name: 'im.department.employees.get',
  scope: 'im',
  summary: 'Who works in each of the departments',
  params: { ID: idList({ ...ids, error: 'ID_EMPTY' }), USER_DATA: userData },
  example: { ID: [1] },
  result: peopleByDepartment,
  errors: { ID_EMPTY: idEmpty, ACCESS_ERROR: forInsiders },
  async run({ context, caller, params, fail }) {
    const outcome = await employeesOf(context.messenger, caller, params.ID, params.USER_DATA);
    return outcome.ok ? outcome.value : fail('ACCESS_ERROR');
  },
});

const colleaguesList = defineMethod({
  name: 'im.department.colleagues.list',
  scope: 'im',
  summary: 'Who works with the caller; for whoever leads a department also those below, and all who lead one',
  params: { USER_DATA: userData, ...pageParams },
  example: { LIMIT: 20 },
  result: z.union([z.array(z.int()), z.array(userShape)]),
  errors: { ACCESS_ERROR: forInsiders },
  async run({ context, caller, params, start, fail }) {
    const page = toPage(params, start);
    const outcome = await colleaguesOf(context.messenger, caller, page, params.USER_DATA);
    if (!outcome.ok) return fail('ACCESS_ERROR');
    return new Paged(outcome.value.rows, nextPage(page, outcome.value.total));
  },
});

const search = defineMethod({
  name: 'im.search.department.list',
  scope: 'im',
  summary: 'Departments by how the words of their full names begin; all of them for fewer than two characters, none for guests',
  params: {
    FIND: text({ description: 'Beginnings of words', error: 'FIND_SHORT', max: 255 }),
    USER_DATA: userData,
    ...pageParams,
  },
  example: { FIND: 'dev' },
  result: z.array(imDepartmentShape),
  errors: { FIND_SHORT: error('FIND_SHORT', 400, 'Too short a search phrase') },
  async run({ context, caller, params, start, fail }) {
    if (params.FIND === undefined) return fail('FIND_SHORT');
    const page = toPage(params, start);
    const outcome = await findDepartmentsByName(context.messenger, caller, params.FIND.trim(), page, params.USER_DATA);
    const { rows, total } = outcome.ok ? outcome.value : { rows: [], total: 0 };
    return new Paged(rows, nextPage(page, total));
  },
});

export const imDepartmentMethods = [get, managersGet, employeesGet, colleaguesList, search];
