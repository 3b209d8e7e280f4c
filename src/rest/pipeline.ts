/** What the pipeline of a call stands on, and is lent by whoever serves a portal. */
import type { Credentials, Identity } from '../base/caller.ts';
import type { ErrorDeclaration } from '../base/declared-error.ts';
import type { Limits, Rate } from '../base/rate-limit.ts';
import type { CallLog } from './call-log.ts';
import type { Again, Method, Registry } from './method.ts';
import type { OperatingTimes } from './operating-time.ts';
import type { ParseEnv } from './params.ts';

/** The portal as the transport sees it at the time of one call: dates in its zone, and what it has closed or limited. */
export interface PortalState extends ParseEnv {
  atom(ms: number): string;
  closed: boolean;
  httpsRequired: boolean;
  /** Whether its plan includes REST. */
  commercial: boolean;
  /** Calls of one source address; undefined for no limit. */
  rate: Rate | undefined;
  /** The address under which others reach it; empty for that of the request. */
  url: string;
  /** Seconds that one method may run for one caller in ten minutes; undefined for no limit. */
  operatingLimit: number | undefined;
  /** Whether calls may be made to fail on purpose. */
  rehearsals: boolean;
  /** What the store counts changes of the portal by, where it has told it. */
  version: number | undefined;
}

/** When a call began, by two clocks, in milliseconds. */
export interface Moment {
  /** The date its caller is told. */
  date: number;
  /** By the clock that nobody sets. */
  precise: number;
}

/** A call that went well. */
export interface KnownCall<C> {
  method: Method<C>;
  identity: Identity;
  portal: PortalState;
  /** By whom and what its operating time is counted. */
  key: string;
  again: Again;
  /** What all of it rests on. */
  standing: Standing;
  /** What the store was like when it was found to stand last, where it has to be asked. */
  state?: string | undefined;
}

/**
 * Grows with whatever decides who may call what, and how calls go: while it stands, a call that went well goes the same way
 * again. `asked` where only the store can say so.
 */
export type Standing = number | 'asked';

/** Who calls, and what the portal is like at that moment. */
export interface Entered {
  portal: PortalState;
  /** Nobody when the credentials were never issued. */
  identity: Identity | undefined;
  /** What the store was like then, where it says so. */
  state?: string | undefined;
}

/** What has been done for a call already. */
export interface Begun {
  start: Moment;
  entered: Entered;
}

/** Whoever has been let in, by what, and what to. */
export interface AdmittedCaller<C> {
  method: Method<C>;
  identity: Identity;
  portal: PortalState;
  credentials: Credentials | undefined;
}

/** Whoever has been let in by a webhook in the address. */
export interface KnownCaller<C> extends AdmittedCaller<C> {
  /** Path of the address, as it came. */
  path: string;
  /** Whether a call has given what may be given again. */
  repeatable: boolean;
  /** What all of it rests on. */
  standing: number;
}

/** The calls that may be made again soon. */
export interface Repeats<C> {
  /** By the connection on which they called last. */
  callers: WeakMap<object, KnownCaller<C>>;
  /** How many calls were let in as known. */
  admitted: number;
  /** By the hash of the request, which may hold a secret. */
  calls: Map<string, KnownCall<C>>;
  /** How many have taken the short way. */
  answered: number;
  /** How many of these were known before anything of them was parsed. */
  verbatim: number;
}

/** What the portal lends to the transport. */
export interface DispatchOptions<C> {
  registry: Registry<C>;
  /** What methods work with when this caller calls. */
  contextOf(identity: Identity, portal: PortalState, connector: string): C;
  /** How fast each source may call. */
  limits: Limits;
  operating: OperatingTimes;
  repeats: Repeats<C>;
  /** Where calls are written down while somebody wants them to be. */
  calls: CallLog;
  /** Undefined where each call is counted, or may be made to fail, by itself. */
  standing(): Standing | undefined;
  /** Asked before anything else is done for a call. */
  begin(): Moment;
  /** What every answer that begins now must wait for; undefined for nothing. */
  pending(): Promise<void> | undefined;
  /** Milliseconds with a fraction, from any beginning: for durations and limits. */
  preciseNow(): number;
  portal(): Promise<PortalState>;
  /** The portal as some call has found it, to decide without asking what may be decided so; undefined where nothing is known. */
  knownPortal(): PortalState | undefined;
  /** One look at the portal and at whom the credentials stand for, and at the caller's list where that is what will be asked for. */
  enter(credentials: Credentials | undefined, method: Pick<Method<C>, 'ofList'> | undefined): Promise<Entered>;
  /** Whether nothing at all has been committed since, by whichever process; false without a look where that is not likely. */
  isStill(state: string): Promise<boolean>;
  /** Waits and gives the error that this call is to end with, where one is being rehearsed. `inner`: called by a method. */
  rehearse(identity: Identity, method: string, inner: boolean, portal: PortalState): Promise<{ error: ErrorDeclaration | undefined } | undefined>;
  /** Whether results are checked against their schemas: everywhere but in production. */
  checkResults: boolean;
  /** Told of every authenticated call. */
  onCall(identity: Identity): void;
  /** Told of failures that no method declares; says as what error each shows. */
  onFault(method: string, fault: unknown): ErrorDeclaration;
}
