/** What is known of every method, taken from the declarations: all documents are made from this. */
import type { Method } from '../rest/method.ts';
import type { ErrorDeclaration } from '../base/declared-error.ts';
import { argumentError, bodyTooLarge, invalidJson, invalidMultipart, tooDeep, tooManyParameters, wrongEncoding } from '../rest/request-error.ts';
import { systemErrors } from '../rest/system-errors.ts';
import { Slice } from '../base/turns.ts';
import { type JsonSchema, resultSchema } from './json-schema.ts';

/** The part of a declaration that documents speak of. */
export type Declared = Pick<Method<never>, 'name' | 'scope' | 'summary' | 'params' | 'example' | 'result' | 'errors' | 'conditional' | 'headers'>;

export interface ParamReference {
  name: string;
  /** string, integer, boolean, date, array or object. */
  type: string;
  required: boolean;
  description: string;
}

export interface MethodReference {
  name: string;
  scope: string | null;
  summary: string;
  params: ParamReference[];
  result: JsonSchema;
  /** Whether who has the same result already is told so by the status 304. */
  conditional: boolean;
  /** Headers of the answer and what they say. */
  headers: Readonly<Record<string, string>>;
  /** The method's own; those that any call may end with are {@link Reference.commonErrors}. */
  errors: ErrorDeclaration[];
  /** Parameters with which a call is shown. */
  example: Readonly<Record<string, unknown>>;
}

export class Reference {
  readonly methods: readonly MethodReference[];
  /** Result schemas with a name, such as `User`. */
  readonly named: Readonly<Record<string, JsonSchema>>;
  readonly commonErrors: readonly ErrorDeclaration[] = commonErrors();
  readonly #byName: ReadonlyMap<string, MethodReference>;

  private constructor(methods: MethodReference[], named: Record<string, JsonSchema>) {
    this.methods = methods.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.named = named;
    this.#byName = new Map(this.methods.map((method) => [method.name.toLowerCase(), method]));
  }

  /** Others get their turn while it is made. */
  static async of(declared: Iterable<Declared>): Promise<Reference> {
    const named: Record<string, JsonSchema> = {};
    const methods: MethodReference[] = [];
    const slice = new Slice();
    for (const method of declared) {
      methods.push(describe(method, named));
      if (slice.isOver()) await slice.next();
    }
    return new Reference(methods, named);
  }

  find(name: string): MethodReference | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Methods by scope; the empty scope holds those that need none. */
  scopes(): Map<string, MethodReference[]> {
    const groups = Map.groupBy(this.methods, (method) => method.scope ?? '');
    return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const TAG = 'Tag of the result: equal as long as the result is. Sent back in If-None-Match it gets the status 304 instead of the same result. A list of thousands of rows is sent while it is read and has none, unless If-None-Match asks for one';

function describe(method: Declared, named: Record<string, JsonSchema>): MethodReference {
  const { schema, named: found } = resultSchema(method.result);
  Object.assign(named, found);
  return {
    name: method.name,
    scope: method.scope,
    summary: method.summary,
    params: Object.entries(method.params).map(([name, { type, required, description }]) => ({ name, type, required, description })),
    result: schema,
    conditional: method.conditional ?? false,
    headers: { ...(method.conditional && { ETag: TAG }), ...method.headers },
    errors: distinct(Object.values(method.errors)),
    example: method.example ?? {},
  };
}

function distinct(errors: readonly ErrorDeclaration[]): ErrorDeclaration[] {
  return [...new Map(errors.map((error) => [`${error.status} ${error.code} ${error.text}`, error])).values()];
}

/** Beside the system's errors those of requests that cannot be read, with an example of what they say. */
function commonErrors(): ErrorDeclaration[] {
  const unreadable = [
    argumentError('NAME', 'is null or empty'),
    wrongEncoding('NAME'),
    invalidJson('unexpected character at position 12'),
    invalidMultipart('its boundary is missing'),
    tooManyParameters(10_000),
    tooDeep(64),
    bodyTooLarge(2 * 1024 * 1024),
  ];
  const errors = [...Object.values(systemErrors), ...unreadable.map(({ status, code, message }) => ({ status, code, text: message }))];
  return distinct(errors).sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
}
