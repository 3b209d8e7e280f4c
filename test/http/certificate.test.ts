/** The certificate of a running server: always valid, for the names that the portal has. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { tidemarkOn } from '../support/command.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const DAY = 86_400_000;

let portal: TestServer;
beforeEach(async () => {
  portal = await startTestServer({ tlsName: 'Chat.Example.org,10.1.2.3' });
});
afterEach(() => portal[Symbol.asyncDispose]());

/** What a new connection is shown. This process goes by the real clock, so it looks at the certificate itself. */
async function shown(): Promise<X509Certificate> {
  const { hostname, port } = new URL(portal.https);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()!;
  expect(certificate.verify(new X509Certificate(readFileSync(portal.ca)).publicKey)).toBe(true);
  socket.destroy();
  return certificate;
}

const shows = (what: (certificate: X509Certificate) => unknown) => expect.poll(async () => what(await shown()), { timeout: 20_000 });

test('it has the names of --tls-name, and those that clients use without', async () => {
  const certificate = await shown();
  for (const name of ['chat.example.org', 'localhost']) expect(certificate.checkHost(name)).toBeDefined();
  for (const address of ['10.1.2.3', '127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
});

test.each([[397 - 29], [398], [5000]])('after %i days of running it is valid, and calls go on', async (days) => {
  const first = await shown();
  portal.clock.advance(days * DAY);
  await shows(({ serialNumber }) => serialNumber).not.toBe(first.serialNumber);
  const certificate = await shown();
  expect(certificate.validToDate.getTime()).toBeGreaterThan(portal.clock.now() + 30 * DAY);
  expect(certificate.checkHost('chat.example.org')).toBeDefined();
});

test('a connection that is open outlives the renewal', async () => {
  const { hostname, port } = new URL(portal.https);
  const socket = connect({ host: hostname, port: Number(port), ca: readFileSync(portal.ca) });
  await once(socket, 'secureConnect');
  const first = await shown();
  portal.clock.advance(380 * DAY);
  await shows(({ serialNumber }) => serialNumber).not.toBe(first.serialNumber);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toContain('200 OK');
  socket.destroy();
});

test('it follows the address that is set, there and back', async () => {
  await tidemarkOn(portal, 'portal', 'set', '--url', 'https://portal.example.com:8443');
  await shows((certificate) => certificate.checkHost('portal.example.com')).toBe('portal.example.com');
  expect((await shown()).checkHost('chat.example.org')).toBeDefined();
  expect((await send(`${portal.https}/healthz`, { ca: readFileSync(portal.ca, 'utf8') })).status).toBe(200);
  await tidemarkOn(portal, 'portal', 'set', '--url', 'http://[2001:DB8::7]');
  await shows((certificate) => certificate.checkIP('2001:db8::7')).toBe('2001:db8::7');
  expect((await shown()).checkHost('portal.example.com')).toBeUndefined();
  await tidemarkOn(portal, 'portal', 'set', '--url', '');
  await shows((certificate) => certificate.checkIP('2001:db8::7')).toBeUndefined();
});

test.each(['https://a..b', 'https://*.example.org', `https://${'a'.repeat(64)}.de`, 'https://', 'example.org', 'ftp://example.org'])('portal set --url %s is refused by name', async (url) => {
  await expect(tidemarkOn(portal, 'portal', 'set', '--url', url)).rejects.toThrow(/^tidemark: --url: "[^\n]+\n$/);
});

test.each(['a..b', '*', 'x:8443', 'https://x', '10.0.0.1,256.1.1.1'])('--tls-name %s is refused by name', (name) => {
  expect(() => loadConfig({ tlsName: name }, {})).toThrow(/^--tls-name: ".+" is neither a host name nor an IP address$/);
});

test('an address that no certificate can hold changes nothing, and the next is followed', async () => {
  // As an older release took it.
  await portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.url, 'https://a..b'));
  await tidemarkOn(portal, 'portal', 'set', '--url', 'https://next.example');
  await shows((certificate) => certificate.checkHost('next.example')).toBe('next.example');
});

test('what is damaged on the disk is made anew when it is time, and meanwhile the server goes on', async () => {
  const first = await shown();
  const tls = join(portal.folder, 'tls');
  writeFileSync(join(tls, 'server.pem'), 'damaged');
  rmSync(join(tls, 'server-key.pem'));
  chmodSync(tls, 0o755);
  expect((await shown()).serialNumber).toBe(first.serialNumber);
  portal.clock.advance(DAY);
  await shows(({ serialNumber }) => serialNumber).not.toBe(first.serialNumber);
});
