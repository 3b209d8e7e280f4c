import type { Ready } from './server.ts';
import { trustLines } from './trust.ts';

/** What a person sees when the server is up. */
export function greeting(ready: Ready): string {
  return `
Tidemark runs at ${ready.http} and ${ready.https}

  Webhook of the administrator (it has every scope; keep it to yourself):
    ${ready.admin.webhook}

  Try it:
    curl -H 'Content-Type: application/json' -d '{"SKIP_OPENLINES":"Y"}' ${ready.admin.webhook}im.recent.get

  Every method, with examples for every client:
    ${ready.http}/docs/

  Trust the local certificate for HTTPS:
${trustLines(ready.ca).map(({ clients, line }) => `    ${clients.padEnd(32)} ${line}`).join('\n')}

  How to point each client here: docs/clients.md

Stop it with Ctrl+C.
`;
}
