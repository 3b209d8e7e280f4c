/** The errors of the methods about the structure, finding and status. See error-cases.ts. */
import { dialogIdEmpty, each, type ErrorCase, type ErrorCases } from './error-kit.ts';
import { NOBODY } from './scene.ts';

const NO_LISTS = [undefined, null, '', 'x', '{}', '[1', [0], [-1], ['x'], [1.5], [[1]], true, { 0: 'x' }];

const forInsiders: ErrorCase = {
  status: 403, code: 'ACCESS_ERROR', text: 'Only intranet users have access to this method', as: 'guest', given: () => [{ ID: [1] }, { ID: '[1]', USER_DATA: 'Y' }],
};
const idEmpty: ErrorCase = { status: 400, code: 'ID_EMPTY', text: "Department ID can't be empty", given: () => each('ID', NO_LISTS) };
const findShort = (values: readonly unknown[]): ErrorCase => ({ status: 400, code: 'FIND_SHORT', text: 'Too short a search phrase', given: () => each('FIND', values) });
const SHORT = [undefined, null, '', ' ', 'a', ' a ', '🌊', [], {}, true];

const accessDenied: ErrorCase = { status: 400, code: 'ERROR_CORE', text: 'access_denied', given: () => [{ ID: 1, NAME: 'New', PARENT: 1 }] };
const notFound: ErrorCase = { status: 400, code: 'ERROR_CORE', text: 'There is no such department', as: 'admin', given: () => [{ ID: NOBODY }] };

export const peopleCases: ErrorCases = {
  'im.search.user.list': { FIND_SHORT: findShort(SHORT) },
  'im.search.chat.list': { FIND_SHORT: { ...findShort(SHORT), given: () => [...each('FIND', SHORT), ...each('FIND_LINES', SHORT), { FIND: 'a', FIND_LINES: 'abc' }] } },
  'im.search.last.add': { DIALOG_ID_EMPTY: dialogIdEmpty() },
  'im.search.last.delete': { DIALOG_ID_EMPTY: dialogIdEmpty() },
  'im.search.last.get': {},
  'user.online': {},
  'user.counters': {},
  'im.v2.Event.get': {},
  'im.v2.Event.subscribe': {},
  'im.v2.Event.unsubscribe': {},
  'im.search.department.list': { FIND_SHORT: findShort([undefined, null, [], {}, true]) },
  'im.department.get': {
    INVALID_FORMAT: { status: 400, code: 'INVALID_FORMAT', text: 'A wrong format for the ID field is passed', given: () => each('ID', NO_LISTS) },
    ACCESS_ERROR: forInsiders,
  },
  'im.department.managers.get': { ID_EMPTY: idEmpty, ACCESS_ERROR: forInsiders },
  'im.department.employees.get': { ID_EMPTY: idEmpty, ACCESS_ERROR: forInsiders },
  'im.department.colleagues.list': { ACCESS_ERROR: forInsiders },
  'im.user.status.get': {},
  'im.user.status.set': {
    STATUS_ERROR: { status: 400, code: 'STATUS_ERROR', text: 'Status is not available', given: () => each('STATUS', [undefined, null, '', 'DND', 'busy', 'x'.repeat(21), [], {}, true]) },
  },
  'im.user.status.idle.start': {},
  'im.user.status.idle.end': {},
  'im.revision.get': {},
  'department.fields': {},
  'department.add': { ACCESS_DENIED: accessDenied },
  'department.update': { ACCESS_DENIED: accessDenied, NOT_FOUND: notFound },
  'department.delete': { ACCESS_DENIED: accessDenied, NOT_FOUND: notFound },
};
