/** Errors on purpose. */
import { z } from 'zod';
import { listApplications } from '../../identity/applications.ts';
import { beginRehearsal, endRehearsal, endRehearsals, type KnownMethods, listRehearsals, LONGEST_DELAY_MS, type Whose } from '../../identity/rehearsing.ts';
import { atom, int as number } from '../../messenger/views/scalars.ts';
import { PER_MILLION } from '../../portal/rehearsals.ts';
import { error, type Method } from '../../rest/method.ts';
import { int, type Param, text } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import { systemErrors } from '../../rest/system-errors.ts';
import type { AppContext } from '../app.ts';
import { adminMethod } from './kit.ts';

/** What whoever plans a rehearsal asks of the methods there are. */
export function knownMethods(methods: ReadonlyArray<Method<AppContext>>): KnownMethods {
  const find = (name: string) => methods.find((method) => method.name.toLowerCase() === name.toLowerCase());
  return {
    find: (name) => find(name)?.name,
    codes: (name) => [...new Set(Object.values({ ...systemErrors, ...find(name)?.errors }).map(({ code }) => code))],
  };
}

const list = adminMethod({
  name: 'tidemark.rehearsals.list',
  summary: 'What is being rehearsed: calls that are made to fail or to wait, to see what a client does',
  params: {},
  result: z.array(z.strictObject({
    id: number, webhook_id: number.describe('Whose calls; 0 where it is an application'), client_id: z.string().describe('The same; empty where it is a webhook'),
    error: z.string().describe('Code; empty where calls only wait'), method: z.string().describe('Empty for every method'),
    left: number.describe('Calls; -1 for no end'), rate: z.number().describe('Which share of the calls'), delay: number.describe('Milliseconds'), created: atom,
  })),
  errors: {},
  async run({ context: { messenger: m } }) {
    const { zone } = await m.settings();
    const clientIds = new Map((await listApplications(m.db)).map((app) => [app.id, app.client_id]));
    return (await listRehearsals(m.db)).map((row) => ({
      id: row.id, webhook_id: row.webhook_id, client_id: clientIds.get(row.app_id) ?? '', error: row.error, method: row.method, left: row.remaining,
      rate: row.per_million / PER_MILLION, delay: row.delay_ms, created: zone.atom(row.created_at),
    }));
  },
});

/** A share above nothing and up to 1; the rule looks at its size. */
function share(description: string): Param<number | undefined> {
  return {
    type: 'number',
    required: false,
    description,
    parse(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined;
      const value = typeof raw === 'number' ? raw : typeof raw === 'string' && /^\d{0,3}(\.\d{1,9})?$/.test(raw.trim()) ? Number(raw) : NaN;
      if (!Number.isFinite(value)) throw argumentError(name, 'must be a share such as 0.1');
      return value;
    },
  };
}

const whose = {
  WEBHOOK: text({ description: 'Number, address or code of the webhook whose calls; or CLIENT_ID', max: 300 }),
  CLIENT_ID: text({ description: 'The application whose calls; or WEBHOOK', max: 100 }),
};

const fields = { app: 'CLIENT_ID' };

/** @param others what may be given instead @throws RequestError */
function whoseIn({ WEBHOOK, CLIENT_ID }: { WEBHOOK: string | undefined; CLIENT_ID: string | undefined }, others = ''): Whose {
  if (!WEBHOOK === !CLIENT_ID) throw argumentError('WEBHOOK', `or CLIENT_ID${others} must be given, and only one of them`);
  return WEBHOOK ? { webhook: WEBHOOK } : { app: CLIENT_ID };
}

const set = adminMethod({
  name: 'tidemark.rehearsals.set',
  summary: 'Makes the next calls of a webhook or an application fail or wait',
  params: {
    ...whose,
    ERROR: text({ description: 'Code of the error, such as QUERY_LIMIT_EXCEEDED; without it calls only wait', max: 100 }),
    METHOD: text({ description: 'Only calls of this method: then its own errors may be rehearsed too, and commands of a batch count', max: 100 }),
    NEXT: int({ description: 'How many calls; 1 unless RATE is given', min: 1, max: 999_999 }),
    RATE: share('Which share of the calls, such as 0.1, until it is cleared'),
    DELAY: int({ description: 'Milliseconds that calls wait first', min: 0, max: LONGEST_DELAY_MS }),
  },
  example: { WEBHOOK: '3', ERROR: 'QUERY_LIMIT_EXCEEDED', NEXT: 2 },
  result: z.literal(true),
  errors: { REHEARSALS_OFF: error('REHEARSALS_OFF', 400, 'This portal does not allow it: set rehearsals first') },
  fields,
  async run({ context, params, fail }) {
    const { messenger: m } = context;
    const plan = { error: params.ERROR ?? '', method: params.METHOD ?? '', next: params.NEXT, rate: params.RATE, delayMs: params.DELAY ?? 0 };
    const outcome = await beginRehearsal(m.db, m.clock, whoseIn(params), plan, knownMethods(context.methods()));
    return outcome.ok ? (true as const) : fail('REHEARSALS_OFF');
  },
});

const clear = adminMethod({
  name: 'tidemark.rehearsals.clear',
  summary: 'Ends one rehearsal, or all of a webhook or an application',
  params: { ID: int({ description: 'The rehearsal; or WEBHOOK or CLIENT_ID', min: 1 }), ...whose },
  example: { ID: 4 },
  result: z.literal(true),
  errors: { REHEARSAL_NOT_FOUND: error('REHEARSAL_NOT_FOUND', 400, 'There is no such rehearsal') },
  fields,
  async run({ context: { messenger: m }, params, fail }) {
    if (params.ID === undefined) await endRehearsals(m.db, whoseIn(params, ' or ID'));
    else if (!(await endRehearsal(m.db, params.ID))) return fail('REHEARSAL_NOT_FOUND');
    return true as const;
  },
});

export const rehearsalMethods = [list, set, clear];
