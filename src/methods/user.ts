import { z } from 'zod';
import { allUsers, findUser } from '../db/user-store.ts';
import { knownAmong } from '../messenger/access/meeting.ts';
import { makeUserFilter } from '../messenger/user-filter.ts';
import { type ProfileRow, profileRow, withinScopes } from '../messenger/user-row.ts';
import { isOutsider } from '../messenger/user-view.ts';
import { breathe } from '../messenger/messenger.ts';
import { present } from '../messenger/presenting.ts';
import { addUser, changeUser } from '../messenger/users.ts';
import { type Caller, error, Paged } from '../rest/method.ts';
import { anything, id, text } from '../rest/params.ts';
import { argumentError } from '../rest/request-error.ts';
import type { Value, ValueMap } from '../rest/values.ts';
import { type AppContext, defineMethod } from './app.ts';
import { profileChanges, profileParams } from './profile-fields.ts';

const userRow = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.int())]));
const PAGE = 50;

const changeErrors = {
  ACCESS_DENIED: error('ERROR_CORE', 400, 'access_denied'),
  WRONG_EMAIL: error('ERROR_ARGUMENT', 400, 'wrong_email'),
  EMAIL_TAKEN: error('ERROR_ARGUMENT', 400, 'A user with this email already exists'),
};

const current = defineMethod({
  name: 'user.current',
  scope: 'user',
  summary: 'The caller',
  params: {},
  result: userRow,
  errors: {},
  async run({ context, caller }) {
    const { messenger } = context;
    const { zone } = await messenger.settings();
    const user = (await messenger.db.read((s) => findUser(s, caller.userId)))!;
    return withinScopes(profileRow(user, zone, messenger.clock.now()), caller.scopes);
  },
});

const NOT_FILTERS = new Set(['SORT', 'ORDER', 'START', 'SELECT', 'ADMIN_MODE', 'IMAGE_RESIZE', 'AUTH', 'FILTER', 'ACCESS_TOKEN']);
const TELEMETRY = /^(BX24_|LOGTAG$|APLOGIN$|AP$|METHOD$|SESSID$|STATE$)/;

const get = defineMethod({
  name: 'user.get',
  scope: 'user',
  summary: 'Users by filter, 50 on a page; bots and people from open lines are not among them',
  params: {
    FILTER: anything({ description: 'Conditions by field; without it the other parameters are the filter' }),
    SORT: text({ description: 'Field to sort by', max: 60 }),
    ORDER: text({ description: 'ASC or DESC', max: 4 }),
  },
  example: { FILTER: { ACTIVE: 'Y' }, SORT: 'LAST_NAME', ORDER: 'ASC' },
  result: z.array(userRow),
  errors: {},
  async run({ context, caller, params, raw, start }) {
    const matches = makeUserFilter(filterOf(params.FILTER, raw));
    if (typeof matches === 'object') throw argumentError('FILTER', `has no such field: ${matches.unknown.slice(0, 100)}`);
    const rows = await findVisible(context, caller, matches);
    sortRows(rows, params.SORT, params.ORDER);
    const offset = Math.max(start, 0);
    const next = offset + PAGE < rows.length && start >= 0 ? offset + PAGE : undefined;
    return new Paged(rows.slice(offset, offset + PAGE), { total: rows.length, next });
  },
});

function filterOf(filter: Value | undefined, raw: ValueMap): Record<string, unknown> {
  if (filter !== undefined && filter !== null && filter !== '') {
    if (typeof filter !== 'object') throw argumentError('FILTER', 'must be a map of conditions');
    return Array.isArray(filter) ? {} : filter;
  }
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !NOT_FILTERS.has(name) && !TELEMETRY.test(name)));
}

async function findVisible(
  { messenger }: AppContext,
  { userId: viewerId, scopes }: Caller,
  matches: (row: ProfileRow) => boolean,
): Promise<ProfileRow[]> {
  const { zone } = await messenger.settings();
  const now = messenger.clock.now();
  return messenger.db.read(async (s) => {
    const rows: ProfileRow[] = [];
    for await (const chunk of allUsers(s)) {
      for (const user of await knownAmong(s, viewerId, chunk)) {
        if (isOutsider(user)) continue;
        const row = present(messenger, { user: user.id }, () => withinScopes(profileRow(user, zone, now), scopes));
        if (row && matches(row)) rows.push(row);
      }
      await breathe();
    }
    return rows;
  });
}

function sortRows(rows: ProfileRow[], sort: string | undefined, order: string | undefined): void {
  if (!sort) return;
  const [field, sign] = [sort.toUpperCase(), order?.toUpperCase() === 'DESC' ? -1 : 1];
  const key = (row: ProfileRow) => String(row[field] ?? '');
  rows.sort((a, b) => sign * key(a).localeCompare(key(b), 'en', { numeric: true }));
}

const add = defineMethod({
  name: 'user.add',
  scope: 'user',
  exactScope: true,
  summary: 'Adds a user and gives the id; for administrators',
  params: profileParams,
  example: { EMAIL: 'maria@example.org', NAME: 'Maria', LAST_NAME: 'Silva', WORK_POSITION: 'Designer' },
  result: z.int().positive(),
  errors: changeErrors,
  async run({ context, caller, params, fail }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    if (!params.EMAIL) return fail('WRONG_EMAIL');
    const changes = profileChanges(params, undefined, context.messenger.clock.now());
    const outcome = await addUser(context.messenger, caller.userId, changes === 'wrong_email' ? fail('WRONG_EMAIL') : changes);
    return outcome.ok ? outcome.value : fail('EMAIL_TAKEN');
  },
});

const update = defineMethod({
  name: 'user.update',
  scope: 'user',
  exactScope: true,
  summary: 'Changes a user, or dismisses one with ACTIVE=N; for administrators',
  params: { ID: id({ description: 'User' }), ...profileParams },
  example: { ID: 2, WORK_POSITION: 'Lead designer' },
  result: z.literal(true),
  errors: { ...changeErrors, LAST_ADMINISTRATOR: error('LAST_ADMINISTRATOR', 400, 'The last active administrator can not be dismissed') },
  async run({ context, caller, params, fail }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    const { messenger } = context;
    const before = (await messenger.db.read((s) => findUser(s, params.ID))) ?? fail('ACCESS_DENIED');
    const changes = profileChanges(params, before, messenger.clock.now());
    const outcome = await changeUser(messenger, params.ID, changes === 'wrong_email' ? fail('WRONG_EMAIL') : changes);
    if (outcome.ok) return true as const;
    return fail(({ no_user: 'ACCESS_DENIED', email_taken: 'EMAIL_TAKEN', last_admin: 'LAST_ADMINISTRATOR' } as const)[outcome.reason]);
  },
});

export const userMethods = [current, get, add, update];
