/** Two nodes on one PostgreSQL that fold the same chats at the same time, while people write through both. */
import { expect, test } from 'vitest';
import { yieldToOthers } from '../../src/base/turns.ts';
import { Crowd } from '../model/crowd.ts';
import { recount } from '../model/recount.ts';
import { TokenCopy } from '../model/token-copy.ts';
import { addCrowd } from '../support/people.ts';
import { movedTo, startTestServer } from '../support/server.ts';

const PEOPLE = 6;
const ACTIONS_EACH = 60;

test('lists, counters and tokens are right, nothing is lost, and nobody runs twice', { timeout: 120_000 }, async () => {
  await using one = await startTestServer({}, { folding: 'never' });
  await using other = await startTestServer({ databaseUrl: one.databaseUrl }, { folding: 'never' });
  const contexts = [one, other].map(({ server }) => server.context);
  const here = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => one.addUser(`Person${i}`)));
  const people = here.map((client, index) => (index % 2 === 0 ? client : movedTo(other, client)));
  const ids = people.map(({ userId }) => userId);
  const chats = [
    await people[0]!.call<number>('im.chat.add', { TITLE: 'Narrow', USERS: ids }),
    await people[1]!.call<number>('im.chat.add', { TITLE: 'Open', TYPE: 'OPEN', USERS: ids.slice(0, 3) }),
    await people[2]!.call<number>('im.chat.add', { TITLE: 'Nearly wide', USERS: [...ids, ...(await addCrowd(one, 90))] }),
  ];
  const crowd = new Crowd(people, chats, Number(process.env['TIDEMARK_TEST_SEED']));
  const copies = people.map(() => new TokenCopy());
  let acting = true;
  const during = async (work: () => Promise<unknown>) => {
    while (acting) await work().then(yieldToOthers);
  };
  await Promise.all([
    crowd.act(ACTIONS_EACH).finally(() => (acting = false)),
    ...contexts.map(({ folding }) => during(() => folding.foldAll())),
    // Each asks now this node and now that one.
    ...copies.slice(0, 2).map((copy, index) => during(async () => {
      await copy.catchUp(here[index]!);
      await copy.catchUp(movedTo(other, here[index]!));
    })),
  ]);
  await Promise.all(contexts.map(({ folding }) => folding.foldAll()));
  for (const { db } of contexts) {
    expect(db.retries).toBe(0);
    expect(await db.read((s) => s.query((q) => q.selectFrom('chat').select('id').where('warm', '=', 1)))).toEqual([]);
  }
  for (const [index, client] of here.entries()) {
    const rows = await crowd.explain(() => recount(client));
    await crowd.explain(() => recount(movedTo(other, client)));
    await copies[index]!.catchUp(client);
    copies[index]!.compare(rows);
    // All is over: nothing comes again.
    expect([...(await copies[index]!.catchUp(movedTo(other, client)))]).toEqual([]);
  }
});
