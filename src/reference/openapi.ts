/** The OpenAPI document: every method at its webhook address and at its token address. */
import type { ErrorDeclaration } from '../base/declared-error.ts';
import { type JsonSchema, NAMED_PREFIX } from './json-schema.ts';
import type { MethodReference, ParamReference, Reference } from './reference.ts';

type Json = Record<string, unknown>;

const SCHEMAS = '#/components/schemas/';

/** The document without its `servers`, which depend on how the reader reached the portal. */
export function openApiDocument(reference: Reference, version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidemark REST API',
      version,
      summary: 'A messenger server whose centre is the recent list',
      description:
        'Every method takes its parameters as JSON or as a form. Parameter and method names are case-insensitive. ' +
        'Parameters may also stand in the query, which makes GET requests possible. ' +
        'Answers are compressed for callers that say so in Accept-Encoding: gzip, br or zstd.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...reference.scopes().keys()].map((scope) => ({ name: tagOf(scope), description: tagText(scope) })),
    paths: Object.fromEntries(reference.methods.flatMap((method) => pathsOf(method))),
    components: components(reference),
  };
}

function tagOf(scope: string): string {
  return scope === '' ? 'general' : scope;
}

function tagText(scope: string): string {
  return scope === '' ? 'Methods that need no scope' : `Methods that need the scope ${scope}`;
}

function pathsOf(method: MethodReference): Array<[string, Json]> {
  const own = method.conditional ? [parameter('ifNoneMatch')] : [];
  const webhook = { ...operation(method), operationId: method.name, security: [], parameters: [parameter('userId'), parameter('webhook'), ...own] };
  const token = { ...operation(method), operationId: `${method.name}.token`, security: [{ bearer: [] }, { auth: [] }], ...(own.length > 0 && { parameters: own }) };
  return [
    [`/rest/{user_id}/{webhook}/${method.name}`, { post: webhook }],
    [`/rest/${method.name}`, { post: token }],
  ];
}

function parameter(name: string): Json {
  return { $ref: `#/components/parameters/${name}` };
}

function operation(method: MethodReference): Json {
  return {
    tags: [tagOf(method.scope ?? '')],
    summary: method.summary,
    externalDocs: { url: `/docs/${method.name}` },
    requestBody: body(method),
    responses: responses(method),
  };
}

function body(method: MethodReference): Json {
  const schema = { $ref: `${SCHEMAS}${method.name}.params` };
  const json = Object.keys(method.example).length > 0 ? { schema, example: method.example } : { schema };
  const required = method.params.some((param) => param.required);
  return { required, content: { 'application/json': json, 'application/x-www-form-urlencoded': { schema } } };
}

function responses(method: MethodReference): Json {
  const failures = Object.groupBy(method.errors, (error) => error.status);
  const own = Object.entries(failures).map(([status, errors = []]) => [status, errorResponse(errors)]);
  const headers = headersOf(method);
  return {
    200: { description: 'The result', ...headers, ...jsonContent({ $ref: `${SCHEMAS}${method.name}.answer` }) },
    ...(method.conditional && { 304: { description: 'The caller has this result: its tag is in If-None-Match', ...headers } }),
    ...Object.fromEntries(own),
    default: { $ref: '#/components/responses/common' },
  };
}

function headersOf({ headers }: MethodReference): Json {
  const described = Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]);
  return described.length === 0 ? {} : { headers: Object.fromEntries(described) };
}

/** One example for each error; the key is the code, numbered where two texts share one. */
function errorResponse(errors: readonly ErrorDeclaration[]): Json {
  const schema = { $ref: `${SCHEMAS}Error` };
  const examples: Json = {};
  for (const { code, text } of errors) {
    const key = code in examples ? `${code}.${Object.keys(examples).length + 1}` : code;
    examples[key] = { summary: text, value: { error: code, error_description: text } };
  }
  const codes = [...new Set(errors.map((error) => error.code))];
  return { description: codes.join(', '), content: { 'application/json': { schema, examples } } };
}

