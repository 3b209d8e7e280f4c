/** Which addresses handlers may have. A portal must not be a way into the network that it stands in. */
import { lookup, type LookupAddress, promises as dns } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Mutex } from '../../base/mutex.ts';

const closed = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24],
  ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24],
  ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) closed.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 96], ['64:ff9b::', 32], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['fc00::', 7], ['fe80::', 10],
  ['fec0::', 10], ['ff00::', 8],
] as const) closed.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address is one of the public internet. */
export function isPublic(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !closed.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** Whether the host of an address is written as a private IP address, which needs no look-up to be refused. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 && !isPublic(bare);
}

/** The handler's host has an address that is not public. */
export class PrivateAddress extends Error {
  override name = 'PrivateAddress';
}

/** Answers `resolve4` and `resolve6`; a name server that does not answer is given up after some five seconds. */
type Names = Pick<dns.Resolver, 'resolve4' | 'resolve6'>;
const NAMES: Names = new dns.Resolver({ timeout: 1500, tries: 2 });

/** What name servers say of names that only this machine knows. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EBADNAME']);
const systemTurn = new Mutex();

/**
 * The addresses of a host, without keeping a thread waiting: commits need those threads too. The system's own look-up,
 * which does and may for long, is asked only for names that the name servers do not know or that have no dot, such as
 * `localhost` and those of its hosts file, and one at a time.
 */
async function addressesOf(hostname: string, names: Names): Promise<LookupAddress[]> {
  if (!hostname.includes('.')) return ofSystem(hostname);
  const [v4, v6] = await Promise.allSettled([names.resolve4(hostname), names.resolve6(hostname)]);
  const found = [
    ...(v4.status === 'fulfilled' ? v4.value : []).map((address) => ({ address, family: 4 })),
    ...(v6.status === 'fulfilled' ? v6.value : []).map((address) => ({ address, family: 6 })),
  ];
  if (found.length > 0) return found;
  const problem = [v4, v6].map((answer) => (answer.status === 'rejected' ? (answer.reason as NodeJS.ErrnoException) : undefined)).find(Boolean);
  if (problem && !UNKNOWN.has(problem.code ?? '')) throw problem;
  return ofSystem(hostname);
}

async function ofSystem(hostname: string): Promise<LookupAddress[]> {
  const release = await systemTurn.acquire();
  try {
    return await new Promise((resolve, reject) => lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))));
  } finally {
    release();
  }
}

/** @param anywhere false refuses a host when any of its addresses is private */
export function handlerLookup(anywhere: boolean, names = NAMES): LookupFunction {
  return guardedLookup(anywhere ? () => true : isPublic, names);
}

/**
 * Looks hosts up for a connection; what is connected to is what was looked at.
 *
 * @param reachable a host is refused when it is false of any of its addresses
 */
export function guardedLookup(reachable: (address: string) => boolean, names = NAMES): LookupFunction {
  return (hostname, options, callback) => {
    addressesOf(hostname, names).then(
      (addresses) => {
        const hidden = addresses.find(({ address }) => !reachable(address));
        if (hidden) return callback(new PrivateAddress(`${hostname} has a private address`), '', 0);
        const [first] = addresses;
        if (options.all) return callback(null, addresses);
        return callback(null, first!.address, first!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}
