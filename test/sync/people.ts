import { insertUser } from '../../src/db/stores/user-store.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import type { Portal } from './nodes.ts';
import type { Person } from './scene.ts';

/** Adds somebody with a webhook. */
export async function addUserIn({ server }: Portal, name: string, fields: Partial<ReturnType<typeof blankUser>>): Promise<Person> {
  const { db, clock } = server.server.context;
  const id = await db.write((s) => insertUser(s, { ...blankUser(clock.now()), first_name: name, ...fields }));
  const webhook = await addWebhook(db, clock, { userId: id, scopes: SCOPES, title: 'sync' });
  return { name, id, code: webhook!.code };
}
