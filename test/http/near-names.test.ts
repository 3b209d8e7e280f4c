/** An unknown method is answered with the name of the one that was probably meant, in whatever way it is called. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { meantBy } from '../../src/methods/meant.ts';
import { NearNames } from '../../src/rest/near-names.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { runs } from '../support/runs.ts';

const PLAIN = 'Method not found!';
const naming = (method: string) => `${PLAIN} The nearest documented method is ${method}.`;

let portal: TestServer;
beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());

/** Nobody in particular: the answer comes before anybody is asked for. */
async function call(name: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${portal.http}/rest/${encodeURIComponent(name)}`);
  return { status: response.status, body: await response.json() };
}

describe('by call', () => {
  test.each(Object.entries({
    ...meantBy,
    'IM.V2.chat.message.SEND': 'im.message.add',
    'im.mesage.add': 'im.message.add',
    'im.add.message': 'im.message.add',
    'im.recent.gets': 'im.recent.get',
    'imm.recent.get': 'im.recent.get',
    'user.curent': 'user.current',
  }))('%s', async (name, meant) => {
    expect(await call(name)).toEqual({ status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND', error_description: naming(meant) } });
  });

  test.each(['im.nope', 'crm.deal.list', 'x', '.', 'im', `im.recent.ge${'t'.repeat(2000)}`])('nothing is near %s', async (name) => {
    expect(await call(name)).toEqual({ status: 404, body: { error: 'ERROR_METHOD_NOT_FOUND', error_description: PLAIN } });
  });

  test('in a batch, and where a parameter names it', async () => {
    const { result_error: errors } = (await portal.admin.call('batch', { CMD: { a: 'im.chat.list' } })) as { result_error: unknown };
    expect(errors).toEqual({ a: { error: 'ERROR_METHOD_NOT_FOUND', error_description: naming('im.recent.list') } });
    const response = await fetch(`${portal.http}/rest/?method=im.chat.list`);
    expect(await response.json()).toMatchObject({ error_description: naming('im.recent.list') });
  });
});

test('every name that is told of is a method, and none of them is told of instead of itself', () => {
  const names = new Set(methods.map(({ name }) => name));
  expect(Object.values(meantBy).filter((name) => !names.has(name))).toEqual([]);
  expect(Object.keys(meantBy).filter((name) => [...names].some((known) => known.toLowerCase() === name.toLowerCase()))).toEqual([]);
});

test('a name with one slip is told of, whichever letters were exchanged', () => {
  const near = new NearNames(methods.map(({ name }) => name), {});
  const long = methods.map(({ name }) => name).filter((name) => name.length >= 12);
  fc.assert(
    fc.property(fc.constantFrom(...long), fc.nat(), (name, place) => {
      const at = 4 + (place % (name.length - 6));
      const slip = `${name.slice(0, at)}${name[at + 1]!}${name[at]!}${name.slice(at + 2)}`;
      expect(near.find(slip)).toBeDefined();
    }),
    { numRuns: runs(200) },
  );
});
