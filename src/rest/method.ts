/** One declaration per method: routing, parameters, types, checks and documents are all made from it. */
import type { z } from 'zod';
import type { Param } from './params.ts';
import type { ErrorDeclaration, Errors } from '../base/declared-error.ts';
import type { Caller } from '../base/caller.ts';
import { NearNames } from './near-names.ts';
import type { Spool } from './spool/spool.ts';
import type { ValueMap } from './values.ts';

/** Declares an error. Its name in the method is its code unless two texts share one code. */
export function error(code: string, status: number, text: string): ErrorDeclaration {
  return { code, status, text };
}

/** A failure that was declared, thrown by `fail`. */
export class MethodError extends Error {
  readonly declaration: ErrorDeclaration;
  constructor(declaration: ErrorDeclaration) {
    super(`${declaration.code}: ${declaration.text}`);
    this.declaration = declaration;
  }
}

/** JSON text in one or more pieces, those in bytes being UTF-8. */
export type JsonPieces = ReadonlyArray<string | Uint8Array>;

/** What a result says in the head of the answer: names as they were declared. Within a batch nobody is told. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** A result that is JSON already. */
export class EncodedJson {
  readonly pieces: JsonPieces;
  readonly headers: AnswerHeaders | undefined;
  /** Stands for the result: equal ones have equal digests, wherever they are made. */
  readonly digest: string | undefined;
  readonly again: Again | undefined;
  constructor(pieces: JsonPieces, { headers, digest, again }: { headers?: AnswerHeaders; digest?: string; again?: Again } = {}) {
    this.pieces = pieces;
    this.headers = headers;
    this.digest = digest;
    this.again = again;
  }
}

/** A result that is JSON as well, and is sent while it is made: only for calls that take it so ({@link Call.streams}). */
export class StreamedJson {
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly headers: AnswerHeaders | undefined;
  constructor(pieces: AsyncIterable<Uint8Array>, headers?: AnswerHeaders) {
    this.pieces = pieces;
    this.headers = headers;
  }
}

/**
 * What the same call would bring now, where that is known at once; undefined where the call has to be made. It holds on to nothing large.
 *
 * @param caller as just let in, where the store had to be asked
 * @param still nothing at all was committed since this call was answered last
 */
export type Again = (caller?: Caller, still?: boolean) => EncodedJson | Paged<EncodedJson> | undefined;

/** A result with the numbers that stand beside it in the envelope, and what stands in the head. */
export class Paged<R> {
  readonly result: R;
  readonly headers: AnswerHeaders | undefined;
  readonly total: number | undefined;
  /** Offset of the next page; undefined on the last. */
  readonly next: number | undefined;
  constructor(result: R, page: { total?: number | undefined; next?: number | undefined; headers?: AnswerHeaders | undefined }) {
    this.result = result;
    this.headers = page.headers;
    this.total = page.total;
    this.next = page.next;
  }
}

type ParamSpecs<E extends string> = Record<string, Param<unknown, E>>;
export type ParamValues<P> = { [K in keyof P]: P[K] extends Param<infer T, infer _E> ? T : never };

export interface Call<C, P, E> {
  context: C;
  caller: Caller;
  params: P;
  /** Offset of the wanted page (`start`), 0 for the first, negative for "without counting". */
  start: number;
  /** All parameters as they came, names in upper case, for methods whose names are open-ended. */
  raw: ValueMap;
  /** The same with the names as they were spelled. */
  given(): ValueMap;
  /** The long values of a method that takes such (`longBody`), by the words in their place. */
  spools: ReadonlyMap<string, Spool>;
  /** Ends the call with a declared error. */
  fail: (name: keyof E) => never;
  /** Which of its exchanges the calling application has named (`auth_connector`); empty for none. */
  connector: string;
  /** The address under which the caller reaches this portal, such as `http://127.0.0.1:8080`. */
  origin: string;
  /**
   * Waits for something that is not the server's work, and so not counted as the call's. Rights may have ended meanwhile: gives the caller as
   * they are now, or ends the call. Within another call nothing may be waited for.
   */
  idle(wait: Promise<void>): Promise<Caller>;
  /** Whether another method makes the call. */
  inner: boolean;
  /** Whether the answer may be sent while it is made; without a tag then. */
  streams: boolean;
  /** Calls another method as the same caller. Never throws. */
  invoke(method: string, params: ValueMap): Promise<Ran>;
}

