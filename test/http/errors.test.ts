/** Every error that a method declares, provoked over HTTP, with its exact status, code and text; it changes nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { POLICY_KEYS } from '../../src/portal/policy.ts';
import { errorCases } from '../compat/error-cases.ts';
import type { ErrorCase, Unreachable } from '../compat/error-kit.ts';
import { addScene, type Scene } from '../compat/scene.ts';
import { dump } from '../support/dump.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let scene: Scene;

beforeAll(async () => {
  // What is stored is looked at: nothing may be folded meanwhile.
  portal = await startTestServer({}, { folding: 'never' });
  scene = await addScene(portal);
});
afterAll(() => portal[Symbol.asyncDispose]());
// Whatever a case has bought.
afterEach(() => portal.server.context.db.write((s) => writeSetting(s, POLICY_KEYS.plan, '')));

const declared = methods.map((method) => ({ name: method.name, errors: Object.keys(method.errors) }));

function reachable(entry: [string, ErrorCase | Unreachable]): entry is [string, ErrorCase] {
  return !('unreachable' in entry[1]);
}

test.each(declared)('$name: each declared error has a case, and no case is about another', ({ name, errors }) => {
  expect(Object.keys(errorCases[name] ?? { 'no cases': true }).sort()).toEqual([...errors].sort());
});

test('the cases are about methods that exist, and about those the server runs', () => {
  const running = portal.server.context.dispatch.registry.all().map((method) => method.name);
  expect(running.sort()).toEqual(declared.map((method) => method.name).sort());
  expect(Object.keys(errorCases).filter((name) => !running.includes(name))).toEqual([]);
});

test('what cannot be reached says why', () => {
  const without = Object.values(errorCases).flatMap((cases) => Object.values(cases)).filter((entry) => 'unreachable' in entry);
  for (const entry of without) expect(entry.unreachable.length).toBeGreaterThan(20);
});

const provoked = Object.entries(errorCases).flatMap(([method, cases]) =>
  Object.entries(cases).filter(reachable).map(([name, entry]) => ({ method, name, entry })),
);

describe('on the wire', () => {
  test.each(provoked)('$method fails with $name', async ({ method, entry }) => {
    await entry.before?.(scene);
    const caller = scene[entry.as ?? 'anna'];
    const before = await dump(portal.server.context.db);
    for (const params of entry.given(scene)) {
      const { status, body } = await caller.raw(method, params);
      expect(await dump(portal.server.context.db), 'what is stored').toEqual(before);
      const what = JSON.stringify(params).slice(0, 200);
      expect({ what, status, ...body }).toEqual({ what, status: entry.status, error: entry.code, error_description: entry.text });
    }
  });
});
