import { expect, test } from 'vitest';
import { startTestServer } from '../support/server.ts';

test('a message between two people shows in both lists with the right counters', async () => {
  await using portal = await startTestServer();
  const [anna, boris] = [await portal.addUser('Anna'), await portal.addUser('Boris')];
  const id = await anna.call<number>('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Hello [b]there[/b]' });
  const [row] = await boris.call<Array<Record<string, unknown>>>('im.recent.get');
  expect(row).toMatchObject({ id: anna.userId, type: 'user', counter: 1, title: 'Anna', message: { id, text: 'Hello there' } });
  expect(await anna.call('im.recent.get')).toMatchObject([{ id: boris.userId, counter: 0 }]);
  expect(await boris.call('im.dialog.read', { DIALOG_ID: anna.userId, MESSAGE_ID: id })).toMatchObject({ counter: 0, lastId: id });
  expect(await boris.call('im.counters.get')).toMatchObject({ TYPE: { ALL: 0 }, DIALOG: [] });
});