/** How a call that was made within another one ended. Everything is JSON text. */
export type Ran =
  | { ok: true; result: JsonPieces; next: number | undefined; total: number | undefined; time: string; headers?: AnswerHeaders | undefined; digest?: string | undefined }
  | { ok: false; error: string };

export interface MethodDeclaration<C, P, R extends z.ZodType, E extends Errors> {
  name: string;
  /** Scope code that the webhook or token needs; null for methods that need none. */
  scope: string | null;
  /** Narrower scopes that open other methods of this scope do not open this one: it writes. */
  exactScope?: true;
  summary: string;
  params: P;
  /** Values with which the reference shows a call. */
  example?: { [K in keyof NoInfer<P>]?: unknown };
  result: R;
  errors: E;
  /** Its answers carry a tag, made of the digest of the result, and who has the same result already gets none (`If-None-Match`). */
  conditional?: true;
  /** It is answered out of the caller's list: what has changed in it is asked for together with who calls. */
  ofList?: true;
  /** Other headers that its answers may carry, and what they say. */
  headers?: Readonly<Record<string, string>>;
  /** Bytes of a request, where it takes longer ones than others do: long values in it are then kept beside it ({@link Call.spools}). */
  longBody?: number;
  /** It calls other methods, and its own time does not count. */
  container?: true;
  run(call: Call<C, ParamValues<P>, E>): Promise<z.input<R> | Paged<z.input<R> | EncodedJson> | EncodedJson | StreamedJson>;
}

/** A method as the dispatcher sees it, whatever its types. */
export interface Method<C> {
  readonly name: string;
  readonly scope: string | null;
  readonly exactScope?: true;
  readonly summary: string;
  readonly params: Readonly<Record<string, Param<unknown, string>>>;
  readonly example?: Readonly<Record<string, unknown>>;
  readonly result: z.ZodType;
  readonly errors: Errors;
  readonly conditional?: true;
  readonly ofList?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly longBody?: number;
  readonly container?: true;
  run(call: Call<C, Record<string, unknown>, Errors>): Promise<unknown>;
}

/** Gives the function that declares methods working on a context `C`. */
export function methodsOf<C>() {
  return function defineMethod<E extends Errors, P extends ParamSpecs<Extract<keyof E, string>>, R extends z.ZodType>(
    declaration: MethodDeclaration<C, P, R, E>,
  ): Method<C> {
    return declaration as unknown as Method<C>;
  };
}

/** The methods by lower-case name; names on the wire are case-insensitive. */
export class Registry<C> {
  readonly #methods = new Map<string, Method<C>>();
  readonly #meant: Readonly<Record<string, string>>;
  #near: NearNames | undefined;

  /** @param meant by names that are no method's: the method that does what is wanted with them */
  constructor(methods: Iterable<Method<C>>, meant: Readonly<Record<string, string>> = {}) {
    this.#meant = meant;
    for (const method of methods) {
      const key = method.name.toLowerCase();
      if (this.#methods.has(key)) throw new Error(`${method.name} is declared twice`);
      this.#methods.set(key, method);
    }
  }

  find(name: string): Method<C> | undefined {
    return this.#methods.get(name.toLowerCase());
  }

  all(): Method<C>[] {
    return [...this.#methods.values()];
  }

  /** The method that somebody has meant who asked for one that there is not. */
  meant(name: string): string | undefined {
    this.#near ??= new NearNames(this.all().map((method) => method.name), this.#meant);
    return this.#near.find(name);
  }
}
