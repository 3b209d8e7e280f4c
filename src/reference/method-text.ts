/** The reference of a method as plain text, for terminals and language models. */
import type { ErrorDeclaration } from '../base/declared-error.ts';
import { type FieldTable, resultFields, typeText } from './field-tables.ts';
import type { MethodReference, ParamReference, Reference } from './reference.ts';

/** One line that says what there is. */
export function methodLine({ name, summary }: MethodReference): string {
  return `${name}: ${summary}`;
}

export function methodText(reference: Reference, method: MethodReference): string {
  const { type, tables } = resultFields(method.result, reference.named);
  return [
    `# ${method.name}\n\n${method.summary}.\n\nScope: ${method.scope ?? 'none needed'}`,
    `## Parameters\n\n${lines(method.params, paramLine)}`,
    `## Example\n\n${JSON.stringify(method.example)}`,
    `## Result\n\n${typeText(type)}`,
    ...tables.map(tableText),
    ...(Object.keys(method.headers).length === 0 ? [] : [`## Headers\n\n${lines(Object.entries(method.headers), ([name, text]) => `${name}: ${text}`)}`]),
    `## Errors\n\n${lines(method.errors, errorLine)}`,
    `## Errors of any call\n\n${lines(reference.commonErrors, errorLine)}\n`,
  ].join('\n\n');
}

function lines<T>(items: readonly T[], line: (item: T) => string): string {
  return items.length === 0 ? 'None.' : items.map((item) => `- ${line(item)}`).join('\n');
}

export function paramLine({ name, type, required, description }: ParamReference): string {
  return `${name} (${type}${required ? ', required' : ''}): ${description}`;
}

export function errorLine({ code, status, text }: ErrorDeclaration): string {
  return `${code} (HTTP ${status}): ${text}`;
}

function tableText({ title, fields }: FieldTable): string {
  const line = (field: FieldTable['fields'][number]) => {
    const kind = `${typeText(field.type)}${field.optional ? ', optional' : ''}`;
    return `${field.name} (${kind})${field.description && `: ${field.description}`}`;
  };
  return `### ${title}\n\n${lines(fields, line)}`;
}
