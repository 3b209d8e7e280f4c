/** Who calls, as the transport hears it, identities are looked up, and methods are run for. */

/** How many events may follow one from another. */
export const MAX_HOPS = 7;

/** The application whose access token a call carries. */
export interface Application {
  id: number;
  clientId: string;
  /** Of the pair that the token belongs to. */
  tokenId: number;
  /** When the token expires, milliseconds. */
  issuedAt: number;
  expiresAt: number;
  /** How many events may still follow one from another through calls with this token. */
  hops: number;
  /** The sign-in that the token follows from. */
  grantId: string;
  /** Whether a refresh token was given out with it. */
  refreshable: boolean;
}

/** What the journal names an exchange of an application by: what it does there it is not told of there. */
export function viaOf(applicationId: number, connector: string): string {
  return `${applicationId} ${connector}`;
}

/** Who calls. */
export interface Caller {
  userId: number;
  admin: boolean;
  /** One of the portal's own people, not a guest from outside. */
  insider: boolean;
  /** 0 for an application's token and for a session. */
  webhookId: number;
  /** Scopes of the webhook or token. */
  scopes: ReadonlySet<string>;
  /** Undefined for webhooks. */
  application?: Application;
  /** Names the session of a signed-in browser, and opens nothing: see `sessionIdOf`. */
  sessionId?: number;
}

/** Digits of a hash that make a number. */
const SESSION_DIGITS = 12;

/** By which what was given out for a session names it: the beginning of its secret's hash. */
export function sessionIdOf(sessionHash: string): number {
  return Number.parseInt(sessionHash.slice(0, SESSION_DIGITS), 16);
}

/** With what the hash of such a session begins. */
export function hashBeginning(sessionId: number): string {
  return sessionId.toString(16).padStart(SESSION_DIGITS, '0');
}

/** What a request carries to say who calls. */
export type Credentials =
  | { kind: 'token'; token: string }
  | { kind: 'webhook'; user: string; code: string }
  /** A browser that is signed in, and what proves that one of our pages calls; no session where it has none. */
  | { kind: 'session'; session: string | undefined; proof: string }
  /** A webhook, token or session that is known by the hash of its secret: of what was given out for it. No request carries that. */
  | { kind: 'hash'; of: 'webhook' | 'token' | 'session'; hash: string };

/** What a webhook's address or an access token stands for, and what speaks against letting it in. */
export interface Identity extends Caller {
  /** A signed-in browser: until when, milliseconds. */
  session?: { createdAt: number; expiresAt: number };
  /** The administrator has blocked the webhook or the application. */
  held: boolean;
  /** The user may no longer sign in. */
  inactive: boolean;
  /** Only of tokens: what else can be wrong with them. */
  token?: {
    expired: boolean;
    /** The application was removed or switched off. */
    withoutApplication: boolean;
    /** The application is for certain users, and this is none of them. */
    restricted: boolean;
  };
}

/** Whether two webhooks stand for the same, and nothing else speaks against either. */
export function isSameWebhook(a: Identity, b: Identity): boolean {
  const alike = a.webhookId === b.webhookId && a.userId === b.userId && a.admin === b.admin && a.insider === b.insider;
  return alike && a.webhookId > 0 && a.held === b.held && a.inactive === b.inactive && a.scopes === b.scopes;
}

const USER_SCOPES = ['user', 'user_basic', 'user_brief'];

/** Whether the caller's scopes cover a scope. Any of the three user scopes opens the `user` methods that only read. */
export function coversScope(caller: Pick<Caller, 'scopes'>, scope: string | null): boolean {
  if (scope === null || caller.scopes.has(scope)) return true;
  return scope === 'user' && USER_SCOPES.some((code) => caller.scopes.has(code));
}
