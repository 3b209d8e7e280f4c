/** The fields of a result as tables, one for each object in it. */
import { type JsonSchema, NAMED_PREFIX } from './json-schema.ts';

/** A piece of a type in words; an object's piece names the table of its fields. */
export interface TypePiece {
  text: string;
  table?: string;
}

export interface Field {
  name: string;
  type: TypePiece[];
  optional: boolean;
  description: string;
}

export interface FieldTable {
  /** Name of the object, or where in the result it stands. */
  title: string;
  fields: Field[];
}

export interface ResultFields {
  type: TypePiece[];
  /** Outermost first. */
  tables: FieldTable[];
}

export function resultFields(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): ResultFields {
  const builder = new Builder(named);
  const type = builder.pieces(schema, 'result');
  return { type, tables: builder.tables() };
}

/** A type in words, without its tables. */
export function typeText(type: readonly TypePiece[]): string {
  return type.map((piece) => piece.text).join('');
}

class Builder {
  readonly #named: Readonly<Record<string, JsonSchema>>;
  readonly #objects = new Map<string, JsonSchema>();

  constructor(named: Readonly<Record<string, JsonSchema>>) {
    this.#named = named;
  }

  /** The list of objects grows while their fields are looked at. */
  tables(): FieldTable[] {
    const tables: FieldTable[] = [];
    for (const [title, schema] of this.#objects) tables.push({ title, fields: this.#fields(title, schema) });
    return tables;
  }

  #fields(title: string, schema: JsonSchema): Field[] {
    const required = new Set(schema.required);
    return Object.entries(schema.properties ?? {}).map(([name, field]) => ({
      name,
      type: this.pieces(field, `${title}.${name}`),
      optional: !required.has(name),
      description: field.description ?? '',
    }));
  }

  pieces(schema: JsonSchema, path: string): TypePiece[] {
    if (schema.$ref !== undefined) return this.#ref(schema.$ref.slice(NAMED_PREFIX.length));
    if (schema.anyOf) return this.#either(schema.anyOf, path);
    if (schema.const !== undefined) return [{ text: JSON.stringify(schema.const) }];
    if (schema.enum) return [{ text: schema.enum.map((value) => JSON.stringify(value)).join(' or ') }];
    if (schema.type === 'array') return this.#list(schema, path);
    if (schema.type === 'object') return this.#object(schema, path);
    return [{ text: schema.format === 'date-time' ? 'date' : scalarName(schema.type) }];
  }

  #ref(name: string): TypePiece[] {
    const schema = this.#named[name];
    if (schema) this.#objects.set(name, schema);
    return [{ text: name, table: name }];
  }

  /** Of several objects in one place each has its own table. */
  #either(schemas: readonly JsonSchema[], path: string): TypePiece[] {
    const objects = schemas.filter((schema) => schema.properties).length;
    let form = 0;
    const pathOf = (schema: JsonSchema) => (objects > 1 && schema.properties ? `${path} (form ${(form += 1)})` : path);
    return schemas.flatMap((schema, index) => [...(index > 0 ? [{ text: ' or ' }] : []), ...this.pieces(schema, pathOf(schema))]);
  }

  #list(schema: JsonSchema, path: string): TypePiece[] {
    if (schema.maxItems === 0) return [{ text: 'empty list' }];
    const { items } = schema;
    return typeof items === 'object' ? [{ text: 'list of ' }, ...this.pieces(items, `${path}[]`)] : [{ text: 'list' }];
  }

  #object(schema: JsonSchema, path: string): TypePiece[] {
    const values = schema.additionalProperties;
    if (!schema.properties) return typeof values === 'object' ? [{ text: 'map of ' }, ...this.pieces(values, `${path}.*`)] : [{ text: 'object' }];
    this.#objects.set(path, schema);
    return [{ text: 'object', table: path }];
  }
}

function scalarName(type: string | string[] | undefined): string {
  return type === undefined ? 'anything' : [type].flat().join(' or ');
}
