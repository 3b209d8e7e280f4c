/** Scope codes as a parameter. */
import { decodeText } from '../../rest/json.ts';
import type { Param } from '../../rest/params.ts';
import { argumentError } from '../../rest/request-error.ts';
import type { Value } from '../../rest/values.ts';

const MOST_SCOPES = 50;

/** A list of codes, also as text of JSON or separated by commas; undefined where it is left out. */
export function scopesParam(description: string): Param<string[] | undefined> {
  return {
    type: 'array',
    required: false,
    description,
    parse(raw, name) {
      if (raw === undefined || raw === null || raw === '') return undefined;
      const codes = listOf(raw, name).map((code) => (typeof code === 'string' ? code.trim() : ''));
      if (codes.length > MOST_SCOPES || codes.some((code) => !/^[\w.]{1,60}$/.test(code))) throw argumentError(name, 'must be a list of scope codes');
      return [...new Set(codes)];
    },
  };
}

function listOf(raw: Value, name: string): Value[] {
  if (typeof raw === 'string' && !/^\s*[[{"]/.test(raw)) return raw.split(',');
  const value = decodeText(raw, name);
  if (typeof value !== 'object' || value === null) throw argumentError(name, 'must be a list of scope codes');
  return Object.values(value);
}

export function codesIn(scope: string): string[] {
  return scope.split(',').filter((code) => code !== '');
}
