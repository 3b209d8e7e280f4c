/** Results as JSON Schema, the way documents show them. */
import { z } from 'zod';

/** As much of JSON Schema as results use. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema | boolean;
  prefixItems?: JsonSchema[];
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
}

export interface ResultSchema {
  schema: JsonSchema;
  /** Schemas with a name of their own, which `$ref`s point to. */
  named: Record<string, JsonSchema>;
}

export const NAMED_PREFIX = '#/$defs/';

/** The schema of what a method hands out, which for zod is what it takes in. */
export function resultSchema(result: z.ZodType): ResultSchema {
  const made = z.toJSONSchema(result, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => tidy(jsonSchema as JsonSchema),
  });
  const { $schema: _known, $defs: named = {}, ...schema } = made as JsonSchema & { $schema?: string; $defs?: Record<string, JsonSchema> };
  return { schema, named };
}

/** The bounds of integers say nothing; a tuple without members may not be written as one. */
function tidy(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.prefixItems?.length !== 0) return;
  delete schema.prefixItems;
  delete schema.items;
  schema.maxItems = 0;
}
