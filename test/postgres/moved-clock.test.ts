/** Of several nodes on one database each follows the clock that any of them, or a command, has moved. */
import { expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { moveClock } from '../../src/portal/moving-clock.ts';
import { clientFor } from '../support/client.ts';
import { startTestServer } from '../support/server.ts';

test('the next call on another node goes by the new time, also on one that starts later', async () => {
  await using first = await startTestServer();
  const { databaseUrl, admin } = first;
  const join = () => startTestServer({ databaseUrl });
  await using second = await join();
  const ahead = async (node: { http: string; clock: { now(): number } }) => {
    const client = clientFor(admin.url.replace(first.http, node.http), 1);
    return Math.round((Date.parse(await client.call<string>('server.time')) - node.clock.now()) / 3_600_000);
  };
  await first.server.context.db.write((s) => writeSetting(s, 'movable_clock', '1'));
  for (const hours of [2, 3]) {
    await first.server.context.db.write((s) => moveClock(s, first.clock, { advance: hours * 3_600_000 }));
    expect(await ahead(second)).toBe(hours === 2 ? 2 : 5);
  }
  await using third = await join();
  expect([await ahead(first), await ahead(third)]).toEqual([5, 5]);
});
