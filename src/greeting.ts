import { COMMAND } from './base/program.ts';
import type { Ready } from './server.ts';
import { trustLines } from './trust.ts';

/**
 * What a person sees when the server is up.
 *
 * @param url the address under which others reach the portal; empty for that of the listener
 * @param store the flags by which commands find this portal, with a space before them; empty when they need none
 * @param link the secret that signs the administrator in once; undefined where nobody is to see one
 */
export function greeting(ready: Ready, url: string, store = '', link?: string): string {
  const origin = url || ready.http;
  return `
Tidemark runs at ${ready.http} and ${ready.https}${url && `, for others at ${url}`}

  The inbox${link === undefined ? '' : ', signed in as the administrator (once, within ten minutes)'}:
    ${origin}/${link === undefined ? '' : `sign-in/?link=${link}`}

${ready.admin.webhook ? withWebhook(ready.admin.webhook.replace(ready.http, origin), store) : withoutWebhook(store)}

  Every method, with examples for every client:
    ${origin}/docs/

  Trust the local certificate for HTTPS:
${trustLines(ready.ca).map(({ clients, line }) => `    ${clients.padEnd(32)} ${line}`).join('\n')}

  How to point each client here: docs/clients.md

Stop it with Ctrl+C.
`;
}

function withWebhook(webhook: string, store: string): string {
  return `  Webhook of the administrator (it has every scope; keep it to yourself):
    ${webhook}

  Try it:
    curl -H 'Content-Type: application/json' -d '{"SKIP_OPENLINES":"Y"}' ${webhook}im.recent.get

  See and end webhooks:
    ${COMMAND} webhook list${store}
    ${COMMAND} webhook remove --webhook <id>${store}`;
}

function withoutWebhook(store: string): string {
  return `  Make a webhook to call it with (a start prints one on a terminal, or with --print-webhook):
    ${COMMAND} webhook add --user 1 --scope im,user${store}`;
}
