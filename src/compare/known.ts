/** What the declarations leave open at a place of an answer: which kinds of values, which fields, and which of these may be missing. */
import { type JsonSchema, NAMED_PREFIX } from '../reference/json-schema.ts';

/** Of a value, and all that is ever said of one. `empty` is a list without items, which PHP writes for an empty map too. */
export const KINDS = ['null', 'boolean', 'integer', 'fraction', 'text', 'digits', 'date', 'blank', 'undeclared', 'empty', 'list', 'object'] as const;
export type Kind = (typeof KINDS)[number];

/** How a record is read: each of its declared forms has fields of its own. */
export interface Form {
  /** Tells the forms of a place apart. */
  label: string;
  /** The name under which a key is kept: `*` for those that are data, and not names of fields. */
  nameOf(key: string): string;
  /** What is known of the values under a name. */
  field(name: string): Known;
  /** What it means that a portal never has the field: of an optional one, that there was no occasion perhaps. */
  need(name: string): 'required' | 'optional' | 'undeclared';
  /** How near a record of these keys comes to the form: how many of them it knows, and how few of its own are missing. */
  nearness(keys: readonly string[]): readonly [known: number, present: number];
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/;
const DIGITS = /^-?\d+(?:\.\d+)?$/;
const PLAIN: readonly Kind[] = ['text', 'digits', 'date', 'blank'];
/** Field names consist of words; digits stand at their ends only, so that neither ids nor secrets are taken for one. */
const FIELD = /^(?=.{1,40}$)[A-Za-z]+(?:_[A-Za-z]+)*(?:_?\d{1,2})?$/;
const CONSTANT = /^[A-Z]+(?:_[A-Z]+)*$/;
const OWN_FIELD = /^UF_/i;

/** What all places of an answer share. */
export interface Declarations {
  /** Schemas that others refer to by their name. */
  named: Readonly<Record<string, JsonSchema>>;
  /** Fields named `UF_…` that are no invention of a portal's owners. */
  fields: ReadonlySet<string>;
  /** Where the maps of this answer have names of fields for keys: those that are never left out. */
  always?: readonly string[] | 'all' | undefined;
}

export class Known {
  readonly #alternatives: readonly JsonSchema[];
  readonly #shared: Declarations;
  #forms: readonly Form[] | undefined;

  private constructor(alternatives: readonly JsonSchema[], shared: Declarations) {
    this.#alternatives = alternatives;
    this.#shared = shared;
  }

  static of(schema: JsonSchema, shared: Declarations): Known {
    return new Known(flat(schema, shared.named), shared);
  }

  /** Whether anything may be here: then nothing within is looked at. */
  get open(): boolean {
    return this.#alternatives.length === 0 || this.#alternatives.some(isOpen);
  }

  kindOfText(text: string): Kind {
    const kind = plainKind(text);
    const texts = this.#alternatives.filter((one) => typesOf(one).includes('string'));
    if (texts.length === 0 || this.open || texts.some((one) => fits(one, text))) return kind;
    return texts.some(({ format }) => format === 'date-time') ? kind : 'undeclared';
  }

  admits(kind: Kind): boolean {
    return this.open || this.#alternatives.some((one) => kindsOf(one).includes(kind));
  }

  items(): Known {
    const items = this.#alternatives.flatMap(({ items: one }) => (typeof one === 'object' ? flat(one, this.#shared.named) : []));
    return new Known(items, this.#shared);
  }

  /** The declared form that a record of these keys comes nearest to. */
  formOf(keys: readonly string[]): Form {
    const [first, ...others] = this.forms();
    if (!first) return OPAQUE;
    return others.reduce((best, form) => (isNearer(form.nearness(keys), best.nearness(keys)) ? form : best), first);
  }

  forms(): readonly Form[] {
    this.#forms ??= this.#alternatives.filter((one) => typesOf(one).includes('object')).map((one, at) => this.#form(one, String(at)));
    return this.#forms;
  }

  #form(schema: JsonSchema, label: string): Form {
    return schema.properties ? this.#record(schema, label) : this.#map(schema, label);
  }

