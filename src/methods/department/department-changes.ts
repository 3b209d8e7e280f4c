/** Changing the company's structure, and what its fields are called. */
import { z } from 'zod';
import { addDepartment, changeDepartment, type DepartmentRefusal, dropDepartment } from '../../messenger/people/department-changes.ts';
import { error } from '../../rest/method.ts';
import { id, int, requiredText, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { defineMethod } from '../app.ts';

const LABELS = { ID: 'ID', NAME: 'Name', SORT: 'Place among its siblings', PARENT: 'Department above', UF_HEAD: 'Head' };

const fields = defineMethod({
  name: 'department.fields',
  scope: 'department',
  summary: 'The fields of a department, with their names',
  params: {},
  result: z.record(z.string(), z.string()),
  errors: {},
  run: () => Promise.resolve(LABELS),
});

const accessDenied = error('ERROR_CORE', 400, 'access_denied');

const placing = {
  SORT: int({ description: 'Place among its siblings; 500 unless given' }),
  UF_HEAD: int({ description: 'User who leads it; 0 for nobody', min: 0 }),
};

/** What is wrong with the structure that would come of it, by the parameter that asks for it. */
function refusal(reason: Exclude<DepartmentRefusal, 'no_department'>): Error {
  switch (reason) {
    case 'no_parent': return argumentError('PARENT', 'names a department that does not exist');
    case 'no_head': return argumentError('UF_HEAD', 'names a user who does not exist');
    case 'circle': return argumentError('PARENT', 'is the department itself or below it');
    case 'root': return argumentError('ID', 'names the top of the structure');
    case 'too_many': return argumentError('NAME', 'would be one department too many');
  }
}

const add = defineMethod({
  name: 'department.add',
  scope: 'department',
  summary: 'Adds a department and gives its number; for administrators',
  params: {
    NAME: requiredText({ description: 'Name', max: 255 }),
    PARENT: id({ description: 'Department above' }),
    ...placing,
  },
  example: { NAME: 'Research', PARENT: 1 },
  result: z.int().positive(),
  errors: { ACCESS_DENIED: accessDenied },
  async run({ context, caller, params, fail }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    const changes = { name: params.NAME, parentId: params.PARENT, sort: params.SORT, headId: params.UF_HEAD };
    const outcome = await addDepartment(context.messenger, changes);
    if (outcome.ok) return outcome.value;
    throw refusal(outcome.reason as Exclude<DepartmentRefusal, 'no_department'>);
  },
});

const notFound = error('ERROR_CORE', 400, 'There is no such department');

const update = defineMethod({
  name: 'department.update',
  scope: 'department',
  summary: 'Changes what is given of a department; for administrators',
  params: {
    ID: id({ description: 'Department' }),
    NAME: text({ description: 'Name', max: 255 }),
    PARENT: int({ description: 'Department above', min: 1 }),
    ...placing,
  },
  example: { ID: 2, NAME: 'Research and more' },
  result: z.literal(true),
  errors: { ACCESS_DENIED: accessDenied, NOT_FOUND: notFound },
  async run({ context, caller, params, fail }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    const name = params.NAME?.trim();
    if (name === '') throw argumentError('NAME', 'is null or empty');
    const outcome = await changeDepartment(context.messenger, params.ID, { name, parentId: params.PARENT, sort: params.SORT, headId: params.UF_HEAD });
    if (outcome.ok) return true as const;
    if (outcome.reason === 'no_department') return fail('NOT_FOUND');
    if (outcome.reason === 'root') throw argumentError('PARENT', 'is given for the top of the structure');
    throw refusal(outcome.reason);
  },
});

const remove = defineMethod({
  name: 'department.delete',
  scope: 'department',
  summary: 'Takes a department away; who and what is in it comes to the one above. For administrators',
  params: { ID: id({ description: 'Department' }) },
  example: { ID: 2 },
  result: z.literal(true),
  errors: { ACCESS_DENIED: accessDenied, NOT_FOUND: notFound },
  async run({ context, caller, params, fail }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    const outcome = await dropDepartment(context.messenger, params.ID);
    if (outcome.ok) return true as const;
    if (outcome.reason === 'no_department') return fail('NOT_FOUND');
    throw refusal(outcome.reason);
  },
});

export const departmentChangeMethods = [fields, add, update, remove];
