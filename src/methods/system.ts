import { z } from 'zod';
import { findUser } from '../db/user-store.ts';
import { coversScope } from '../rest/auth.ts';
import { flag, text } from '../rest/params.ts';
import { SCOPES } from '../portal/webhooks.ts';
import { defineMethod } from './app.ts';
import { atom } from './shapes.ts';

const serverTime = defineMethod({
  name: 'server.time',
  scope: null,
  summary: 'The server\'s time in the portal\'s zone',
  params: {},
  result: atom,
  errors: {},
  async run({ context }) {
    const { zone } = await context.messenger.settings();
    return zone.atom(context.messenger.clock.now());
  },
});

const methods = defineMethod({
  name: 'methods',
  scope: null,
  summary: 'Lower-case names of the methods that the caller may use',
  params: {
    SCOPE: text({ description: 'Only the methods of one scope; empty for those that need none', max: 100 }),
    FULL: flag({ description: 'Y for all methods there are', default: false }),
  },
  example: { SCOPE: 'im' },
  result: z.array(z.string()),
  errors: {},
  async run({ context, caller, params }) {
    const wanted = context.methods().filter((method) => {
      if (params.FULL) return true;
      if (params.SCOPE !== undefined) return (method.scope ?? '') === params.SCOPE;
      return coversScope(caller, method.scope);
    });
    return wanted.map((method) => method.name.toLowerCase()).sort();
  },
});

const scope = defineMethod({
  name: 'scope',
  scope: null,
  summary: 'Scopes of the webhook or token',
  params: { FULL: flag({ description: 'Y for all scopes there are', default: false }) },
  result: z.array(z.string()),
  errors: {},
  async run({ caller, params }) {
    return params.FULL ? [...SCOPES] : [...caller.scopes];
  },
});

const profile = defineMethod({
  name: 'profile',
  scope: null,
  summary: 'Who the caller is',
  params: {},
  result: z.strictObject({
    ID: z.string(),
    ADMIN: z.boolean(),
    NAME: z.string(),
    LAST_NAME: z.string(),
    PERSONAL_GENDER: z.string(),
    TIME_ZONE: z.string(),
    PERSONAL_PHOTO: z.string().optional(),
  }),
  errors: {},
  async run({ context, caller }) {
    const user = (await context.messenger.db.read((s) => findUser(s, caller.userId)))!;
    return {
      ID: String(user.id),
      ADMIN: user.admin === 1,
      NAME: user.first_name,
      LAST_NAME: user.last_name,
      PERSONAL_GENDER: user.gender,
      TIME_ZONE: user.time_zone,
      ...(user.avatar && { PERSONAL_PHOTO: user.avatar }),
    };
  },
});

export const systemMethods = [serverTime, methods, scope, profile];
