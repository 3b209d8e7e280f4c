import { z } from 'zod';
import { labelOf, SHOWN } from '../../messenger/people/user-fields.ts';
import { shownBy } from '../../messenger/views/profile-fields.ts';
import { profileRow, profileRowShape, withinScopes } from '../../messenger/views/user-row.ts';
import { onlineUsers } from '../../messenger/people/user-list.ts';
import { countUnread } from '../../messenger/recent/counters.ts';
import { addUser, changeUser, readUser } from '../../messenger/people/users.ts';
import { error } from '../../rest/method.ts';
import { id, idList } from '../../rest/params.ts';
import { type AppContext, defineMethod } from '../app.ts';
import { type GivenPicture, keepPicture, type KeptPicture } from '../pictures.ts';
import { profileChanges, profileParams } from './profile-fields.ts';
import { userListParams, userPage } from './user-list.ts';

const MOST_GROUPS = 100;

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
  result: profileRowShape,
  errors: {},
  async run({ context, caller }) {
    const { messenger } = context;
    const { zone } = await messenger.settings();
    const user = (await readUser(messenger, caller.userId))!;
    return withinScopes(profileRow(user, zone, messenger.clock.now()), caller.scopes);
  },
});

const get = defineMethod({
  name: 'user.get',
  scope: 'user',
  summary: 'Users by filter, 50 on a page; bots and people from open lines are not among them',
  params: userListParams,
  example: { FILTER: { ACTIVE: 'Y' }, SORT: 'LAST_NAME', ORDER: 'ASC' },
  result: z.array(profileRowShape),
  errors: {},
  run: (call) => userPage(call, false),
});

const search = defineMethod({
  name: 'user.search',
  scope: 'user',
  summary: 'Users by how the words of their names, positions and departments begin: FIND looks in all of them. Otherwise as user.get',
  params: userListParams,
  example: { FILTER: { FIND: 'anna' } },
  result: z.array(profileRowShape),
  errors: {},
  run: (call) => userPage(call, true),
});

const fields = defineMethod({
  name: 'user.fields',
  scope: 'user',
  summary: 'The fields of a user that the scope shows, with their names',
  params: {},
  result: z.record(z.string(), z.string()),
  errors: {},
  async run({ caller }) {
    const shows = shownBy(caller.scopes);
    return Object.fromEntries(Object.keys(SHOWN).filter(shows).map((field) => [field, labelOf(field)]));
  },
});

/** Keeps what is given as a picture; an address is taken as it is. */
async function photoOf({ messenger, blobs }: AppContext, given: string | GivenPicture | undefined, origin: string): Promise<KeptPicture | undefined> {
  if (given === undefined) return undefined;
  return typeof given === 'string' ? { address: given, sizes: [] } : keepPicture(messenger, blobs, given, origin, 'PERSONAL_PHOTO');
}

const add = defineMethod({
  name: 'user.add',
  scope: 'user',
  exactScope: true,
  summary: 'Adds a user and gives the id; for administrators',
  params: { ...profileParams, SONET_GROUP_ID: idList({ description: 'Workgroups whose chats the user comes into', max: MOST_GROUPS, error: 'GROUP_ID' }) },
  example: { EMAIL: 'maria@example.org', NAME: 'Maria', LAST_NAME: 'Silva', WORK_POSITION: 'Designer' },
  result: z.int().positive(),
  errors: {
    ...changeErrors,
    GROUP_ID: error('ERROR_GROUPID', 400, 'Group code not specified'),
    NO_GROUP: error('ERROR_NO_GROUP', 400, 'Group is specified incorrectly'),
  },
  async run({ context, caller, params, fail, origin }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    if (!params.EMAIL) return fail('WRONG_EMAIL');
    const photo = await photoOf(context, params.PERSONAL_PHOTO, origin);
    const changes = profileChanges({ ...params, PERSONAL_PHOTO: photo?.address }, undefined, context.messenger.clock.now());
    if (changes === 'wrong_email') return fail('WRONG_EMAIL');
    const outcome = await addUser(context.messenger, caller.userId, changes, { photo: photo?.sizes, groupIds: params.SONET_GROUP_ID });
    return outcome.ok ? outcome.value : fail(outcome.reason === 'no_group' ? 'NO_GROUP' : 'EMAIL_TAKEN');
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
  async run({ context, caller, params, fail, origin }) {
    if (!caller.admin) return fail('ACCESS_DENIED');
    const { messenger } = context;
    const before = (await readUser(messenger, params.ID)) ?? fail('ACCESS_DENIED');
    const photo = await photoOf(context, params.PERSONAL_PHOTO, origin);
    const changes = profileChanges({ ...params, PERSONAL_PHOTO: photo?.address }, before, messenger.clock.now());
    const outcome = await changeUser(messenger, params.ID, changes === 'wrong_email' ? fail('WRONG_EMAIL') : changes, photo?.sizes);
    if (outcome.ok) return true as const;
    return fail(({ no_user: 'ACCESS_DENIED', email_taken: 'EMAIL_TAKEN', last_admin: 'LAST_ADMINISTRATOR' } as const)[outcome.reason]);
  },
});

const online = defineMethod({
  name: 'user.online',
  scope: 'user',
  summary: 'Ids of the people who have been active in the last quarter of an hour',
  params: {},
  result: z.array(z.string()),
  errors: {},
  run: async ({ context, caller }) => (await onlineUsers(context.messenger, caller)).map(String),
});

const counters = defineMethod({
  name: 'user.counters',
  scope: 'user',
  summary: 'The caller\'s counters by code: im is what is unread in the messenger, notifications included, as im.counters.get has it',
  params: {},
  result: z.strictObject({ im: z.int() }),
  errors: {},
  run: async ({ context, caller }) => ({ im: (await countUnread(context.messenger, caller)).TYPE.ALL }),
});

export const userMethods = [current, get, search, fields, online, counters, add, update];
