/** Webhooks: their addresses are told once, when they are made. */
import { z } from 'zod';
import { addWebhook, changeWebhook, SCOPES, unknownScope, webhookPage } from '../../identity/webhooks.ts';
import { lookUpNames } from '../../messenger/people/enrolling.ts';
import { atom, atomOrFalse, int as number } from '../../messenger/views/scalars.ts';
import { error } from '../../rest/method.ts';
import { flag, id, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { adminMethod, nameOf, paged, pageIn, pages } from './kit.ts';
import { codesIn, scopesParam } from './scopes.ts';

const list = adminMethod({
  name: 'tidemark.webhooks.list',
  summary: 'All webhooks without their codes, the newest first',
  params: pages,
  result: z.array(z.strictObject({
    id: number, user_id: number, user_name: z.string(), user_active: z.boolean(), title: z.string(), scopes: z.array(z.string()),
    held: z.boolean().describe('Blocked: its calls fail with OVERLOAD_LIMIT'), created: atom, last_used: atomOrFalse,
  })),
  errors: {},
  async run({ context: { messenger: m }, params, start }) {
    const page = pageIn(params, start);
    const { zone } = await m.settings();
    const { rows, total } = await webhookPage(m.db, page.offset, page.limit);
    const users = await lookUpNames(m, rows.map((row) => row.user_id));
    const shown = rows.map(({ id: number_, user_id, title, scope, held, created_at, last_used_at }) => {
      const user = users.get(user_id);
      return {
        id: number_, user_id, user_name: user ? nameOf(user) : '', user_active: user?.active === 1, title, scopes: codesIn(scope), held: held === 1,
        created: zone.atom(created_at), last_used: last_used_at > 0 && zone.atom(last_used_at),
      };
    });
    return paged(shown, page, total);
  },
});

const add = adminMethod({
  name: 'tidemark.webhooks.add',
  summary: 'Makes a webhook, whose address is told this once',
  params: { USER_ID: id({ description: 'Whose rights it has' }), SCOPES: scopesParam('Scopes; im and user unless given'), TITLE: text({ description: 'A name for it', max: 200 }) },
  example: { USER_ID: 2, SCOPES: ['im', 'user'], TITLE: 'Reports' },
  result: z.strictObject({ id: number, secret: z.string(), url: z.string() }),
  errors: { USER_NOT_FOUND: error('USER_NOT_FOUND', 400, 'There is no such user') },
  async run({ context: { messenger: m }, params, fail, origin }) {
    const scopes = params.SCOPES ?? ['im', 'user'];
    const unknown = unknownScope(scopes);
    if (unknown !== undefined) throw argumentError('SCOPES', `must be among ${SCOPES.join(', ')}`);
    const made = (await addWebhook(m.db, m.clock, { userId: params.USER_ID, scopes, title: params.TITLE ?? '' })) ?? fail('USER_NOT_FOUND');
    return { id: made.id, secret: made.code, url: `${origin}/rest/${params.USER_ID}/${made.code}/` };
  },
});

const WEBHOOK_NOT_FOUND = error('WEBHOOK_NOT_FOUND', 400, 'There is no such webhook');

const hold = adminMethod({
  name: 'tidemark.webhooks.hold',
  summary: 'Blocks a webhook, whose calls then fail with OVERLOAD_LIMIT, or ends that',
  params: { ID: id({ description: 'Webhook' }), HELD: flag({ description: 'N ends the block', default: true }) },
  example: { ID: 3 },
  result: z.literal(true),
  errors: { WEBHOOK_NOT_FOUND },
  async run({ context: { messenger: m }, params, fail }) {
    if (!(await changeWebhook(m.db, String(params.ID), { held: params.HELD }))) return fail('WEBHOOK_NOT_FOUND');
    return true as const;
  },
});

const remove = adminMethod({
  name: 'tidemark.webhooks.delete',
  summary: 'Ends a webhook at once and for good',
  params: { ID: id({ description: 'Webhook' }) },
  example: { ID: 3 },
  result: z.literal(true),
  errors: { WEBHOOK_NOT_FOUND },
  async run({ context: { messenger: m }, params, fail }) {
    if (!(await changeWebhook(m.db, String(params.ID), { removed: true }))) return fail('WEBHOOK_NOT_FOUND');
    return true as const;
  },
});

export const webhookMethods = [list, add, hold, remove];
