/** People in front of the inbox at the same time, each with a browser of their own. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { useChromium } from './chromium.ts';
import { openInbox, order, rowAt, secondTab, signIn } from './inbox.ts';
import { agrees, composer, counts, openDialog, reads, write } from './talking.ts';

const chromium = useChromium();
let portal: TestServer;
let anna: Client;
let boris: Client;

beforeAll(async () => {
  portal = await startTestServer();
});
afterAll(() => portal[Symbol.asyncDispose]());
beforeEach(async () => {
  anna = await portal.addUser('Anna');
  boris = await portal.addUser('Boris');
  await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'First' });
  await boris.call('im.dialog.read', { DIALOG_ID: anna.userId });
});

const inbox = (who: Client) => openInbox(chromium, portal, who);
const idOf = (who: Client) => String(who.userId);

/** A group of the two, at the top of both lists. */
async function group(title: string, others: Client[] = [anna]): Promise<string> {
  const id = `chat${await boris.call<number>('im.chat.add', { TITLE: title, USERS: others.map(({ userId }) => userId), MESSAGE: `About ${title}` })}`;
  for (const who of others) await who.call('im.dialog.read', { DIALOG_ID: id });
  return id;
}

describe('two people chat', () => {
  test('each sees what the other says at once; lists reorder; what is read is read on both sides', async () => {
    const plans = await group('Plans');
    const [annas, boriss] = [await inbox(anna), await inbox(boris)];
    expect(await order(boriss)).toEqual([plans, idOf(anna)]);
    await openDialog(annas, idOf(boris));
    await write(annas, 'Are you there?');
    await reads(annas, ['First', 'Are you there?']);
    await expect.poll(() => order(boriss)).toEqual([idOf(anna), plans]);
    await counts(boriss, idOf(anna), 1);
    await agrees(boriss, boris);
    await openDialog(boriss, idOf(anna));
    await reads(boriss, ['First', 'Are you there?']);
    await annas.getByRole('article', { name: /^You, Are you there\?, .*, read$/ }).waitFor();
    await write(boriss, 'Yes.');
    await reads(annas, ['Are you there?', 'Yes.']);
    await expect.poll(() => order(annas)).toEqual([idOf(boris), plans]);
    for (const [page, who] of [[annas, anna], [boriss, boris]] as const) await agrees(page, who);
  });

  test('whoever types is seen to, until they have said it', async () => {
    const [annas, boriss] = [await inbox(anna), await inbox(boris)];
    await openDialog(annas, idOf(boris));
    await openDialog(boriss, idOf(anna));
    const typing = annas.locator('.talk-title').getByText('Boris is typing');
    await composer(boriss).pressSequentially('I th');
    await typing.waitFor();
    await write(boriss, 'I think so');
    await reads(annas, ['First', 'I think so']);
    await expect.poll(() => typing.count()).toBe(0);
  });

  test('two tabs of one reader say the same, and so does whoever reads elsewhere', async () => {
    const plans = await group('Plans');
    const first = await inbox(anna);
    const second = await secondTab(first);
    for (let at = 0; at < 3; at += 1) await boris.call('im.message.add', { DIALOG_ID: plans, MESSAGE: `Point ${at}` });
    for (const tab of [first, second]) {
      await counts(tab, plans, 3);
      await agrees(tab, anna);
    }
    await openDialog(second, plans);
    await reads(second, ['Point 0', 'Point 1', 'Point 2']);
    for (const tab of [first, second]) await counts(tab, plans, 0);
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Privately' });
    await counts(first, idOf(boris), 1);
    await anna.call('im.dialog.read', { DIALOG_ID: boris.userId });
    for (const tab of [first, second]) await agrees(tab, anna);
  });
});

