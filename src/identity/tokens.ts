/** Codes and tokens: issued once, stored as hashes, refreshed in a chain that one theft breaks. */
import { randomBytes } from 'node:crypto';
import { isAlive } from '../base/clock.ts';
import type { AppRow } from '../db/stores/app-store.ts';
import type { WriteSession } from '../db/database.ts';
import { extendHandlers } from '../db/stores/event-store.ts';
import {
  deleteExpiredGrants, deleteGrant, findCode, insertCode, insertTokens, lockRefresh, markRefreshed, type TokenRow, useCode,
} from '../db/stores/oauth-store.ts';
import { findUser } from '../db/stores/user-store.ts';
import { MAX_HOPS } from '../base/caller.ts';
import { done, type Outcome, refused } from '../base/outcome.ts';
import type { Portal } from '../portal/portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { hashSecret, randomText } from '../base/secrets.ts';
import { commonScopes, scopeSet } from './webhooks.ts';

const DAY_MS = 24 * 3600 * 1000;
/** A refresh token may be used again this soon: the client may never have got the answer. Either way, should the clock be set. */
const RETRY_MS = 30_000;
/** A used refresh token is remembered this long, so that a thief's use of it is noticed. */
const USED_KEPT_MS = 7 * DAY_MS;
/** Every so many pairs, some that have expired are deleted. */
const CLEAN_EVERY = 64;
const CLEANED_AT_ONCE = 500;
/** Tokens that can no longer be used are known for so long after, for an answer that says why. */
const EXPIRED_KEPT_MS = DAY_MS;

/** For whom tokens are. */
export interface Grant {
  appId: number;
  userId: number;
  /** Comma-separated scope codes. */
  scope: string;
  hops: number;
  /** That of the tokens before; a new one when left out. */
  grantId?: string;
  /** False when nobody is told the refresh token, which then need not be kept for long. */
  refreshable?: boolean;
  /** When both end at the latest, milliseconds; 0 for as long as the portal lets tokens live. */
  endsAt?: number;
}

/** Since when and for how many seconds what is issued now is valid. */
export interface Life {
  now: number;
  codeTtl: number;
  accessTtl: number;
  refreshTtl: number;
}

/** What the client gets; known nowhere else. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  userId: number;
  scope: string;
  /** Milliseconds. */
  expiresAt: number;
  /** Seconds. */
  expiresIn: number;
}

/** Asked before a session is opened. */
export async function lifeNow(portal: Portal): Promise<Life> {
  return { ...toPolicy((await portal.settings()).values), now: portal.clock.now() };
}

/** Issues a pair of tokens, whoever the user is: whether it lets anybody in is decided at each call. */
export async function issueTokens(s: WriteSession, grant: Grant, life: Life): Promise<TokenPair> {
  const [accessToken, refreshToken] = [newToken(), newToken()];
  const { row, expiresAt } = toRow(grant, life);
  const id = await insertTokens(s, { ...row, access_hash: hashSecret(accessToken), refresh_hash: hashSecret(refreshToken) });
  if (id % CLEAN_EVERY === 0) await deleteExpiredGrants(s, life.now - EXPIRED_KEPT_MS, CLEANED_AT_ONCE);
  const expiresIn = Math.floor((expiresAt - life.now) / 1000);
  return { accessToken, refreshToken, userId: grant.userId, scope: grant.scope, expiresAt, expiresIn };
}

function newToken(): string {
  return randomBytes(35).toString('hex');
}

function toRow(grant: Grant, life: Life): { row: Omit<TokenRow, 'id' | 'access_hash' | 'refresh_hash'>; expiresAt: number } {
  const latest = grant.endsAt || Infinity;
  const expiresAt = Math.min(life.now + life.accessTtl * 1000, latest);
  const refreshable = grant.refreshable !== false;
  const row = {
    grant_id: grant.grantId ?? randomText(32),
    app_id: grant.appId,
    user_id: grant.userId,
    scope: grant.scope,
    expires_at: expiresAt,
    refresh_expires_at: refreshable ? Math.min(life.now + life.refreshTtl * 1000, latest) : expiresAt,
    refreshable: refreshable ? (1 as const) : (0 as const),
    refreshed_at: 0,
    hops: grant.hops,
    created_at: life.now,
  };
  return { row, expiresAt };
}

