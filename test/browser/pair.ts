/** Anna, who looks at the inbox, and Boris, who writes to her: new ones for each test. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

export interface Pair {
  portal: TestServer;
  anna: Client;
  boris: Client;
}

/** A server for the test file that calls this. @param met told of the two before each test */
export function usePair(met: (pair: Pair) => void): void {
  let portal: TestServer;
  beforeAll(async () => {
    portal = await startTestServer();
  });
  afterAll(() => portal[Symbol.asyncDispose]());
  beforeEach(async () => met({ portal, anna: await portal.addUser('Anna'), boris: await portal.addUser('Boris', { last_name: 'Berg' }) }));
}

export const say = (who: Client, to: string, text: string) => who.call<number>('im.message.add', { DIALOG_ID: to, MESSAGE: text });
export const readUp = (who: Client, to: string) => who.call('im.dialog.read', { DIALOG_ID: to });

/** Chats of Anna's with a message of Boris's in each, the one unread; the last chat is on top. */
export async function chatsOf({ anna, boris }: Pair, count: number, titleOf = (at: number) => `Chat ${at}`): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const id = `chat${await boris.call<number>('im.chat.add', { TITLE: titleOf(at), USERS: [anna.userId] })}`;
    await readUp(anna, id);
    await say(boris, id, `Message ${at}`);
    ids.unshift(id);
  }
  return ids;
}

/** The same, but Anna has read nothing in them, not that she was invited either. */
export async function unreadChatsOf({ anna, boris }: Pair, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const id = await boris.call<number>('im.chat.add', { TITLE: `Chat ${at}`, USERS: [anna.userId], MESSAGE: `Message ${at}` });
    ids.unshift(`chat${id}`);
  }
  return ids;
}
