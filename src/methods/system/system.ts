import { z } from 'zod';
import { atom } from '../../messenger/views/scalars.ts';
import { callerShape, viewCaller } from '../../messenger/views/user-row.ts';
import { readUser } from '../../messenger/people/users.ts';
import { opens } from '../../rest/auth.ts';
import { flag, text } from '../../rest/params.ts';
import { toPolicy } from '../../portal/policy.ts';
import { SCOPES } from '../../identity/webhooks.ts';
import type { Method } from '../../rest/method.ts';
import { systemErrors } from '../../rest/system-errors.ts';
import { type AppContext, defineMethod } from '../app.ts';

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
      return opens(caller, method);
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
  result: callerShape,
  errors: {},
  run: async ({ context, caller }) => viewCaller((await readUser(context.messenger, caller.userId))!),
});

const manifest = defineMethod({
  name: 'tidemark.manifest.get',
  scope: null,
  summary: 'What this portal can do, for programs: its methods with their parameters and errors',
  params: {},
  result: z.strictObject({
    portal: z.string(),
    methods: z.array(
      z.strictObject({
        name: z.string(),
        scope: z.string(),
        summary: z.string(),
        params: z.array(z.strictObject({ name: z.string(), type: z.string(), required: z.boolean(), description: z.string() })),
        errors: z.array(z.strictObject({ code: z.string(), status: z.int(), text: z.string() })),
      }),
    ),
  }),
  errors: { ERROR_MANIFEST_IS_NOT_AVAILABLE: systemErrors.manifest },
  async run({ context, fail }) {
    const { name, values } = await context.messenger.settings();
    if (!toPolicy(values).docs) return fail('ERROR_MANIFEST_IS_NOT_AVAILABLE');
    return { portal: name, methods: context.methods().map(describe) };
  },
});

function describe({ name, scope: code, summary, params, errors }: Method<AppContext>) {
  return {
    name,
    scope: code ?? '',
    summary,
    params: Object.entries(params).map(([key, { type, required, description }]) => ({ name: key, type, required, description })),
    errors: Object.values(errors),
  };
}

export const systemMethods = [manifest, serverTime, methods, scope, profile];
