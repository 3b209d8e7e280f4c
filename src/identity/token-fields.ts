import type { Portal } from '../portal/portal.ts';
import type { TokenPair } from './tokens.ts';

/** Everything that any of the official clients reads, in one shape. */
export async function tokenAnswer(portal: Portal, pair: TokenPair, origin: string): Promise<Record<string, string | number>> {
  return tokenFields(pair, origin, (await portal.settings()).memberId);
}

export function tokenFields(pair: TokenPair, origin: string, memberId: string) {
  return {
    access_token: pair.accessToken,
    expires: Math.floor(pair.expiresAt / 1000),
    expires_in: pair.expiresIn,
    scope: pair.scope,
    domain: new URL(origin).host,
    server_endpoint: `${origin}/rest/`,
    status: 'L',
    client_endpoint: `${origin}/rest/`,
    member_id: memberId,
    user_id: pair.userId,
    refresh_token: pair.refreshToken,
  };
}
