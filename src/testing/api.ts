/** `tidemark/testing`: a portal of one's own in a test, as real as any: it answers over HTTP what a server in production would. */
import type { Methods } from './methods.ts';

export type { Methods } from './methods.ts';

export interface PortalOptions {
  /** People besides the administrator, who is user 1: their first names, or more of them. */
  users?: ReadonlyArray<string | NewUser>;
  /** Group chats, made by their first member. */
  chats?: readonly NewChat[];
  /** Where the portal's clock begins; the machine's unless said. It goes on from there, and `portal.clock` moves it. */
  clock?: string | number | Date;
  /** Limits as of a cloud portal; none unless said. */
  plan?: 'self-hosted' | 'standard' | 'enterprise';
  /** `sqlite`, or the address of a PostgreSQL server: the portal has a database of its own there, which goes with it. */
  database?: string;
  /** Whether the server runs in this process, or in one of its own. */
  process?: 'this' | 'child';
  /** The believable demo team beside `users`. */
  demo?: boolean;
  /** What the server logs to standard error: `silent` unless said, else debug, info, warn or error. */
  log?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export interface NewUser {
  name: string;
  lastName?: string;
  email?: string;
  position?: string;
  admin?: boolean;
  bot?: boolean;
  /** A guest, who sees nothing but shared chats. */
  extranet?: boolean;
}

export interface NewChat {
  title: string;
  /** By name or id. The first makes the chat. */
  users: readonly Who[];
  /** Said in this order: who, and what. */
  messages?: ReadonlyArray<readonly [who: Who, text: string]>;
}

/** A user by id, or by the name that they were given. */
export type Who = number | string;

/** The parameters of a method, which may be left out where none of them is needed. */
export type Given<M extends keyof Methods> = Record<never, never> extends Methods[M]['params'] ? [params?: Methods[M]['params']] : [params: Methods[M]['params']];

/** Calls methods as somebody. Types of parameters and results are those of `tidemark/methods`. */
export interface Caller {
  userId: number;
  /** Address of the webhook, with a slash at its end; of a token's calls that before the method. */
  url: string;
  /** The result of a call. @throws CallError */
  call<M extends keyof Methods>(method: M, ...params: Given<M>): Promise<Methods[M]['result']>;
  /** The whole answer, whatever it is. */
  raw(method: string, params?: object): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: { result?: unknown; error?: string; error_description?: string; next?: number; total?: number; time?: Record<string, unknown> };
}

export interface NewApp {
  title?: string;
  /** Every scope unless said. */
  scopes?: readonly string[];
  /** Events that are bound for it, such as ONIMV2MESSAGEADD; none unless said. */
  events?: readonly string[];
  /** Its handler: an address, or what is to be done with each event. A number is the status that is answered, else it is 200; 500 where it throws, which is printed. */
  handler?: string | ((event: PortalEvent) => unknown);
  /** Who may use it; everybody unless said. */
  users?: readonly Who[];
}

export interface App {
  clientId: string;
  clientSecret: string;
  /** Where its events are posted. */
  handler: string;
  /** Calls with a token of the user's for this application. */
  as(user: Who): Promise<Caller>;
  tokens(user: Who): Promise<{ accessToken: string; refreshToken: string }>;
}

/** As it came to the handler. */
export interface PortalEvent {
  event: string;
  data: Record<string, unknown>;
  ts: string;
  auth: Record<string, string>;
  event_handler_id: string;
}

export interface Rehearsal {
  /** Whose calls: a caller of this portal's, or an application. */
  whose: Caller | App;
  /** Code of the error to answer with. */
  error?: string;
  /** Only calls of this method. */
  method?: string;
  /** How many calls; 1 unless a rate is given. */
  next?: number;
  /** Share of the calls, more than 0 and at most 1, until {@link Portal.endRehearsals}. */
  rate?: number;
  /** How long a call waits first, such as `2s`. */
  delay?: string;
}

export interface PortalClock {
  /** The portal's time, milliseconds since 1970. */
  now(): number;
  /** Lets time pass: `31d`, `2h`, `1d12h`, or milliseconds. What comes due has come due when it resolves or with the next call. */
  advance(duration: string | number): Promise<void>;
  /** Sets the time of day; no time passes. */
  set(date: string | number | Date): Promise<void>;
  /** Back to the machine's. */
  release(): Promise<void>;
}

/** What a portal was like. Good for as long as the portal is there. */
export interface Snapshot {
  readonly taken: number;
}

export interface Portal extends AsyncDisposable {
  /** Addresses without a slash at the end. */
  http: string;
  https: string;
  /** Path of the certificate that clients must trust over HTTPS. */
  ca: string;
  clock: PortalClock;
  /** The id of a user by the name that they were given. @throws Error where there is none */
  user(who: Who): number;
  /** The id of a chat by its title. @throws Error where there is none */
  chat(title: string): number;
  /** A user that joins later. */
  addUser(user: string | NewUser): Promise<number>;
  /** Calls as the administrator. @throws CallError */
  call: Caller['call'];
  /** Calls as somebody, with every scope. */
  as(who: Who): Caller;
  /** A webhook of its own; with every scope unless said. */
  webhook(who: Who, scopes?: readonly string[]): Promise<Caller>;
  app(app?: NewApp): Promise<App>;
  /** Makes the next calls fail or wait. */
  rehearse(rehearsal: Rehearsal): Promise<void>;
  endRehearsals(whose: Caller | App): Promise<void>;
  /** What handlers of this portal's applications have been told, once there is nothing more to tell. Those with an address of their own hear it alone. */
  events(): Promise<PortalEvent[]>;
  /** What there is now, to come back to. */
  snapshot(): Promise<Snapshot>;
  /** All as it was then, at the same addresses; the latest snapshot unless one is given. Clocks go on. */
  restore(snapshot?: Snapshot): Promise<void>;
  close(): Promise<void>;
}
