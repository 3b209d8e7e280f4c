/** What makes each client trust the portal's own certificate authority. Every line is run by the lane of real clients. */
import { resolve } from 'node:path';

export interface TrustLine {
  clients: string;
  /** For a POSIX shell. PHP's begins a command, the others stand alone. */
  line: string;
}

/** @param ca path of the authority's certificate, absolute in the lines so that they work in any folder */
export function trustLines(ca: string): TrustLine[] {
  const path = quoted(resolve(ca));
  const [store, password] = ['tidemark.p12', 'changeit'];
  return [
    { clients: 'curl', line: `export CURL_CA_BUNDLE=${path}` },
    { clients: 'Node, b24jssdk, @2bad/bitrix', line: `export NODE_EXTRA_CA_CERTS=${path}` },
    { clients: 'Python: requests, b24pysdk', line: `export REQUESTS_CA_BUNDLE=${path}` },
    { clients: 'Python: httpx, aiohttp, urllib', line: `export SSL_CERT_FILE=${path}` },
    { clients: 'PHP, b24phpsdk, CRest', line: `php -d openssl.cafile=${path} -d curl.cainfo=${path}` },
    { clients: 'Go', line: `export SSL_CERT_FILE=${path}` },
    { clients: 'Java: a trust store', line: `keytool -importcert -noprompt -alias tidemark -file ${path} -keystore ${store} -storepass ${password}` },
    { clients: 'Java: and its use', line: `export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore='$PWD/${store}' -Djavax.net.ssl.trustStorePassword=${password}"` },
  ];
}

/** As one word for a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