function jsonContent(schema: JsonSchema): Json {
  return { content: { 'application/json': { schema } } };
}

function components(reference: Reference): Json {
  return {
    schemas: {
      ...inDocument(reference.named),
      Time: timeSchema,
      Error: errorSchema,
      ...Object.fromEntries(reference.methods.flatMap((method) => schemasOf(method))),
    },
    parameters: {
      userId: { name: 'user_id', in: 'path', required: true, description: 'User whose webhook it is', schema: { type: 'integer' }, example: 1 },
      webhook: { name: 'webhook', in: 'path', required: true, description: 'Secret code of the webhook', schema: { type: 'string' } },
      ifNoneMatch: { name: 'If-None-Match', in: 'header', description: 'Tags of results that the caller has, or *', schema: { type: 'string' } },
    },
    responses: { common: commonResponse(reference) },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'Access token of an application' },
      auth: { type: 'apiKey', in: 'query', name: 'auth', description: 'The same token as a parameter, in the query or in the body' },
    },
  };
}

function commonResponse(reference: Reference): Json {
  return { ...errorResponse(reference.commonErrors), description: 'Failures that any call may end with' };
}

function schemasOf(method: MethodReference): Array<[string, JsonSchema]> {
  return [
    [`${method.name}.params`, paramsSchema(method.params)],
    [`${method.name}.answer`, answerSchema(inDocument(method.result))],
  ];
}

/** References point into the document instead of the schema. */
function inDocument<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll(`"${NAMED_PREFIX}`, `"${SCHEMAS}`)) as T;
}

function paramsSchema(params: readonly ParamReference[]): JsonSchema {
  const required = params.filter((param) => param.required).map((param) => param.name);
  return {
    type: 'object',
    properties: Object.fromEntries(params.map((param) => [param.name, { description: param.description, ...PARAM_TYPES[param.type] }])),
    ...(required.length > 0 && { required }),
    additionalProperties: true,
  };
}

/** What the words of the declarations mean on the wire. Ids may be given as text everywhere, dialog ids as numbers. */
const PARAM_TYPES: Readonly<Record<string, JsonSchema>> = {
  string: { type: ['string', 'integer'] },
  integer: { type: 'integer' },
  boolean: { anyOf: [{ type: 'string', enum: ['Y', 'N'] }, { type: 'boolean' }] },
  date: { type: 'string', format: 'date-time' },
  array: { type: 'array', items: true },
  object: { type: ['object', 'array', 'string'] },
};

function answerSchema(result: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: {
      result,
      next: { type: 'integer', description: 'Value of start for the next page; not there on the last' },
      total: { type: 'integer', description: 'Number of rows on all pages, where they are counted' },
      time: { $ref: `${SCHEMAS}Time` },
    },
    required: ['result', 'time'],
  };
}

const timeSchema: JsonSchema = {
  type: 'object',
  properties: {
    start: { type: 'number', description: 'When the call came in, seconds since 1970' },
    finish: { type: 'number', description: 'When the answer was ready, seconds since 1970' },
    duration: { type: 'number', description: 'Seconds from start to finish' },
    processing: { type: 'number', description: 'Seconds that the method itself ran' },
    date_start: { type: 'string', format: 'date-time' },
    date_finish: { type: 'string', format: 'date-time' },
    operating_reset_at: { type: 'integer', description: 'When operating begins anew, seconds since 1970' },
    operating: { type: 'number', description: 'Seconds that the method has run for the caller in ten minutes' },
  },
  required: ['start', 'finish', 'duration', 'processing', 'date_start', 'date_finish'],
};

const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    error: { type: 'string', description: 'Code' },
    error_description: { type: 'string', description: 'What went wrong' },
    argument: { type: 'string', description: 'Parameter at fault, where there is one' },
  },
  required: ['error', 'error_description'],
};