/** Lets an application act for a user who has agreed. */
export async function issueCode(portal: Portal, app: AppRow, userId: number): Promise<string> {
  const { now, codeTtl } = await lifeNow(portal);
  const code = newToken();
  await portal.db.write((s) =>
    insertCode(s, { code_hash: hashSecret(code), app_id: app.id, user_id: userId, scope: app.scope, expires_at: now + codeTtl * 1000, grant_id: '' }),
  );
  return code;
}

export type Refusal = 'invalid_grant' | 'invalid_scope';

/** A refusal that leaves something behind: the transaction that gives it must be committed. */
type Exchange = Outcome<TokenPair, Refusal> | 'revoked';

function toOutcome(exchange: Exchange): Outcome<TokenPair, Refusal> {
  return exchange === 'revoked' ? refused('invalid_grant') : exchange;
}

/**
 * Gives tokens for a code, once. Using one again ends all that it was exchanged for: two have had it.
 *
 * @param wanted fewer scopes than the code stands for; undefined for all of them
 */
export async function exchangeCode(portal: Portal, app: AppRow, code: string, wanted: string | undefined): Promise<Outcome<TokenPair, Refusal>> {
  const life = await lifeNow(portal);
  const exchange = await portal.db.write(async (s): Promise<Exchange> => {
    const found = await findCode(s, hashSecret(code), app.id);
    if (found && found.grant_id !== '') return revoked(s, found.grant_id);
    if (!found || !isAlive(found.expires_at, life.codeTtl * 1000, life.now) || !(await isActive(s, found.user_id))) return refused('invalid_grant');
    const scope = narrowed(found.scope, wanted, app);
    if (scope === undefined) return refused('invalid_scope');
    const grantId = randomText(32);
    if (!(await useCode(s, found.code_hash, grantId, life.now + USED_KEPT_MS))) return replayed(s, found.code_hash, app.id);
    return done(await issueTokens(s, { appId: app.id, userId: found.user_id, scope, hops: MAX_HOPS, grantId }, life));
  });
  return toOutcome(exchange);
}

/** Somebody else has exchanged the code in this very moment. */
async function replayed(s: WriteSession, codeHash: string, appId: number): Promise<Exchange> {
  const used = await findCode(s, codeHash, appId);
  return used ? revoked(s, used.grant_id) : refused('invalid_grant');
}

async function revoked(s: WriteSession, grantId: string): Promise<Exchange> {
  await deleteGrant(s, grantId);
  return 'revoked';
}

/** Gives new tokens for a refresh token. Using one again later than a lost answer explains ends the whole chain. */
export async function refreshTokens(portal: Portal, app: AppRow, token: string, wanted: string | undefined): Promise<Outcome<TokenPair, Refusal>> {
  const life = await lifeNow(portal);
  const exchange = await portal.db.write(async (s): Promise<Exchange> => {
    const found = await lockRefresh(s, hashSecret(token), app.id);
    if (!found || found.refresh_expires_at <= life.now || !(await isActive(s, found.user_id))) return refused('invalid_grant');
    if (found.refreshed_at > 0 && Math.abs(life.now - found.refreshed_at) > RETRY_MS) return revoked(s, found.grant_id);
    const scope = narrowed(found.scope, wanted, app);
    if (scope === undefined) return refused('invalid_scope');
    if (found.refreshed_at === 0) await markRefreshed(s, found.id, life.now, keptUntil(found, life.now));
    await extendHandlers(s, found.grant_id, life.now + life.refreshTtl * 1000);
    return done(await issueTokens(s, { ...chainOf(found), scope }, life));
  });
  return toOutcome(exchange);
}

function keptUntil(used: TokenRow, now: number): number {
  return Math.max(used.expires_at, Math.min(used.refresh_expires_at, now + USED_KEPT_MS));
}

function chainOf(used: TokenRow): Omit<Grant, 'scope'> {
  return { appId: used.app_id, userId: used.user_id, hops: used.hops, grantId: used.grant_id };
}

async function isActive(s: WriteSession, userId: number): Promise<boolean> {
  return (await findUser(s, userId))?.active === 1;
}

/**
 * The wanted scopes when all of them were granted and at least one is named; undefined otherwise. What the application
 * no longer has is not granted any more.
 */
function narrowed(granted: string, wanted: string | undefined, app: AppRow): string | undefined {
  const all = commonScopes(granted, app.scope);
  if (wanted === undefined) return [...all].join(',');
  const codes = scopeSet(wanted.replaceAll(/\s/g, ','));
  return codes.size > 0 && [...codes].every((code) => all.has(code)) ? [...codes].join(',') : undefined;
}
