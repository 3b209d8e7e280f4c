/** The look-up of handlers' names: where it may lead, and what a name server that says nothing holds up. */
import { createSocket } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { handlerLookup, PrivateAddress } from '../../src/delivery/handlers/addresses.ts';

type Names = Parameters<typeof handlerLookup>[1];

function look(lookup: ReturnType<typeof handlerLookup>, hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses as LookupAddress[])));
  });
}

const names = (v4: string[], v6: string[] = []): Names => ({ resolve4: async () => v4, resolve6: async () => v6 }) as unknown as Names;

test.each([
  [['93.184.216.34'], []], [['93.184.216.34', '10.0.0.1'], []], [['127.0.0.1'], []], [[], ['::1']], [['93.184.216.34'], ['fd00::1']], [['169.254.169.254'], []],
])('%j %j', async (v4, v6) => {
  const all = [...v4, ...v6];
  expect((await look(handlerLookup(true, names(v4, v6)), 'app.example')).map(({ address }) => address)).toEqual(all);
  const refused = all.length > 1 || all[0] !== '93.184.216.34';
  const answer = await look(handlerLookup(false, names(v4, v6)), 'app.example').catch((error: unknown) => error);
  expect(answer instanceof PrivateAddress).toBe(refused);
});

test('names of this machine are found, and are private', async () => {
  expect((await look(handlerLookup(true), 'localhost')).length).toBeGreaterThan(0);
  await expect(look(handlerLookup(false), 'localhost')).rejects.toThrow('private');
});

test('a name server that says nothing keeps no thread waiting, and is given up', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const asked = once(silent, 'message');
  const resolver = new dns.Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([`127.0.0.1:${silent.address().port}`]);
  const lookups = Array.from({ length: 50 }, (_, at) => look(handlerLookup(true, resolver), `app${at}.example`).then(() => 'found', (error: NodeJS.ErrnoException) => error.code));
  await asked;
  const first = await Promise.race([readFile(import.meta.filename).then(() => 'a file'), ...lookups]);
  expect(first).toBe('a file');
  expect(new Set(await Promise.all(lookups))).toEqual(new Set(['ETIMEOUT']));
  silent.close();
});
