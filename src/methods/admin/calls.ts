/** The last calls: who asked for what, and what came of it. */
import { z } from 'zod';
import { int as number } from '../../messenger/views/scalars.ts';
import { flag, int, text } from '../../rest/params.ts';
import { adminMethod } from './kit.ts';

/** Methods by which others' calls are looked at: they are not written down themselves unless they fail. */
export const LOOKING = ['tidemark.calls.list', 'tidemark.figures.get'];

const MOST = 1000;
const USUAL = 200;

/** A call as it is shown. */
const callShape = z.strictObject({
  id: number, at: z.string().describe('When it was answered, ISO 8601 in UTC with milliseconds'), user_id: number.describe('0 for nobody who was let in'),
  webhook_id: number.describe('0 where it was no webhook'), client_id: z.string().describe('Empty where it was no application'), method: z.string(),
  command: z.boolean().describe('A command of a batch'), params: z.string().describe('JSON without secrets, cut where it is long'), status: number,
  code: z.string().describe('Of the error; empty for none'), why: z.string().describe('Its text, and what went wrong in the server'),
  rehearsed: z.string().describe('The error that was rehearsed, or DELAY'), ms: z.number(), statements: number.describe('In the database'),
});

export type ShownCall = z.infer<typeof callShape>;

const list = adminMethod({
  name: 'tidemark.calls.list',
  summary: 'The last thousand calls that this server has answered since it was started, without secrets; oldest first. It writes them down while the setting calls is on',
  params: {
    ERRORS: flag({ description: 'Y for those that failed alone', default: false }),
    METHOD: text({ description: 'Only calls of this method; of several where it ends in *, as in im.recent.*', max: 100 }),
    USER_ID: int({ description: 'Only calls of this user', min: 1 }),
    SINCE: int({ description: 'Only those after the call of this number', min: 0 }),
    LIMIT: int({ description: `At most so many, the newest; ${USUAL} unless given`, min: 1, max: MOST, clamp: true }),
  },
  example: { ERRORS: 'Y' },
  result: z.strictObject({
    on: z.boolean().describe('Whether calls are written down'),
    node: z.string().describe('Which server this is, of several on one store'),
    calls: z.array(callShape),
  }),
  errors: {},
  async run({ context: { calls, node }, params }) {
    const filter = { since: params.SINCE ?? 0, errors: params.ERRORS, method: params.METHOD ?? '', userId: params.USER_ID ?? 0 };
    const shown = calls.list(filter, params.LIMIT ?? USUAL).map(({ id, at, userId, webhookId, clientId, inner, ms, ...call }) => ({
      id, at: new Date(at).toISOString(), user_id: userId, webhook_id: webhookId, client_id: clientId, method: call.method, command: inner, params: call.params,
      status: call.status, code: call.code, why: call.why, rehearsed: call.rehearsed, ms: Math.round(ms * 1000) / 1000, statements: call.statements,
    }));
    return { on: calls.on, node, calls: shown };
  },
});

export const callMethods = [list];
