import type * as X509 from '@peculiar/x509';
import { X509Certificate, createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';

const DAY = 24 * 60 * 60 * 1000;
const CA_YEARS = 10;
/** Days; Apple and the CA/Browser Forum accept no more than 398. */
const SERVER_DAYS = 397;
/** A certificate with fewer days than this left is replaced. */
const RENEW_DAYS = 30;
/** Certificates begin this many milliseconds early, for clients whose clock is behind. */
const BACKDATED = 60 * 60 * 1000;
const ALWAYS = ['localhost', '127.0.0.1', '::1'];
const DNS_NAME = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** What the TLS listener needs. */
export interface Certificates {
  /** Path of `ca.pem`, for clients to trust (`NODE_EXTRA_CA_CERTS`, `curl --cacert`, `REQUESTS_CA_BUNDLE`). */
  ca: string;
  /** Private key of the server, PEM text. */
  key: string;
  /** Certificate of the server, PEM text; the CA is not part of it. */
  cert: string;
}

/** A certificate with its private key, both PEM text. */
interface Pair {
  key: string;
  cert: string;
}

/**
 * The server's certificate for `hosts` (DNS names or IP addresses, any spelling; localhost, 127.0.0.1 and ::1 are
 * always covered), issued by a CA that belongs to `dir`. Both are made when missing and kept in `ca.pem`, `ca-key.pem`,
 * `server.pem` and `server-key.pem`, readable by their owner only. The server's certificate, valid for 397
 * days, is issued again when fewer than 30 of them are left, when the names differ, or when it does not fit its key or
 * the CA. The CA lasts ten years and is replaced only when it has to sign and cannot: near its end, or without its key.
 *
 * Several official SDKs accept a webhook only over HTTPS, and Python 3.13 checks certificates strictly (X509_STRICT).
 * Throws an Error for a host that is no name and no address, and the file system's errors.
 */
export async function ensureCertificates(dir: string, hosts: string[], now: Date): Promise<Certificates> {
  const names = [...new Set([...ALWAYS, ...hosts].map(normaliseHost))];
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const ca = join(dir, 'ca.pem');
  const authority = await readPair(dir, 'ca');
  const server = await readPair(dir, 'server');
  if (authority && server && isServerUsable(server, authority, names, now)) return { ca, ...server };
  const signer = authority && canSign(authority, now) ? authority : await makeAuthority(dir, now);
  return { ca, ...(await makeServer(dir, signer, names, now)) };
}

/** A host in the one spelling in which names are compared: ASCII, lower case, addresses as short as possible. */
function normaliseHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const name = isIPv6(bare) ? shortIPv6(bare) : domainToASCII(bare).replace(/\.$/, '');
  // What ends a host in an address would be cut off.
  if (/[\s/?#\\@]/.test(host) || !(isIP(name) !== 0 || (DNS_NAME.test(name) && hasDnsLengths(name)))) {
    const shown = JSON.stringify(host);
    throw new Error(`Cannot make a certificate for ${shown}: it is neither a host name nor an IP address`);
  }
  return name;
}

/** https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
function hasDnsLengths(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => label.length <= 63);
}

/** Whether a certificate can hold it: a DNS name, with or without a leading `*.`, or an IP address. */
export function isCertificateName(host: string): boolean {
  try {
    normaliseHost(host);
    return true;
  } catch {
    return false;
  }
}

/** Hexadecimal throughout, also after `::ffff:`; empty for an address with a zone, which no certificate can hold. */
function shortIPv6(address: string): string {
  return URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? '';
}

/** Undefined without a certificate; a missing key is an empty text. Neither is checked. */
async function readPair(dir: string, name: string): Promise<Pair | undefined> {
  const cert = await readText(join(dir, `${name}.pem`));
  const key = await readText(join(dir, `${name}-key.pem`));
  return cert === undefined ? undefined : { cert, key: key ?? '' };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the CA can issue a certificate now. A crash between writing its two files leaves a key of its own. */
function canSign(authority: Pair, now: Date): boolean {
  const cert = parseCertificate(authority.cert);
  return cert !== undefined && hasDaysLeft(cert, now) && keyFits(cert, authority.key);
}

/** The CA's key is not needed as long as its certificate fits: an owner may keep the key elsewhere. */
function isServerUsable(server: Pair, authority: Pair, names: string[], now: Date): boolean {
  const cert = parseCertificate(server.cert);
  const issuer = parseCertificate(authority.cert);
  if (!cert || !issuer || !hasDaysLeft(cert, now) || !hasDaysLeft(issuer, now)) return false;
  // The clock was ahead when it was made: until then nobody would accept it.
  if (Date.parse(cert.validFrom) > now.getTime()) return false;
  if (!keyFits(cert, server.key) || !cert.checkIssued(issuer) || !cert.verify(issuer.publicKey)) return false;
  return hasExactly(cert, names);
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Whether it has begun is not asked: a machine that starts with its clock behind must not give up a trusted CA. */
function hasDaysLeft(cert: X509Certificate, now: Date): boolean {
  return Date.parse(cert.validTo) - now.getTime() >= RENEW_DAYS * DAY;
}

function keyFits(cert: X509Certificate, key: string): boolean {
  try {
    return cert.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function hasExactly(cert: X509Certificate, names: string[]): boolean {
  const entries = (cert.subjectAltName ?? '').split(', ').filter((entry) => entry !== '');
  const present = new Set(entries.map((entry) => entry.replace(/^(?:DNS|IP Address):/, '')).map(canonicalName));
  return present.size === names.length && names.every((name) => present.has(name));
}

/** Node prints IPv6 addresses in certificates without shortening them. */
function canonicalName(name: string): string {
  return isIP(name) === 0 ? name : normaliseHost(name);
}

async function makeAuthority(dir: string, now: Date): Promise<Pair> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Tidemark local CA ${randomBytes(3).toString('hex')}`,
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: yearsAfter(now, CA_YEARS),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return writePair(dir, 'ca', { cert: `${cert.toString('pem')}\n`, key: await exportKey(keys.privateKey) });
}

async function makeServer(dir: string, authority: Pair, names: string[], now: Date): Promise<Pair> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.create({
    subject: 'CN=Tidemark server',
    issuer: issuer.subjectName,
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(Math.min(now.getTime() + SERVER_DAYS * DAY, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: await serverExtensions(x509, names, issuer, keys.publicKey),
  });
  return writePair(dir, 'server', { cert: `${cert.toString('pem')}\n`, key: await exportKey(keys.privateKey) });
}

async function serverExtensions(
  x509: typeof X509, names: string[], issuer: X509.X509Certificate, publicKey: webcrypto.CryptoKey,
): Promise<X509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
    ),
    await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

/** 16 random bytes in hex, positive and without a leading zero as DER wants them. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function yearsAfter(start: Date, years: number): Date {
  const end = new Date(start);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return String(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }));
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, P256, false, ['sign']);
}

/** The key goes first: a pair counts as present once its certificate is there. */
async function writePair(dir: string, name: string, pair: Pair): Promise<Pair> {
  await replaceFile(join(dir, `${name}-key.pem`), pair.key);
  await replaceFile(join(dir, `${name}.pem`), pair.cert);
  return pair;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Loaded only when a certificate is made: it takes a quarter of a second. Its containers need the Reflect metadata API. */
async function loadX509(): Promise<typeof X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
