/** What one call does, wherever that happens: only while somebody wants to know. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from './caller.ts';

/** A call that is written down. */
export interface CallTrace {
  /** What was asked for, where there is no such method. */
  wanted: string;
  params: object;
  /** Whoever was let in. */
  caller: Caller | undefined;
  /** Statements in the database; what calls share counts for the one that asked. */
  statements: number;
  /** What went wrong in the server itself. */
  fault: string;
}

const running = new AsyncLocalStorage<CallTrace>();

export function newTrace(): CallTrace {
  return { wanted: '', params: {}, caller: undefined, statements: 0, fault: '' };
}

/** Does the work as a part of the call. */
export function traced<T>(trace: CallTrace, work: () => T): T {
  return running.run(trace, work);
}

/** The call that this is a part of, where it is written down. */
export function currentTrace(): CallTrace | undefined {
  return running.getStore();
}
