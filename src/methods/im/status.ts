/** What users say of themselves. */
import { z } from 'zod';
import { setIdle, setStatus, STATUSES, statusOf } from '../../messenger/people/status.ts';
import { error } from '../../rest/method.ts';
import { int, text } from '../../rest/params.ts';
import { defineMethod } from '../app.ts';

const MINUTE_MS = 60_000;
/** Ten years: longer ago is as good as that. */
const LONGEST_AGO = 5_256_000;

const get = defineMethod({
  name: 'im.user.status.get',
  scope: 'im',
  summary: 'The caller\'s status; false where none was set',
  params: {},
  result: z.union([z.enum(STATUSES), z.literal(false)]),
  errors: {},
  run: async ({ context, caller }) => (await statusOf(context.messenger, caller.userId)) ?? (false as const),
});

const set = defineMethod({
  name: 'im.user.status.set',
  scope: 'im',
  summary: 'Sets the caller\'s status, which nobody else sees',
  params: { STATUS: text({ description: 'online, dnd, away or break', error: 'STATUS_ERROR', max: 20 }) },
  example: { STATUS: 'dnd' },
  result: z.literal(true),
  errors: { STATUS_ERROR: error('STATUS_ERROR', 400, 'Status is not available') },
  async run({ context, caller, params, fail }) {
    const status = STATUSES.find((word) => word === params.STATUS) ?? fail('STATUS_ERROR');
    await setStatus(context.messenger, caller.userId, status);
    return true as const;
  },
});

const idleStart = defineMethod({
  name: 'im.user.status.idle.start',
  scope: 'im',
  summary: 'Says that the caller has been idle for some minutes',
  params: { AGO: int({ description: 'Minutes, 10 unless given', min: 1, max: LONGEST_AGO, clamp: true }) },
  example: { AGO: 15 },
  result: z.literal(true),
  errors: {},
  async run({ context, caller, params }) {
    await setIdle(context.messenger, caller.userId, (params.AGO ?? 10) * MINUTE_MS);
    return true as const;
  },
});

const idleEnd = defineMethod({
  name: 'im.user.status.idle.end',
  scope: 'im',
  summary: 'Says that the caller is no longer idle',
  params: {},
  result: z.literal(true),
  errors: {},
  async run({ context, caller }) {
    await setIdle(context.messenger, caller.userId, undefined);
    return true as const;
  },
});

const revisionGet = defineMethod({
  name: 'im.revision.get',
  scope: 'im',
  summary: 'The revisions of the interface that this server speaks',
  params: {},
  result: z.strictObject({ rest: z.int(), web: z.int(), mobile: z.int(), desktop: z.int(), im_revision_mobile: z.int() }),
  errors: {},
  run: () => Promise.resolve({ rest: 32, web: 130, mobile: 22, desktop: 6, im_revision_mobile: 22 }),
});

export const statusMethods = [get, set, idleStart, idleEnd, revisionGet];
