/** One declaration per method: routing, parameters, types, checks and documents are all made from it. */
import type { z } from 'zod';
import type { Param } from './params.ts';
import type { ValueMap } from './values.ts';

/** A failure that a method declares: its code and text on the wire and its HTTP status. */
export interface ErrorDeclaration {
  code: string;
  status: number;
  text: string;
}

export type Errors = Record<string, ErrorDeclaration>;

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

/** Who calls. */
export interface Caller {
  userId: number;
  admin: boolean;
  /** Scopes of the webhook or token. */
  scopes: ReadonlySet<string>;
}

/** A result that is JSON already, in UTF-8, in one or more pieces. */
export class EncodedJson {
  readonly pieces: readonly Uint8Array[];
  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
  }
}

/** A result with the numbers that stand beside it in the envelope. */
export class Paged<R> {
  readonly result: R;
  readonly total: number | undefined;
  /** Offset of the next page; undefined on the last. */
  readonly next: number | undefined;
  constructor(result: R, page: { total?: number; next?: number | undefined }) {
    this.result = result;
    this.total = page.total;
    this.next = page.next;
  }
}

type ParamSpecs<E extends string> = Record<string, Param<unknown, E>>;
type ParamValues<P> = { [K in keyof P]: P[K] extends Param<infer T, infer _E> ? T : never };

export interface Call<C, P, E> {
  context: C;
  caller: Caller;
  params: P;
  /** Offset of the wanted page (`start`), 0 for the first, negative for "without counting". */
  start: number;
  /** All parameters as they came, names in upper case, for methods whose names are open-ended. */
  raw: ValueMap;
  /** Ends the call with a declared error. */
  fail: (name: keyof E) => never;
}

export interface MethodDeclaration<C, P, R extends z.ZodType, E extends Errors> {
  name: string;
  /** Scope code that the webhook or token needs; null for methods that need none. */
  scope: string | null;
  summary: string;
  params: P;
  result: R;
  errors: E;
  run(call: Call<C, ParamValues<P>, E>): Promise<z.input<R> | Paged<z.input<R>> | EncodedJson>;
}

/** A method as the dispatcher sees it, whatever its types. */
export interface Method<C> {
  readonly name: string;
  readonly scope: string | null;
  readonly summary: string;
  readonly params: Readonly<Record<string, Param<unknown, string>>>;
  readonly result: z.ZodType;
  readonly errors: Errors;
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

  constructor(methods: Iterable<Method<C>>) {
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
}
