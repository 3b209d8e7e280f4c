/** What the administrator has closed, limited or allowed with `tidemark portal set`. */
import type { Rate } from '../base/rate-limit.ts';

export const PLANS = ['self-hosted', 'standard', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];
export const REST_PLANS = ['free', 'commercial'] as const;

export const POLICY_KEYS = {
  closed: 'closed',
  httpsRequired: 'https_required',
  restPlan: 'rest_plan',
  plan: 'plan',
  operatingLimit: 'operating_limit',
  rehearsals: 'rehearsals',
  movableClock: 'movable_clock',
  privateHandlers: 'private_handlers',
  linkPreviews: 'link_previews',
  docs: 'docs',
  calls: 'calls',
  url: 'url',
  codeTtl: 'code_ttl',
  accessTtl: 'access_ttl',
  refreshTtl: 'refresh_ttl',
} as const;

export interface Policy {
  closed: boolean;
  httpsRequired: boolean;
  /** Whether the portal's plan includes REST. */
  commercial: boolean;
  plan: Plan;
  rate: Rate | undefined;
  /** Seconds that one method may run for one caller in ten minutes; undefined for no limit. */
  operatingLimit: number | undefined;
  /** Whether errors may be rehearsed. */
  rehearsals: boolean;
  /** Whether events may go to private addresses. */
  privateHandlers: boolean;
  /** Whether pages that messages lead to are looked at. */
  linkPreviews: boolean;
  /** Whether the documentation is shown. */
  docs: boolean;
  /** Whether the last calls are kept in memory; undefined where nothing is set. */
  calls: boolean | undefined;
  /** The address under which others reach the portal; empty for that of its listener. */
  url: string;
  /** Seconds for which a sign-in's code may be exchanged. */
  codeTtl: number;
  /** Seconds that an access token is valid. */
  accessTtl: number;
  /** Seconds that a refresh token is valid. */
  refreshTtl: number;
}

const RATES: Record<Plan, Rate | undefined> = {
  'self-hosted': undefined,
  standard: { drainPerSecond: 2, threshold: 50 },
  enterprise: { drainPerSecond: 5, threshold: 250 },
};
/** Seconds in ten minutes, on every plan with limits. */
const OPERATING_LIMIT = 480;
/** Seconds for which codes, access tokens and refresh tokens are valid. */
export const USUAL_TTL = { code: 30, access: 3600, refresh: 180 * 24 * 3600 };

export function toPolicy(values: ReadonlyMap<string, string>): Policy {
  const on = (key: string) => values.get(key) === '1';
  const plan = PLANS.find((name) => name === values.get(POLICY_KEYS.plan)) ?? 'self-hosted';
  const limit = values.get(POLICY_KEYS.operatingLimit) ?? '';
  return {
    closed: on(POLICY_KEYS.closed),
    httpsRequired: on(POLICY_KEYS.httpsRequired),
    commercial: values.get(POLICY_KEYS.restPlan) !== 'free',
    plan,
    rate: RATES[plan],
    operatingLimit: limit !== '' ? Number(limit) : plan === 'self-hosted' ? undefined : OPERATING_LIMIT,
    rehearsals: on(POLICY_KEYS.rehearsals),
    privateHandlers: on(POLICY_KEYS.privateHandlers),
    linkPreviews: on(POLICY_KEYS.linkPreviews),
    docs: values.get(POLICY_KEYS.docs) !== '0',
    calls: values.has(POLICY_KEYS.calls) ? on(POLICY_KEYS.calls) : undefined,
    url: values.get(POLICY_KEYS.url) ?? '',
    codeTtl: Number(values.get(POLICY_KEYS.codeTtl) ?? USUAL_TTL.code),
    accessTtl: Number(values.get(POLICY_KEYS.accessTtl) ?? USUAL_TTL.access),
    refreshTtl: Number(values.get(POLICY_KEYS.refreshTtl) ?? USUAL_TTL.refresh),
  };
}

/** Whether what applications fetch can be reserved: not on the smallest plan. */
export function hasExtendedOffline({ plan }: Policy): boolean {
  return plan !== 'standard';
}
