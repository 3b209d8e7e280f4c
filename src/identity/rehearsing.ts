/** Asking for errors on purpose, and ending that: by a command or by a method. What then happens is portal/rehearsals.ts. */
import { FieldError } from '../base/field-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Database, Session } from '../db/database.ts';
import { findAppByClientId } from '../db/stores/app-store.ts';
import { readSettings } from '../db/stores/portal-store.ts';
import { deleteRehearsal, deleteRehearsals, insertRehearsal, openRehearsals, type RehearsalRow } from '../db/stores/rehearsal-store.ts';
import { done, type Outcome, refused } from '../base/outcome.ts';
import { toPolicy } from '../portal/policy.ts';
import { PER_MILLION } from '../portal/rehearsals.ts';
import { webhookNamed } from './webhooks.ts';

/** No call waits longer, milliseconds. */
export const LONGEST_DELAY_MS = 60_000;
const MOST_CALLS = 999_999;

/** Whose calls: one of the two. */
export interface Whose {
  /** Address, code or id of a webhook. */
  webhook?: string | undefined;
  /** Client id of an application. */
  app?: string | undefined;
}

export interface Plan {
  /** Code of the error; empty where calls only wait. */
  error: string;
  /** Whose calls alone; empty for every method. */
  method: string;
  /** How many calls; undefined for one, or for no end where a share is given. */
  next: number | undefined;
  /** Which share of the calls, above 0 and up to 1. */
  rate: number | undefined;
  /** How long calls wait first, milliseconds. */
  delayMs: number;
}

/** What is known of the methods there are. */
export interface KnownMethods {
  /** The declared name; undefined for a method that there is not. */
  find(name: string): string | undefined;
  /** Codes of the errors that calls of a method may end with, or calls of any where it is empty. */
  codes(method: string): readonly string[];
}

/**
 * Has the next calls of somebody end or wait as planned.
 *
 * @throws FieldError naming `webhook`, `app`, `error`, `method`, `next`, `rate` or `delay`
 */
export async function beginRehearsal(db: Database, clock: Clock, whose: Whose, plan: Plan, methods: KnownMethods): Promise<Outcome<true, 'not_allowed'>> {
  const row = rowOf(plan, methods);
  return db.write(async (s) => {
    const { webhookId, appId } = await callerOf(s, whose);
    if (!toPolicy(await readSettings(s)).rehearsals) return refused('not_allowed');
    await insertRehearsal(s, { webhook_id: webhookId, app_id: appId, ...row, created_at: clock.now() });
    return done(true);
  });
}

/** Ends all that is rehearsed with somebody. @throws FieldError naming `webhook` or `app` */
export function endRehearsals(db: Database, whose: Whose): Promise<void> {
  return db.write(async (s) => deleteRehearsals(s, await callerOf(s, whose)));
}

/** Ends one of those that {@link listRehearsals} gives. @returns false when there is no such one */
export function endRehearsal(db: Database, id: number): Promise<boolean> {
  return db.write((s) => deleteRehearsal(s, id));
}

/** What is being rehearsed, oldest first. */
export function listRehearsals(db: Database): Promise<RehearsalRow[]> {
  return db.read(openRehearsals);
}

function rowOf({ error, method, next, rate, delayMs }: Plan, methods: KnownMethods) {
  const declared = method === '' ? '' : methods.find(method);
  if (declared === undefined) throw new FieldError('method', `there is no method "${method.slice(0, 100)}"`);
  if (error === '' && delayMs === 0) throw new FieldError('error', 'give an error, a delay or both');
  const codes = methods.codes(declared);
  if (error !== '' && !codes.includes(error)) throw new FieldError('error', `"${error.slice(0, 100)}" is none of ${codes.join(', ')}`);
  if (next !== undefined && !(next >= 1 && next <= MOST_CALLS)) throw new FieldError('next', `"${next}" is not a number of calls`);
  if (rate !== undefined && !(rate > 0 && rate <= 1)) throw new FieldError('rate', `"${rate}" is not between 0 and 1`);
  if (!(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS)) throw new FieldError('delay', `"${delayMs}" is not a time up to 60s, such as 2s or 500ms`);
  return {
    error,
    method: declared,
    remaining: next ?? (rate === undefined ? 1 : -1),
    per_million: rate === undefined ? PER_MILLION : Math.max(1, Math.round(rate * PER_MILLION)),
    delay_ms: Math.round(delayMs),
  };
}

async function callerOf(s: Session, { webhook, app }: Whose): Promise<{ webhookId: number; appId: number }> {
  if ((webhook === undefined) === (app === undefined)) throw new FieldError('webhook', 'give either a webhook or an application');
  if (webhook !== undefined) {
    const row = await webhookNamed(s, webhook);
    if (!row) throw new FieldError('webhook', 'there is no such webhook');
    return { webhookId: row.id, appId: 0 };
  }
  const row = await findAppByClientId(s, app!);
  if (!row) throw new FieldError('app', `there is no application "${app!.slice(0, 100)}"`);
  return { webhookId: 0, appId: row.id };
}
