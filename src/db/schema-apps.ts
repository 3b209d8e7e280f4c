/** The tables of applications, sign-in and events; see schema.ts for the conventions. */
import type { Generated } from 'kysely';
import type { Flag } from './flag.ts';

export interface AppTable {
  id: Generated<number>;
  client_id: string;
  /** SHA-256 of the client secret, hexadecimal. */
  secret_hash: string;
  title: string;
  /** Comma-separated scope codes. */
  scope: string;
  /** Where a sign-in leads back to; empty when the code is shown instead. */
  redirect_uri: string;
  /** Where the application is told of its installation; empty for nowhere. */
  handler_url: string;
  /** Its page, which the portal shows in a frame; empty for none. */
  page_url: Generated<string>;
  /** The page that is shown in its place until it says that all is set up; empty for none. */
  install_url: Generated<string>;
  /** Until it is, only administrators may use it, and it is told of nothing. */
  installed: Generated<Flag>;
  /** Sent along with every event: proves to the handler that this portal sends it, so it is stored as it is. */
  application_token: string;
  version: number;
  active: Flag;
  held: Flag;
  /** JSON list of the users who may use it; empty text for everybody. */
  user_ids: string;
  created_by: number;
  created_at: number;
  updated_at: number;
}

export interface OauthCodeTable {
  code_hash: string;
  app_id: number;
  user_id: number;
  scope: string;
  /** Until when it may be exchanged; once it was, until when it is remembered. */
  expires_at: number;
  /** Of the tokens that it was exchanged for; empty while it was not. */
  grant_id: string;
}

/** A pair of tokens. */
export interface OauthTokenTable {
  id: Generated<number>;
  /** The same for all pairs that follow from one sign-in. */
  grant_id: string;
  access_hash: string;
  refresh_hash: string;
  app_id: number;
  user_id: number;
  scope: string;
  expires_at: number;
  refresh_expires_at: number;
  /** Whether anybody was told the refresh token. */
  refreshable: Flag;
  /** When the refresh token was used; 0 while it was not. */
  refreshed_at: number;
  /** How many events may follow one from another through calls with this token. */
  hops: number;
  created_at: number;
}

export interface PasswordTable {
  user_id: number;
  /** `scrypt$N$r$p$salt$key`, both in base64url. */
  hash: string;
  changed_at: number;
}

export interface SignInLinkTable {
  link_hash: string;
  user_id: number;
  expires_at: number;
}

export interface LoginSessionTable {
  session_hash: string;
  user_id: number;
  created_at: number;
  expires_at: number;
}

export interface AppOptionTable {
  app_id: number;
  /** 0 for the application's own. */
  user_id: number;
  name: string;
  /** JSON. */
  value: string;
}

/** Who has opened which application in the portal, and was set up there. */
export interface AppVisitTable {
  app_id: number;
  user_id: number;
}

export interface EventHandlerTable {
  id: Generated<number>;
  app_id: number;
  /** In capital letters. */
  event: string;
  url: string;
  /** Whose token the handler gets; 0 for that of whoever caused the event. */
  user_id: number;
  /** Who has bound it. */
  bound_by: number;
  /** Scopes of the token that it was bound with, comma-separated: what it is given has no others. */
  scope: string;
  /** Those of the token that it was bound with. */
  hops: number;
  /** Of the token that it was bound with: it ends with that. Empty for handlers from before there were any here. */
  grant_id: string;
  /** Whether it was bound with a token that could be refreshed: then it may be given such ones. */
  refreshable: Flag;
  /** When what it was bound with ends, unless it is refreshed; 0 for never. */
  ends_at: number;
  /** It is told of what has this revision or a higher one. */
  rev: Generated<number>;
  created_at: number;
  /** The application fetches the event: its `url` is {@link offlineUrl}. */
  offline: Generated<Flag>;
  /** Of an offline one: through which exchange the application fetches; empty for none. */
  connector: Generated<string>;
  /** Of ONOFFLINEEVENT: seconds from one notification to the next. */
  min_timeout: Generated<number>;
  /** Of ONOFFLINEEVENT: when the last notification was due. */
  told_at: Generated<number>;
}

export interface DeliveryTable {
  id: Generated<number>;
  app_id: number;
  handler_id: number;
  event: string;
  url: string;
  user_id: number;
  hops: number;
  /** What its user must be a member of to be told; 0 for none. */
  chat_id: number;
  /** Deliveries of a lane are made one at a time. */
  lane: string;
  /** JSON of the event's `data`. */
  data: string;
  state: 'waiting' | 'done' | 'failed';
  attempts: number;
  next_at: number;
  /** A node is at it until then. */
  claimed_until: number;
  /** HTTP status of the last answer, 0 when there was none. */
  status: number;
  problem: string;
  created_at: number;
  finished_at: number;
}

/** Calls that are to fail on purpose. */
export interface RehearsalTable {
  id: Generated<number>;
  /** One of the two is 0. */
  webhook_id: number;
  app_id: number;
  /** Code of the error; empty when calls are only delayed. */
  error: string;
  /** Declared name; empty for every method. */
  method: string;
  /** Calls left; -1 for no end. */
  remaining: number;
  per_million: number;
  delay_ms: number;
  created_at: number;
}
