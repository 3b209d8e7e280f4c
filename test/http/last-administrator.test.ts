/** Somebody must always be left who may change users. */
import { expect, test } from 'vitest';
import { startTestServer } from '../support/server.ts';

test('the last administrator cannot be dismissed, by themselves or together with others', async () => {
  await using portal = await startTestServer();
  const anna = await portal.addUser('Anna');
  for (const ACTIVE of ['N', '0', false]) {
    expect(await portal.admin.fails('user.update', { ID: 1, ACTIVE })).toMatchObject({ error: 'LAST_ADMINISTRATOR' });
  }
  await portal.admin.call('user.update', { ID: 1, NAME: 'Still here' });
  await portal.admin.call('user.update', { ID: anna.userId, ACTIVE: 'N' });
  const gone = await portal.addUser('Gone', { admin: 1 });
  await portal.admin.call('user.update', { ID: gone.userId, ACTIVE: 'N' });
  expect(await portal.admin.fails('user.update', { ID: 1, ACTIVE: 'N' })).toMatchObject({ error: 'LAST_ADMINISTRATOR' });
  expect((await portal.admin.raw('batch', { cmd: { a: 'user.update?ID=1&ACTIVE=N' } })).body.result).toMatchObject({
    result_error: { a: { error: 'LAST_ADMINISTRATOR' } },
  });
});

test('administrators who dismiss each other at once leave one', async () => {
  await using portal = await startTestServer();
  for (let round = 0; round < 10; round += 1) {
    const admins = [portal.admin];
    while (admins.length < 4) admins.push(await portal.addUser(`Admin ${admins.length}`, { admin: 1 }));
    const dismissals = admins.map((who, at) => who.raw('user.update', { ID: admins[(at + 1) % admins.length]!.userId, ACTIVE: 'N' }));
    await Promise.all([...dismissals, ...admins.map((who) => who.raw('user.update', { ID: who.userId, ACTIVE: 'N' }))]);
    const { db } = portal.server.context;
    const left = await db.read((s) => s.query((q) => q.selectFrom('user').select('id').where('admin', '=', 1).where('active', '=', 1)));
    expect(left.length).toBeGreaterThanOrEqual(1);
    const survivor = admins.find(({ userId }) => userId === left[0]!.id)!;
    for (const other of admins) await survivor.call('user.update', { ID: other.userId, ACTIVE: 'Y' });
    for (const other of admins.slice(1)) await portal.admin.call('user.update', { ID: other.userId, ACTIVE: 'N' });
  }
});
