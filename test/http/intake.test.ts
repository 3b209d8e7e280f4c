import { expect, test } from 'vitest';
import { takeIn } from '../../src/intake/intake.ts';
import { Source } from '../../src/intake/source.ts';
import { startTestServer } from '../support/server.ts';

test('try', { timeout: 60_000 }, async () => {
  await using from = await startTestServer({ empty: false });
  await using to = await startTestServer();
  const source = new Source(new URL(from.admin.url), { perSecond: 1000 });
  const result = await takeIn(to.server.context.messenger, source, { chats: 1000, messages: 1000, since: 0, watch: () => {} });
  console.log(result);
  const again = await takeIn(to.server.context.messenger, new Source(new URL(from.admin.url), { perSecond: 1000 }), { chats: 1000, messages: 1000, since: 0, watch: () => {} });
  console.log(again);
  const a = await from.admin.call<any>('im.recent.list', { LIMIT: 200 });
  const b = await to.admin.call<any>('im.recent.list', { LIMIT: 200 });
  console.log(a.items.length, b.items.length, JSON.stringify(a.items[0]), JSON.stringify(b.items[0]));
  for (const [i, x] of a.items.entries()) console.log(x.title, x.counter, x.message.date, x.message.status, '|', b.items[i]?.title, b.items[i]?.counter, b.items[i]?.message.date, b.items[i]?.message.status);
  expect(1).toBe(1);
});
