/** TypeScript's view of every method: `Methods['im.recent.get']['params']` and `['result']`. */
import { type JsonSchema, NAMED_PREFIX } from './json-schema.ts';
import type { MethodReference, ParamReference, Reference } from './reference.ts';

/** The text of a declaration file. */
export function methodTypes(reference: Reference): string {
  const named = Object.entries(reference.named).map(([name, schema]) => `${comment(schema.description)}export type ${typeName(name)} = ${typeOf(schema)};\n`);
  const methods = reference.methods.map((method) => `  /** ${inComment(method.summary)} */\n  ${JSON.stringify(method.name)}: {\n    params: ${paramsOf(method)};\n    result: ${typeOf(method.result, '    ')};\n  };\n`);
  return `/** What every method takes and gives. Names of parameters may be written in capitals or not; here they are as declared. */\n${named.join('')}export interface Methods {\n${methods.join('')}}\n`;
}

/** What the words of the declarations let a caller give. */
const PARAM_TYPES: Readonly<Record<string, string>> = {
  string: 'string | number',
  integer: 'number | string',
  boolean: "boolean | 'Y' | 'N' | 0 | 1",
  date: 'string',
  array: 'readonly unknown[]',
  object: 'object | string',
};

function paramsOf({ params }: MethodReference): string {
  if (params.length === 0) return 'Record<string, never>';
  return `{\n${params.map((param) => `      ${paramOf(param)}`).join('')}    }`;
}

function paramOf({ name, type, required, description }: ParamReference): string {
  return `/** ${inComment(description)} */\n      ${keyOf(name)}${required ? '' : '?'}: ${PARAM_TYPES[type] ?? 'unknown'};\n`;
}

function typeOf(schema: JsonSchema | boolean | undefined, indent = ''): string {
  if (typeof schema !== 'object') return 'unknown';
  if (schema.$ref !== undefined) return typeName(schema.$ref.slice(NAMED_PREFIX.length));
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.anyOf) return union(schema.anyOf.map((one) => typeOf(one, indent)));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, indent)));
  return ofType(schema, indent);
}

function ofType(schema: JsonSchema, indent: string): string {
  switch (schema.type) {
    case 'object': return objectOf(schema, indent);
    case 'array': return arrayOf(schema, indent);
    case 'integer':
    case 'number': return 'number';
    case 'string':
    case 'boolean':
    case 'null': return schema.type as string;
    default: return 'unknown';
  }
}

function arrayOf({ items, prefixItems, maxItems }: JsonSchema, indent: string): string {
  if (prefixItems) return `[${prefixItems.map((item) => typeOf(item, indent)).join(', ')}]`;
  return maxItems === 0 ? '[]' : `Array<${typeOf(items, indent)}>`;
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) => {
    return `${inner}${comment(schema.description, inner)}${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)};\n`;
  });
  const others = typeof additionalProperties === 'object' ? `Record<string, ${typeOf(additionalProperties, indent)}>` : 'Record<string, unknown>';
  if (members.length === 0) return others;
  const known = `{\n${members.join('')}${indent}}`;
  return typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0 ? `${known} & ${others}` : known;
}

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)];
  return distinct.length === 1 ? distinct[0]! : `(${distinct.join(' | ')})`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function typeName(name: string): string {
  return name.replaceAll(/\W+/g, '_');
}

function comment(description: string | undefined, indent = ''): string {
  return description === undefined ? '' : `/** ${inComment(description)} */\n${indent}`;
}

function inComment(text: string): string {
  return text.replaceAll('*/', '* /');
}
