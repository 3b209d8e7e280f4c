/** The last calls: in memory alone, bounded by number and bytes, written down only while that is switched on. */
import type { Caller } from '../base/caller.ts';
import { type CallTrace, newTrace } from '../base/call-trace.ts';
import { maskedJson, maskedText } from './masking.ts';
import type { RestResponse } from './envelope.ts';

export interface LoggedCall {
  /** Counts the calls of this server since its start. */
  id: number;
  /** When it was answered, milliseconds since 1970. */
  at: number;
  /** 0 for nobody who was let in. */
  userId: number;
  /** 0 where it was no webhook. */
  webhookId: number;
  /** Empty where it was no application. */
  clientId: string;
  method: string;
  /** Whether it was a command of a batch. */
  inner: boolean;
  /** JSON, without secrets, cut. */
  params: string;
  status: number;
  /** Code of the error; empty for none. */
  code: string;
  /** Its text, and what went wrong in the server. */
  why: string;
  /** The error that was rehearsed, or DELAY; empty for none. */
  rehearsed: string;
  /** Milliseconds from the complete request to the answer. */
  ms: number;
  statements: number;
}

/** A call as it was answered. */
export interface AnsweredCall {
  trace?: CallTrace | undefined;
  response: RestResponse;
  /** The declared name; empty where there is none. */
  method: string;
  userId: number;
}

/** Which calls; what is empty or 0 leaves out none. */
export interface CallFilter {
  /** Only those after this one. */
  since: number;
  errors: boolean;
  /** A name, or the beginning of one that ends in `*`. */
  method: string;
  userId: number;
}

const MOST_CALLS = 1000;
const MOST_BYTES = 2 * 1024 * 1024;
/** What a call takes besides its texts, bytes. */
const OVERHEAD = 400;
const LONGEST_METHOD = 100;
const LONGEST_WHY = 500;

/** How a call within another one ended. */
export interface InnerCall {
  caller: Caller;
  method: string;
  params: object;
  /** JSON of the error; undefined where it went well. */
  error: string | undefined;
  ms: number;
  statements: number;
}

export class CallLog {
  readonly #now: () => number;
  /** Those that are looked at by who looks at calls: they would fill the log with themselves. */
  readonly #unlogged: ReadonlySet<string>;
  #calls: LoggedCall[] = [];
  #bytes = 0;
  #last = 0;
  #on = false;

  constructor(now: () => number, unlogged: readonly string[] = []) {
    this.#now = now;
    this.#unlogged = new Set(unlogged);
  }

  get on(): boolean {
    return this.#on;
  }

  /** Memory that is taken, bytes, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Switched off it forgets all. */
  switch(on: boolean): void {
    this.#on = on;
    if (on) return;
    this.#calls = [];
    this.#bytes = 0;
  }

  /** What a call is written down in while it goes on; undefined while none is. */
  begin(): CallTrace | undefined {
    return this.#on ? newTrace() : undefined;
  }

  /** @param milliseconds from the complete request to the answer */
  answered({ trace, response, method, userId }: AnsweredCall, milliseconds: number): void {
    if (!trace || !this.#on || (response.status < 400 && this.#unlogged.has(method))) return;
    const { code, text } = response.status < 400 ? NO_ERROR : errorIn(response.body.map(String).join(''));
    this.#add({
      ...whoIs(trace.caller), userId, method: method || maskedText(trace.wanted.slice(0, LONGEST_METHOD)), inner: false, params: maskedJson(trace.params), status: response.status,
      code, why: why(text, trace.fault), rehearsed: response.rehearsed ?? '', ms: milliseconds, statements: trace.statements,
    });
  }

  /** A command of a batch. */
  inner({ caller, method, params, error, ms, statements }: InnerCall): void {
    if (!this.#on) return;
    const { code, text } = error === undefined ? NO_ERROR : errorIn(error);
    this.#add({
      ...whoIs(caller), userId: caller.userId, method: method.slice(0, LONGEST_METHOD), inner: true, params: maskedJson(params), status: error === undefined ? 200 : 400, code, why: why(text, ''),
      rehearsed: '', ms, statements,
    });
  }

  /** Those that match, oldest first; of more than `most` the newest. */
  list({ since, errors, method, userId }: CallFilter, most: number): LoggedCall[] {
    // Who has seen more than there were has seen another server's, or one before its restart.
    const after = since > this.#last ? 0 : since;
    const matches = this.#calls.slice(-MOST_CALLS).filter((call) =>
      call.id > after && (!errors || call.code !== '' || call.status >= 400) && (userId === 0 || call.userId === userId) && (method === '' || isNamed(call.method, method)));
    return matches.slice(-most);
  }

  #add(call: Omit<LoggedCall, 'id' | 'at'>): void {
    this.#last += 1;
    this.#calls.push({ id: this.#last, at: this.#now(), ...call });
    this.#bytes += sizeOf(call);
    if (this.#calls.length > 2 * MOST_CALLS || this.#bytes > 2 * MOST_BYTES) this.#trim();
  }

  /** Once for many calls, since what is cut off the front of a list moves all the rest. */
  #trim(): void {
    let from = Math.max(0, this.#calls.length - MOST_CALLS);
    this.#bytes = this.#calls.slice(from).reduce((sum, call) => sum + sizeOf(call), 0);
    while (this.#bytes > MOST_BYTES) this.#bytes -= sizeOf(this.#calls[from++]!);
    this.#calls = this.#calls.slice(from);
  }
}

const NO_ERROR = { code: '', text: '' };

function sizeOf({ params, why: reason }: Pick<LoggedCall, 'params' | 'why'>): number {
  return OVERHEAD + 2 * (params.length + reason.length);
}

function whoIs(caller: (Caller & { webhookId?: number }) | undefined): Pick<LoggedCall, 'webhookId' | 'clientId'> {
  return { webhookId: caller?.webhookId ?? 0, clientId: caller?.application?.clientId ?? '' };
}

/** An answer that is no JSON, such as XML, has its error in other words. */
function errorIn(body: string): { code: string; text: string } {
  const fields = (key: string) => new RegExp(`(?:"${key}":\\s*"|<${key}>)((?:[^"\\\\<]|\\\\.)*)`).exec(body)?.[1] ?? '';
  return { code: fields('error').slice(0, LONGEST_METHOD), text: fields('error_description').replaceAll(/\\(.)/g, '$1') };
}

function why(text: string, fault: string): string {
  return maskedText([text, fault].filter((part) => part !== '').join(' — ')).slice(0, LONGEST_WHY);
}

function isNamed(method: string, wanted: string): boolean {
  const [name, given] = [method.toLowerCase(), wanted.toLowerCase()];
  return given.endsWith('*') ? name.startsWith(given.slice(0, -1)) : name === given;
}
