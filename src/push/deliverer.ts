/** Tells handlers of events: at least once, and again after a failure, each time later. */
import type { Logger } from 'pino';
import { type AppRow, findApp } from '../db/app-store.ts';
import {
  claimDelivery, deleteOldDeliveries, type DeliveryRow, dueDeliveries, type OccurrenceRow, oldestOccurrences, takeOccurrence, updateDelivery,
} from '../db/event-store.ts';
import type { Zone } from '../messenger/dates.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { tokenAnswer } from '../oauth/token-endpoint.ts';
import { issueTokens, lifeNow } from '../oauth/tokens.ts';
import { toPolicy } from '../portal/policy.ts';
import { findEvent } from './events.ts';
import { expand } from './outbox.ts';
import { encodeForm, postForm } from './post.ts';

/** After each failure, seconds until the next attempt; after the last the delivery has failed. About a day in all. */
export const BACK_OFF_S = [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200];
/** A node that died while it was at a delivery gives it up after this long. */
const CLAIM_MS = 60_000;
/** What other processes have written down is noticed this late, milliseconds. */
const LOOK_EVERY_MS = 500;
const AT_ONCE = 8;
const KEPT_MS = 7 * 86_400_000;
const CLEAN_EVERY_MS = 3_600_000;

export class Deliverer implements AsyncDisposable {
  readonly #m: Messenger;
  /** The address under which handlers reach this portal, unless one is set. */
  readonly #origin: string;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  readonly #stop = new AbortController();
  #cleanedAt = 0;

  constructor(m: Messenger, origin: string, log: Logger) {
    this.#m = m;
    this.#origin = origin;
    this.#log = log;
    this.#timer = setInterval(() => this.wake(), LOOK_EVERY_MS).unref();
    m.db.onCommit((touched) => {
      if (touched.occurred) this.wake();
    });
  }

  /** Looks at once, or once more when it is looking already. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    try {
      await this.#expandAll();
      await this.#deliverDue();
      await this.#clean();
    } catch (fault) {
      this.#log.error({ err: fault }, 'could not look after the events');
    }
  }

  async #expandAll(): Promise<void> {
    for (;;) {
      const occurrences = await this.#m.db.read(oldestOccurrences);
      if (occurrences.length === 0 || this.#stop.signal.aborted) return;
      const { zone } = await this.#m.settings();
      for (const occurrence of occurrences) {
        if (this.#stop.signal.aborted) return;
        await this.#expand(occurrence, zone);
      }
    }
  }

  /** What cannot be told must not keep everything after it from being told. */
  async #expand(occurrence: OccurrenceRow, zone: Zone): Promise<void> {
    try {
      await this.#m.db.write((s) => expand(s, occurrence, { zone, now: this.#m.clock.now() }));
    } catch (fault) {
      this.#log.error({ err: fault, event: occurrence.event, subject: occurrence.subject }, 'an event cannot be told');
      await this.#m.db.write((s) => takeOccurrence(s, occurrence.id));
    }
  }

  async #deliverDue(): Promise<void> {
    for (;;) {
      const ids = await this.#m.db.read((s) => dueDeliveries(s, this.#m.clock.now()));
      if (ids.length === 0 || this.#stop.signal.aborted) return;
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        if (this.#stop.signal.aborted) return;
        await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => this.#deliver(id)));
      }
    }
  }

  async #deliver(id: number): Promise<void> {
    const now = this.#m.clock.now();
    const delivery = await this.#m.db.write((s) => claimDelivery(s, id, now, now + CLAIM_MS));
    if (!delivery) return;
    const { status, problem } = await this.#send(delivery);
    // Cut off by the stop, not by its handler: it is due at once and has not been tried.
    if (status === 0 && this.#stop.signal.aborted) return this.#m.db.write((s) => updateDelivery(s, id, { state: 'waiting', claimed_until: 0 }));
    const changes = outcome(delivery, status, problem, this.#m.clock.now());
    await this.#m.db.write((s) => updateDelivery(s, id, changes));
    if (changes.state !== 'done') {
      this.#log.warn({ delivery: id, event: delivery.event, attempts: changes.attempts, status, problem, state: changes.state }, 'an event was not delivered');
    }
  }

  async #send(delivery: DeliveryRow): Promise<{ status: number; problem: string }> {
    try {
      const { values } = await this.#m.settings();
      const policy = toPolicy(values);
      const form = await this.#form(delivery, policy.url || this.#origin);
      if (!form) return { status: 0, problem: 'the application was removed' };
      return { status: await postForm(delivery.url, encodeForm(form), policy.privateHandlers, this.#stop.signal), problem: '' };
    } catch (fault) {
      return { status: 0, problem: (fault as Error).message.slice(0, 300) };
    }
  }

  async #form(delivery: DeliveryRow, origin: string): Promise<Record<string, unknown> | undefined> {
    const app = await this.#m.db.read((s) => findApp(s, delivery.app_id));
    if (!app) return undefined;
    return {
      event: delivery.event,
      event_handler_id: delivery.handler_id,
      data: JSON.parse(delivery.data) as unknown,
      ts: Math.floor(delivery.created_at / 1000),
      auth: { ...(await this.#auth(app, delivery, origin)), application_token: app.application_token },
    };
  }

  /** Tokens are made at each attempt: an event may be told long after it happened. */
  async #auth(app: AppRow, { user_id: userId, hops, event }: DeliveryRow, origin: string): Promise<Record<string, unknown>> {
    const { memberId } = await this.#m.settings();
    const endpoints = { client_endpoint: `${origin}/rest/`, server_endpoint: `${origin}/rest/` };
    if (userId === 0 || app.active === 0) return { domain: new URL(origin).host, ...endpoints, member_id: memberId };
    const refreshable = findEvent(event)?.refreshable === true;
    const life = await lifeNow(this.#m);
    const pair = await this.#m.db.write((s) => issueTokens(s, { appId: app.id, userId, scope: app.scope, hops, refreshable }, life));
    const { refresh_token, ...answer } = await tokenAnswer(this.#m, pair, origin);
    return refreshable ? { ...answer, refresh_token } : answer;
  }

  async #clean(): Promise<void> {
    const now = this.#m.clock.now();
    if (now - this.#cleanedAt < CLEAN_EVERY_MS) return;
    this.#cleanedAt = now;
    await this.#m.db.write((s) => deleteOldDeliveries(s, now - KEPT_MS, 1000));
  }
}

/** A redirect is a failure too: what was posted would be lost on the way. */
function outcome({ attempts }: DeliveryRow, status: number, problem: string, now: number): Partial<DeliveryRow> & Pick<DeliveryRow, 'state'> {
  const tried = { attempts: attempts + 1, status, problem, claimed_until: 0 };
  if (status >= 200 && status < 300) return { ...tried, state: 'done', finished_at: now };
  const pause = BACK_OFF_S[attempts];
  if (pause === undefined) return { ...tried, state: 'failed', finished_at: now };
  return { ...tried, state: 'waiting', next_at: now + pause * 1000 };
}
