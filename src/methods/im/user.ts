import { z } from 'zod';
import { viewOneUser, viewUsers } from '../../messenger/people/users.ts';
import { userShape } from '../../messenger/views/user-view.ts';
import { error } from '../../rest/method.ts';
import { flag, idList, int, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';

const avatarHr = flag({ description: 'Without effect: avatar_hr is always there', default: false });
const MOST_IDS = 1000;

const get = defineMethod({
  name: 'im.user.get',
  scope: 'im',
  summary: 'One user; the caller unless ID says whom',
  params: {
    ID: int({ description: 'User', error: 'ID_EMPTY', min: 1 }),
    AVATAR_HR: avatarHr,
  },
  example: { ID: 1 },
  result: userShape,
  errors: {
    ID_EMPTY: error('ID_EMPTY', 400, "User ID can't be empty"),
    USER_NOT_EXISTS: error('USER_NOT_EXISTS', 400, 'User does not exist'),
    ACCESS_DENIED: error('ACCESS_DENIED', 400, 'You can request only users who are part of your extranet group'),
  },
  async run({ context, caller, params, fail }) {
    const outcome = await viewOneUser(context.messenger, caller, params.ID ?? caller.userId);
    if (outcome.ok) return outcome.value;
    return fail(outcome.reason === 'no_user' ? 'USER_NOT_EXISTS' : 'ACCESS_DENIED');
  },
});

const listGet = defineMethod({
  name: 'im.user.list.get',
  scope: 'im',
  summary: 'Several users, by id; those who do not exist or may not be seen are left out',
  params: {
    ID: idList({ description: 'Users', error: 'INVALID_FORMAT', required: true, max: MOST_IDS }),
    AVATAR_HR: avatarHr,
    RESULT_TYPE: text({ description: 'array for a list instead of a map', max: 20 }),
  },
  example: { ID: [1, 2] },
  result: z.union([z.array(userShape), z.record(z.string(), userShape)]),
  errors: { INVALID_FORMAT: error('INVALID_FORMAT', 400, 'A wrong format for the ID field is passed') },
  async run({ context, caller, params }) {
    const users = await viewUsers(context.messenger, caller, params.ID);
    if (params.RESULT_TYPE === 'array' || users.length === 0) return users;
    return Object.fromEntries(users.map((user) => [user.id, user]));
  },
});

export const imUserMethods = [get, listGet];
