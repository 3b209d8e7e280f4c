import { X509Certificate, createPrivateKey } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureCertificates, isCertificateName } from '../../src/portal/tls.ts';
import type { Certificates } from '../../src/portal/tls.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = new Date('2026-03-01T12:00:00Z');
const FILES = ['ca-key.pem', 'ca.pem', 'server-key.pem', 'server.pem'];

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'tidemark-tls-')), 'data');
});
afterEach(() => rm(join(dir, '..'), { recursive: true }));

function days(count: number): Date {
  return new Date(NOW.getTime() + count * DAY);
}

async function mode(name: string): Promise<number> {
  return (await stat(join(dir, name))).mode & 0o777;
}

interface Issued extends Certificates {
  server: X509Certificate;
  authority: X509Certificate;
}

async function issue(hosts: string[] = [], now = NOW): Promise<Issued> {
  const made = await ensureCertificates(dir, hosts, now);
  return { ...made, server: new X509Certificate(made.cert), authority: new X509Certificate(await readFile(made.ca)) };
}

describe('ensureCertificates: what it makes', () => {
  it('writes four files, with the keys for the owner only', async () => {
    const made = await issue();
    expect((await readdir(dir)).toSorted()).toEqual(FILES);
    expect(await mode('ca-key.pem')).toBe(0o600);
    expect(await mode('server-key.pem')).toBe(0o600);
    expect(await mode('.')).toBe(0o700);
    expect(made.ca).toBe(join(dir, 'ca.pem'));
    expect(await readFile(join(dir, 'server.pem'), 'utf8')).toBe(made.cert);
    expect(await readFile(join(dir, 'server-key.pem'), 'utf8')).toBe(made.key);
    expect(made.server.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  });

  it('makes a CA for ten years', async () => {
    const { authority } = await issue();
    expect(authority.ca).toBe(true);
    expect(authority.subject).toMatch(/^CN=Tidemark local CA [0-9a-f]{6}$/);
    expect(new Date(authority.validTo)).toEqual(new Date('2036-03-01T12:00:00Z'));
    expect(new Date(authority.validFrom).getTime()).toBeLessThan(NOW.getTime());
    expect(authority.verify(authority.publicKey)).toBe(true);
  });

  it('makes a server certificate for 397 days', async () => {
    const { server, authority } = await issue();
    expect(server.ca).toBe(false);
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(new Date(server.validTo)).toEqual(days(397));
    expect(server.checkIssued(authority) && server.verify(authority.publicKey)).toBe(true);
    expect(server.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });

  it('covers names and addresses in any spelling', async () => {
    const names = ['Chat.Example.COM', '*.example.com', 'bücher.test'];
    const { server } = await issue([...names, '[FE80::1]', '::ffff:1.2.3.4', '192.168.0.7', '::1']);
    for (const name of ['chat.example.com', 'any.example.com', 'xn--bcher-kva.test', 'localhost']) {
      expect(server.checkHost(name)).toBeDefined();
    }
    for (const address of ['fe80::1', '::ffff:1.2.3.4', '192.168.0.7', '127.0.0.1', '::1']) {
      expect(server.checkIP(address)).toBe(address);
    }
  });

  const wrong = ['', ' ', 'a b', 'a,b', 'host:80', 'https://x', 'a..b', 'x\ny', 'fe80::1%eth0', '[]'];
  it.each(wrong)('refuses %j', async (host) => {
    await expect(issue([host])).rejects.toThrow(/it is neither a host name nor an IP address/);
  });

  it.skipIf(spawnSync('openssl', ['version']).error)('satisfies OpenSSL in strict mode', async () => {
    const { ca } = await ensureCertificates(dir, [], new Date());
    const flags = ['-x509_strict', '-purpose', 'sslserver', '-verify_ip', '127.0.0.1', '-CAfile', ca];
    const run = spawnSync('openssl', ['verify', ...flags, join(dir, 'server.pem')], { encoding: 'utf8' });
    expect(run.stdout + run.stderr).toMatch(/server\.pem: OK/);
  });

  it('serves HTTPS to a client that trusts the CA', async () => {
    const { ca, key, cert } = await ensureCertificates(dir, [], new Date());
    await using server = createServer({ key, cert }, (_request, response) => void response.end('hello'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const trusted = get({ host: '127.0.0.1', port, ca: await readFile(ca), agent: false });
    const [response] = await once(trusted, 'response') as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await expect(once(get({ host: '127.0.0.1', port, agent: false }), 'response')).rejects.toThrow(/certificate/);
  });
});

describe('ensureCertificates: what it keeps', () => {
  it('changes nothing while everything fits', async () => {
    const hosts = ['Chat.Example.COM', '::ffff:1.2.3.4', 'FE80::1'];
    const first = await issue(hosts);
    const again = await issue(['fe80:0::1', '::ffff:102:304', 'chat.example.com', 'localhost'], days(397 - 30));
    expect(again.cert).toBe(first.cert);
    expect(again.key).toBe(first.key);
    expect(again.authority.raw).toEqual(first.authority.raw);
  });

  it.each<[string, string[], Date]>([
    ['fewer than 30 days are left', [], days(397 - 30 + 1 / 24)],
    ['it has expired', [], days(500)],
    ['a name is added', ['example.com'], NOW],
  ])('issues the server certificate again, by the same CA, when %s', async (_when, hosts, now) => {
    const first = await issue();
    const second = await issue(hosts, now);
    expect(second.cert).not.toBe(first.cert);
    expect(second.key).not.toBe(first.key);
    expect(second.authority.raw).toEqual(first.authority.raw);
    expect(second.server.verify(first.authority.publicKey)).toBe(true);
    expect((await readdir(dir)).toSorted()).toEqual(FILES);
  });

  it('issues it again when a name is gone', async () => {
    await issue(['example.com']);
    expect((await issue()).server.checkHost('example.com')).toBe(undefined);
  });

  it.each(['server.pem', 'server-key.pem'])('issues it again when %s is missing or damaged', async (name) => {
    const first = await issue();
    for (const damage of [undefined, 'damaged', '']) {
      await (damage === undefined ? rm(join(dir, name)) : writeFile(join(dir, name), damage));
      const next = await issue();
      expect(next.server.checkPrivateKey(createPrivateKey(next.key))).toBe(true);
      expect(next.authority.raw).toEqual(first.authority.raw);
    }
  });

  it('repairs a pair of which only the new key was written', async () => {
    const first = await issue();
    await writeFile(join(dir, 'server-key.pem'), await readFile(join(dir, 'ca-key.pem')));
    const next = await issue();
    expect(next.server.checkPrivateKey(createPrivateKey(next.key))).toBe(true);
    expect(next.authority.raw).toEqual(first.authority.raw);
  });

  it('starts a new CA after a crash that left only its key', async () => {
    await issue();
    await rm(join(dir, 'ca.pem'));
    const { server, authority } = await issue();
    expect(server.verify(authority.publicKey)).toBe(true);
  });

  it('needs no CA key while the server certificate fits', async () => {
    const first = await issue();
    await rm(join(dir, 'ca-key.pem'));
    expect((await issue()).cert).toBe(first.cert);
  });

  it('replaces a CA near its end, and lets no certificate outlive its CA', async () => {
    const first = await issue();
    const late = await issue([], new Date('2035-06-01T00:00:00Z'));
    expect(late.authority.raw).toEqual(first.authority.raw);
    expect(late.server.validTo).toBe(first.authority.validTo);
    const replaced = await issue([], new Date('2036-02-15T00:00:00Z'));
    expect(replaced.authority.raw).not.toEqual(first.authority.raw);
    expect(replaced.server.verify(replaced.authority.publicKey)).toBe(true);
  });

  it('keeps the CA when the clock is behind, and issues a certificate that is valid then and afterwards', async () => {
    const first = await issue();
    for (const when of [days(-200), NOW, days(100)]) {
      const later = await issue([], when);
      expect(later.authority.raw).toEqual(first.authority.raw);
      expect(Date.parse(later.server.validFrom)).toBeLessThanOrEqual(when.getTime());
      expect(Date.parse(later.server.validTo)).toBeGreaterThan(when.getTime() + 30 * DAY);
    }
  });

  it('replaces what was made while the clock was ahead', async () => {
    const early = await issue();
    const ahead = await issue([], days(380));
    expect(ahead.cert).not.toBe(early.cert);
    const back = await issue();
    expect(back.cert).not.toBe(ahead.cert);
    expect((await issue()).cert).toBe(back.cert);
    expect(back.authority.raw).toEqual(early.authority.raw);
  });

  it('leaves the global Reflect as it was', async () => {
    const before = Reflect.ownKeys(Reflect);
    await issue();
    expect(Reflect.ownKeys(Reflect)).toEqual(before);
  });
});

describe('isCertificateName', () => {
  const LABEL = 'a'.repeat(63);
  it.each([
    'example', 'Example.ORG', 'example.org.', '*.example.org', 'münchen.de', 'xn--mnchen-3ya.de', 'a_b.c', '10.0.0.1', '::1', '[2001:DB8::7]', '::ffff:1.2.3.4',
    `${LABEL}.de`, [LABEL, LABEL, LABEL, 'a'.repeat(61)].join('.'),
  ])('holds %s', (name) => {
    expect(isCertificateName(name)).toBe(true);
  });

  it.each([
    '', '.', '*', 'a..b', '.a', 'a.*.b', '*.*.b', '*.10.0.0.1', '256.1.1.1', 'a b', ' a', 'a;b', 'a,b', 'a/b', 'a?b', 'a#b', 'a\\b', 'u@a', 'https://x', 'x:8443', 'fe80::1%eth0', '[::1', `${LABEL}a.de`,
    [LABEL, LABEL, LABEL, 'a'.repeat(62)].join('.'),
  ])('does not hold %j', (name) => {
    expect(isCertificateName(name)).toBe(false);
  });
});
