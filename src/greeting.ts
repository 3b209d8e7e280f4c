import type { Ready } from './server.ts';

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
    curl                 --cacert ${ready.ca}
    Node, b24jssdk       export NODE_EXTRA_CA_CERTS=${ready.ca}
    Python, b24pysdk     export REQUESTS_CA_BUNDLE=${ready.ca}
    PHP, b24phpsdk       php -d openssl.cafile=${ready.ca} -d curl.cainfo=${ready.ca}
    Go and others        export SSL_CERT_FILE=${ready.ca}

Stop it with Ctrl+C.
`;
}
