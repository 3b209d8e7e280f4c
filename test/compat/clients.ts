/** The clients that are known to work, how that is proved, and what each needs. */

export interface ClientRow {
  client: string;
  proof: string;
  needs: string;
}

export const clients: readonly ClientRow[] = [
  { client: '`@bitrix24/b24jssdk` 2.2 and 1.3', proof: 'run unmodified, webhook over HTTPS and OAuth over HTTP with refreshes; 2.2 also in a browser, OAuth and frame', needs: '`NODE_EXTRA_CA_CERTS` for webhooks' },
  { client: '`b24pysdk`, newest', proof: 'run unmodified, webhook and OAuth over HTTPS', needs: '`REQUESTS_CA_BUNDLE`; its authorization server is a class constant: set `BitrixOAuthRequester._OAUTH_TOKEN_URL` and `._APP_INFO_URL`, and `token.domain` where the port is not 443' },
  { client: 'curl', proof: 'every example of the page, over HTTP and HTTPS, and all forms of bodies', needs: '`--cacert` for HTTPS' },
  { client: '`fast_bitrix24`, newest', proof: 'run unmodified, webhook over HTTP and HTTPS, tokens over HTTPS: whole lists, batches, retries', needs: '`SSL_CERT_FILE` for HTTPS' },
  { client: '`pybitrix24`, newest', proof: 'run unmodified, webhook and OAuth over HTTPS', needs: '`SSL_CERT_FILE`; `auth_hostname` for OAuth' },
  { client: '`b24api` 0.4', proof: 'run unmodified, webhook over HTTP and HTTPS: its four ways to fetch a list, batches, retries', needs: '`SSL_CERT_FILE` for HTTPS; 2.x, which needs Python 3.12 and shares nothing with it but the name, is not tried' },
  { client: '`@2bad/bitrix`, newest', proof: 'run unmodified, webhook over HTTP and HTTPS: lists, batches, retries', needs: '`NODE_EXTRA_CA_CERTS` for HTTPS; webhooks only, because 2.5.1 never sends the token that it is given' },
  { client: 'n8n', proof: 'the requests of its HTTP Request node, made by axios: forms, multipart, JSON, queries, OAuth2 credentials', needs: '`NODE_EXTRA_CA_CERTS` for HTTPS' },
  { client: 'Go, Java', proof: 'net/http and java.net.http over HTTPS, by the commands of docs/clients.md', needs: '`SSL_CERT_FILE`; a trust store made by keytool' },
  { client: 'CRest 1.36', proof: 'its requests, made by PHP; recorded bytes', needs: 'a webhook address with a trailing slash; its refresh address is fixed in its source' },
  { client: '`b24phpsdk`', proof: 'recorded bytes', needs: 'for OAuth port 80 or 443, because it drops the port' },
  { client: 'BX24.js', proof: 'recorded bytes, and its requests made in a browser', needs: 'a portal page, which is still to come' },
  { client: '`b24gosdk` (Go)', proof: 'none: the public module proxy does not serve `github.com/bitrix24/b24gosdk`', needs: 'unknown' },
];