  #record({ properties = {}, required = [] }: JsonSchema, label: string): Form {
    const declared = (key: string) => Object.hasOwn(properties, key);
    return {
      label,
      nameOf: (key) => (declared(key) ? key : this.#shown(key)),
      field: (name) => Known.of(declared(name) ? properties[name]! : {}, this.#shared),
      need: (name) => (required.includes(name) ? 'required' : declared(name) ? 'optional' : 'undeclared'),
      nearness: (keys) => [keys.filter(declared).length, -required.filter((name) => !keys.includes(name)).length],
    };
  }

  #map({ additionalProperties: values }: JsonSchema, label: string): Form {
    const field = Known.of(typeof values === 'object' ? values : {}, this.#shared);
    const { always, fields } = this.#shared;
    const common = { label, field: () => field, nearness: () => [0, 0] as const };
    // Where the values may be anything their names say what they are.
    if (!always) return { ...common, nameOf: (key) => (field.open && CONSTANT.test(key) ? key : '*'), need: () => 'optional' };
    const open = (name: string) => name.endsWith('*') || (always !== 'all' && fields.has(name));
    return { ...common, nameOf: (key) => this.#shown(key), need: (name) => (always.includes(name) ? 'required' : open(name) ? 'optional' : 'undeclared') };
  }

  /** As far as a key that no declaration knows may be told. */
  #shown(key: string): string {
    if (OWN_FIELD.test(key) && !this.#shared.fields.has(key.toUpperCase())) return 'UF_*';
    return FIELD.test(key) ? key : '*';
  }
}

const OPAQUE: Form = { label: '', nameOf: () => '*', field: () => Known.of({}, { named: {}, fields: new Set() }), need: () => 'optional', nearness: () => [0, 0] };

function isNearer(one: readonly [number, number], other: readonly [number, number]): boolean {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
}

function flat(schema: JsonSchema, named: Declarations['named']): JsonSchema[] {
  if (schema.$ref !== undefined) return flat(named[schema.$ref.slice(NAMED_PREFIX.length)] ?? {}, named);
  return schema.anyOf ? schema.anyOf.flatMap((one) => flat(one, named)) : [schema];
}

function isOpen(schema: JsonSchema): boolean {
  return typesOf(schema).length === 0 && !('not' in schema);
}

function typesOf({ type, const: one, enum: many }: JsonSchema): readonly string[] {
  if (type !== undefined) return [type].flat();
  const values = many ?? (one === undefined ? [] : [one]);
  return values.map((value) => (value === null ? 'null' : typeof value === 'number' ? 'integer' : typeof value));
}

function kindsOf(schema: JsonSchema): Kind[] {
  return typesOf(schema).flatMap((type): readonly Kind[] => {
    if (type === 'string') return textKinds(schema);
    if (type === 'number') return ['integer', 'fraction'];
    if (type === 'array') return schema.maxItems === 0 ? ['empty'] : ['empty', 'list'];
    // A map may be empty, and is then a list to PHP; a record that must have fields never is.
    if (type === 'object') return (schema.required ?? []).length > 0 ? ['object'] : ['object', 'empty'];
    return [type as Kind];
  });
}

function textKinds({ format, const: one, enum: many, pattern }: JsonSchema): readonly Kind[] {
  if (format === 'date-time') return ['date'];
  const values = many ?? (one === undefined ? undefined : [one]);
  if (values) return values.filter((value) => typeof value === 'string').map(plainKind);
  return pattern === undefined ? PLAIN : PLAIN.filter((kind) => kind !== 'blank' || new RegExp(pattern).test(''));
}

function fits(schema: JsonSchema, text: string): boolean {
  if (schema.format === 'date-time') return DATE.test(text);
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return values ? values.includes(text) : schema.pattern === undefined || new RegExp(schema.pattern).test(text);
}

function plainKind(text: string): Kind {
  if (text === '') return 'blank';
  return DIGITS.test(text) ? 'digits' : DATE.test(text) ? 'date' : 'text';
}