describe('what comes in between', () => {
  test('without a network nothing is lost or doubled: what was written goes out, what was said comes in', async () => {
    const [annas, boriss] = [await inbox(anna), await inbox(boris)];
    await openDialog(annas, idOf(boris));
    await openDialog(boriss, idOf(anna));
    await annas.context().setOffline(true);
    await write(annas, 'Said offline');
    await annas.getByRole('article', { name: /^You, Said offline, (?:Waiting|Sending)/ }).waitFor();
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Said meanwhile' });
    await annas.context().setOffline(false);
    await expect.poll(async () => (await boris.call<{ messages: Array<{ text: string }> }>('im.dialog.messages.get', { DIALOG_ID: anna.userId })).messages.map(({ text }) => text), { timeout: 30_000 })
      .toEqual(['Said offline', 'Said meanwhile', 'First']);
    for (const page of [annas, boriss]) await reads(page, ['First', 'Said meanwhile', 'Said offline']);
    for (const [page, who] of [[annas, anna], [boriss, boris]] as const) await agrees(page, who);
    chromium.complaints.splice(0, Infinity, ...chromium.complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')));
  });
});

describe('who is out', () => {
  test('a member who is put out loses the chat at once, and hears nothing more of it', async () => {
    const plans = await group('Plans');
    const page = await inbox(anna);
    await openDialog(page, plans);
    await boris.call('im.chat.user.delete', { CHAT_ID: plans.slice(4), USER_ID: anna.userId });
    await boris.call('im.message.add', { DIALOG_ID: plans, MESSAGE: 'Between us' });
    await expect.poll(() => rowAt(page, plans).count(), { timeout: 20_000 }).toBe(0);
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Sorry' });
    await counts(page, idOf(boris), 1);
    expect(await page.content()).not.toContain('Between us');
    await page.reload();
    await rowAt(page, idOf(boris)).waitFor();
    expect(await page.content()).not.toContain('Between us');
  });

  test('a chat that an administrator deletes leaves the lists, and whoever has it open, at once', async () => {
    const plans = await group('Plans');
    const other = await group('Other');
    const [annas, boriss] = [await inbox(anna), await inbox(boris)];
    await openDialog(annas, plans);
    await rowAt(boriss, plans).waitFor();
    await portal.admin.call('tidemark.chats.delete', { CHAT_ID: plans.slice(4) });
    for (const page of [annas, boriss]) {
      await expect.poll(() => order(page), { timeout: 20_000 }).not.toContain(plans);
      expect(await order(page)).toContain(other);
    }
    await annas.getByText('You cannot see this chat').waitFor();
    for (const page of [annas, boriss]) {
      await page.reload();
      await rowAt(page, other).waitFor();
      expect(await order(page)).not.toContain(plans);
    }
  });

  test('a guest sees the chats they are in, and nobody else of the portal', async () => {
    const guest = await portal.addUser('Greta', { extranet: 1 });
    await portal.addUser('Bogdan');
    const plans = await group('Plans', [anna, guest]);
    await group('Secrets');
    const page = await inbox(guest);
    expect(await order(page)).toEqual([plans]);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Bo');
    await page.getByRole('listbox').getByRole('option', { name: 'Boris', exact: true }).waitFor();
    expect(await page.getByText('Bogdan').count()).toBe(0);
    expect(await page.content()).not.toContain('Secrets');
    await page.keyboard.press('Escape');
    await openDialog(page, plans);
    await write(page, 'Hello from outside');
    await expect.poll(async () => (await anna.call<Array<{ message: { text: string } }>>('im.recent.get'))[0]!.message.text).toBe('Hello from outside');
  });

  test('signing out in one tab ends the other; nothing of it stays in the browser', async () => {
    const page = await inbox(anna);
    const other = await secondTab(page);
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menu').getByText('Sign out').click();
    for (const tab of [page, other]) await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, portal, boris.userId);
    await rowAt(page, idOf(anna)).waitFor();
    expect(await stored(page)).not.toContain(`tidemark-${anna.userId}`);
  });

  test('a session that ends elsewhere says so, and what was typed is not lost', async () => {
    const page = await inbox(anna);
    await openDialog(page, idOf(boris));
    // Nothing but what is sent is refused.
    const typing = page.waitForResponse('**/rest/im.dialog.writing');
    await composer(page).fill('Half a thou');
    await typing;
    await page.context().clearCookies();
    await composer(page).press('Enter');
    await page.getByRole('dialog').waitFor({ timeout: 20_000 });
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Hm' });
    await page.getByRole('dialog').getByRole('link').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, portal, anna.userId);
    await rowAt(page, idOf(boris)).waitFor();
    await openDialog(page, idOf(boris));
    await reads(page, ['Hm', 'Half a thou']);
  });
});

function stored(page: Page): Promise<string> {
  return page.evaluate<string>(`indexedDB.databases().then((all) => all.map(({ name }) => name).join(' ') + ' ' + Object.keys(localStorage).join(' '))`);
}
