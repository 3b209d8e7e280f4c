/** Events to applications: what is queued, what failed and why, and telling it again. */
import { z } from 'zod';
import { lookUpAddresses, lookUpDeliveries, replayAddress, replayOne } from '../../delivery/handlers/overseeing.ts';
import { atom, atomOrFalse, int as number } from '../../messenger/views/scalars.ts';
import { error } from '../../rest/method.ts';
import { int, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { adminMethod, choice, paged, pageIn, pages } from './kit.ts';

const APPLICATION_NOT_FOUND = error('APPLICATION_NOT_FOUND', 400, 'There is no such application');
const ofApplication = text({ description: 'Only of this application', max: 100 });

const list = adminMethod({
  name: 'tidemark.deliveries.list',
  summary: 'What handlers are being told and were told in the last week, the newest first',
  params: {
    STATE: choice({ description: 'Only these', words: ['waiting', 'done', 'failed'] }),
    CLIENT_ID: ofApplication,
    URL: text({ description: 'Only to this address', max: 2000 }),
    ...pages,
  },
  example: { STATE: 'failed' },
  result: z.array(z.strictObject({
    id: number, client_id: z.string(), application: z.string(), event: z.string(), url: z.string(), user_id: number,
    state: z.enum(['waiting', 'done', 'failed']), attempts: number,
    status: number.describe('HTTP status of the last answer; 0 for none'), problem: z.string().describe('Why there was no answer'),
    created: atom, next: atomOrFalse.describe('When the next attempt is due'), finished: atomOrFalse,
  })),
  errors: { APPLICATION_NOT_FOUND },
  async run({ context: { messenger: m }, params, start, fail }) {
    const page = pageIn(params, start);
    const { zone } = await m.settings();
    const outcome = await lookUpDeliveries(m.db, { state: params.STATE ?? '', clientId: params.CLIENT_ID ?? '', url: params.URL ?? '' }, page);
    if (!outcome.ok) return fail('APPLICATION_NOT_FOUND');
    const shown = outcome.value.rows.map((row) => ({
      id: row.id, client_id: row.client_id ?? '', application: row.title ?? '', event: row.event, url: row.url, user_id: row.user_id, state: row.state,
      attempts: row.attempts, status: row.status, problem: row.problem, created: zone.atom(row.created_at),
      next: row.state === 'waiting' && zone.atom(Math.max(row.next_at, row.created_at)), finished: row.finished_at > 0 && zone.atom(row.finished_at),
    }));
    return paged(shown, page, outcome.value.total);
  },
});

const addresses = adminMethod({
  name: 'tidemark.deliveries.addresses',
  summary: 'How each address of an application fared in the last week, those with the most failures first',
  params: {},
  result: z.array(z.strictObject({
    client_id: z.string(), application: z.string(), url: z.string(), waiting: number, failed: number, done: number, failed_at: atomOrFalse,
  })),
  errors: {},
  async run({ context: { messenger: m } }) {
    const { zone } = await m.settings();
    return (await lookUpAddresses(m.db)).map((row) => ({
      client_id: row.client_id ?? '', application: row.title ?? '', url: row.url, waiting: row.waiting, failed: row.failed, done: row.done,
      failed_at: row.failed_at > 0 && zone.atom(row.failed_at),
    }));
  },
});

const replay = adminMethod({
  name: 'tidemark.deliveries.replay',
  summary: 'Tells something again at once: one delivery, or all that an address has not taken, in the order in which it happened',
  params: {
    ID: int({ description: 'The delivery; or URL', min: 1 }),
    URL: text({ description: 'The address; or ID', max: 2000 }),
    CLIENT_ID: ofApplication,
  },
  example: { ID: 12 },
  result: z.strictObject({ replayed: number }),
  errors: { DELIVERY_NOT_FOUND: error('DELIVERY_NOT_FOUND', 400, 'There is no such delivery, or it is being made at this moment'), APPLICATION_NOT_FOUND },
  async run({ context: { messenger: m }, params, fail }) {
    if ((params.ID === undefined) === !params.URL) throw argumentError('ID', 'or URL must be given, and only one of them');
    if (params.ID !== undefined) return { replayed: (await replayOne(m, params.ID)) || fail('DELIVERY_NOT_FOUND') };
    const outcome = await replayAddress(m, params.URL!, params.CLIENT_ID ?? '');
    return outcome.ok ? { replayed: outcome.value } : fail('APPLICATION_NOT_FOUND');
  },
});

export const deliveryMethods = [list, addresses, replay];
