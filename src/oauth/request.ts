/** What the pages and endpoints of the sign-in read of a request. */
import type { FastifyRequest } from 'fastify';
import { mergeParams, parseBody } from '../rest/body.ts';
import { parsePhpQuery } from '../rest/php-query.ts';
import { argumentError } from '../rest/request-error.ts';
import type { ValueMap } from '../rest/values.ts';

/** Parameters by name; those that are empty are left out. */
export type TextParams = ReadonlyMap<string, string>;

/** @throws RequestError */
export function readQuery(request: FastifyRequest): TextParams {
  return texts(queryOf(request));
}

/**
 * The body's parameters and those of the query that the body does not have.
 *
 * @throws RequestError
 */
export async function readParams(request: FastifyRequest): Promise<TextParams> {
  return texts(mergeParams(queryOf(request), await bodyOf(request)));
}

/** @throws RequestError */
export async function readForm(request: FastifyRequest): Promise<TextParams> {
  return texts(await bodyOf(request));
}

/**
 * Name and password of an `Authorization: Basic` header, each form-encoded before they were joined (RFC 6749, 2.3.1).
 *
 * @returns undefined when the header is missing or of another kind
 */
export function readBasic(authorization: string | undefined): { name: string; password: string } | 'malformed' | undefined {
  const [, encoded] = /^basic(?:\s+(.*))?$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return /^basic\s*$/i.test(authorization ?? '') ? 'malformed' : undefined;
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (!name || password === undefined) return 'malformed';
  try {
    return { name: formDecoded(name), password: formDecoded(password) };
  } catch {
    return 'malformed';
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function queryOf(request: FastifyRequest): ValueMap {
  const { url = '' } = request.raw;
  const mark = url.indexOf('?');
  return parsePhpQuery(Buffer.from(mark < 0 ? '' : url.slice(mark + 1), 'latin1'));
}

async function bodyOf(request: FastifyRequest): Promise<ValueMap> {
  return parseBody(request.headers['content-type'], request.body instanceof Uint8Array ? request.body : new Uint8Array(0));
}

/** What grants and refuses; other names may hold anything, as nobody looks at them. */
const TEXTS = ['client_id', 'client_secret', 'grant_type', 'code', 'refresh_token', 'scope', 'state', 'redirect_uri', 'response_type'];

/** A list in place of a text must not pass for a parameter that was left out: without a scope all of them are given. */
function texts(values: ValueMap): TextParams {
  const wrong = TEXTS.find((name) => !['string', 'number', 'undefined'].includes(typeof (values[name] ?? undefined)));
  if (wrong !== undefined) throw argumentError(wrong, 'must be a text');
  const scalars = Object.entries(values).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return new Map(scalars.map(([name, value]) => [name, String(value)] as const).filter(([, value]) => value !== ''));
}
