/** The reference and the calls as tools of the Model Context Protocol. */
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Called } from './called.ts';
import { methodLine, methodText } from './method-text.ts';
import type { MethodReference, Reference } from './reference.ts';
import { searchMethods } from './search.ts';

export interface McpOptions {
  reference: Reference;
  version: string;
  /** Whether the webhook is an argument of every call; otherwise whoever started the server has given one. */
  asksForWebhook: boolean;
  call(method: string, params: Readonly<Record<string, unknown>>, webhook: string | undefined): Promise<Called>;
}

const INSTRUCTIONS =
  'The REST API of a Tidemark messenger portal, compatible with im.* of Bitrix24. ' +
  'Find methods with search_methods or list_methods, read one with read_method before calling it with call_method.';

/** A server for one connection. */
export function createMcpServer(options: McpOptions): McpServer {
  const server = new McpServer({ name: 'tidemark', version: options.version }, { instructions: INSTRUCTIONS });
  addSearch(server, options.reference);
  addList(server, options.reference);
  addRead(server, options.reference);
  addCall(server, options);
  return server;
}

const READS = { readOnlyHint: true, openWorldHint: false };
const methodSummary = z.object({ name: z.string(), scope: z.string().nullable(), summary: z.string() });
const methodList = z.object({ methods: z.array(methodSummary) });
const DEFAULT_LIMIT = 10;

function addSearch(server: McpServer, reference: Reference): void {
  const inputSchema = z.object({
    query: z.string().max(200).describe('Words that must all occur in name, summary, parameters or errors'),
    limit: z.int().min(1).max(100).default(DEFAULT_LIMIT).describe('Most methods to give'),
  });
  const description = 'Finds methods of the REST API by words; the best match comes first';
  server.registerTool('search_methods', { description, inputSchema, outputSchema: methodList, annotations: READS }, ({ query, limit }) =>
    listed(searchMethods(reference, query, limit)),
  );
}

function addList(server: McpServer, reference: Reference): void {
  const inputSchema = z.object({ scope: z.string().max(50).optional().describe('Only the methods of one scope, such as im; empty for those that need none') });
  const description = 'Lists the methods of the REST API, all or those of one scope';
  server.registerTool('list_methods', { description, inputSchema, outputSchema: methodList, annotations: READS }, ({ scope }) =>
    listed(reference.methods.filter((method) => scope === undefined || (method.scope ?? '') === scope)),
  );
}

function listed(methods: readonly MethodReference[]): CallToolResult {
  const text = methods.length === 0 ? 'No method found.' : methods.map(methodLine).join('\n');
  return {
    content: [{ type: 'text', text }],
    structuredContent: { methods: methods.map(({ name, scope, summary }) => ({ name, scope, summary })) },
  };
}

function addRead(server: McpServer, reference: Reference): void {
  const inputSchema = z.object({ method: z.string().max(200).describe('Name of the method, such as im.recent.get') });
  const description = 'Reads the reference of one method: parameters, result, errors and an example';
  server.registerTool('read_method', { description, inputSchema, annotations: READS }, ({ method: name }) => {
    const method = reference.find(name);
    if (!method) return failed('ERROR_METHOD_NOT_FOUND', 'There is no such method; look for it with search_methods');
    const structuredContent = { ...method, $defs: reference.named, commonErrors: [...reference.commonErrors] };
    return { content: [{ type: 'text', text: methodText(reference, method) }], structuredContent };
  });
}

const callArguments = z.object({
  method: z.string().max(200).describe('Name of the method, such as im.recent.get'),
  params: z.record(z.string(), z.unknown()).default({}).describe('Parameters by name'),
});
const webhookArgument = { webhook: z.string().max(500).describe('Webhook to call with: its whole address, or user/code') };

/** The two forms differ in their arguments, not in what they do. */
function addCall(server: McpServer, options: McpOptions): void {
  const description = 'Calls a method of this portal with the rights of a webhook and gives its whole answer';
  const annotations = { readOnlyHint: false, openWorldHint: false };
  const run = async (method: string, params: Readonly<Record<string, unknown>>, webhook?: string) =>
    answered(await options.call(method, params, webhook));
  if (options.asksForWebhook) {
    const inputSchema = callArguments.extend(webhookArgument);
    server.registerTool('call_method', { description, inputSchema, annotations }, ({ method, params, webhook }) => run(method, params, webhook));
  } else {
    server.registerTool('call_method', { description, inputSchema: callArguments, annotations }, ({ method, params }) => run(method, params));
  }
}

function answered(called: Called): CallToolResult {
  if (!called.ok) return failed(called.code, called.text);
  return { content: [{ type: 'text', text: JSON.stringify(called.answer) }], structuredContent: called.answer };
}

function failed(code: string, text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: `${code}: ${text}` }], structuredContent: { error: code, error_description: text } };
}
