/** `tidemark mcp`: the MCP server on standard input and output. */
import type { Command } from 'commander';
import { type Called, callOverHttp } from '../reference/called.ts';
import { Reference } from '../reference/reference.ts';
import { packageVersion } from '../reference/version.ts';
import { methodAt, parseWebhook, type WebhookAddress } from '../reference/webhook-address.ts';
import { methods } from '../methods/index.ts';
import { CommandError } from '../portal/open-portal.ts';

export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('serve the method reference, and calls, to a language model over the Model Context Protocol on stdio')
    .option('--webhook <address>', 'webhook to call with (TIDEMARK_WEBHOOK); without one there is only the reference')
    .action(serve);
}

/** The protocol's library is loaded only here, so that the other commands start without it. */
async function serve(options: { webhook?: string }): Promise<void> {
  const webhook = readWebhook(options.webhook ?? process.env['TIDEMARK_WEBHOOK'] ?? '');
  const [{ serveStdio }, { createMcpServer }] = await Promise.all([import('@modelcontextprotocol/server/stdio'), import('../reference/mcp.ts')]);
  const [reference, version] = [await Reference.of(methods), packageVersion()];
  serveStdio(() => createMcpServer({ reference, version, asksForWebhook: false, call: (method, params) => call(webhook, method, params) }));
}

/** @throws CommandError */
function readWebhook(given: string): WebhookAddress | undefined {
  const webhook = parseWebhook(given);
  if (given !== '' && webhook?.origin === undefined) throw new CommandError('--webhook: this is not the whole address of a webhook');
  return webhook;
}

async function call(webhook: WebhookAddress | undefined, method: string, params: Readonly<Record<string, unknown>>): Promise<Called> {
  if (!webhook) return { ok: false, code: 'NO_WEBHOOK', text: 'This server was started without --webhook: it has only the reference' };
  return callOverHttp(`${webhook.origin}${methodAt(webhook, method)}`, params);
}
