/**
 * Forced races of the list: each read that answering takes is held after it has seen its snapshot, something happens,
 * and only then it goes on. Whoever asks after that must see what happened, and so must everybody later.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSetting } from '../../src/db/stores/portal-store.ts';
import { recordActivity, updateUser } from '../../src/db/stores/user-store.ts';
import { SETTING_KEYS } from '../../src/portal/settings.ts';
import { databaseIn } from '../../src/portal/folder.ts';
import { openStore } from '../../src/portal/open-portal.ts';
import type { Client } from '../support/client.ts';
import { HeldReads } from '../support/held-reads.ts';
import { addCrowd, type Row, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const store = new HeldReads();
let portal: TestServer;
let crowd: number[];

beforeAll(async () => {
  portal = await startTestServer({}, { store: store.wrap });
  crowd = await addCrowd(portal, 105);
});
afterAll(() => portal[Symbol.asyncDispose]());

/** The viewer, whose list is about to be read, and the others in it. */
interface Scene {
  viewer: Client;
  /** Has a dialog with the viewer. */
  partner: Client;
  /** Has written nothing that the viewer's list shows. */
  silent: Client;
  group: number;
  /** More than a hundred members: a message touches nobody's row. */
  wide: number;
  /** The viewer is no member yet. */
  elsewhere: number;
  /** One member less than makes it wide. */
  nearly: number;
  /** The partner's message to the viewer. */
  message: number;
}

async function setScene(): Promise<Scene> {
  const [viewer, partner, silent] = [await portal.addUser('Viewer'), await portal.addUser('Partner'), await portal.addUser('Silent')];
  const all = [viewer.userId, silent.userId];
  const group = await partner.call<number>('im.chat.add', { TITLE: 'Group', USERS: all });
  const wide = await partner.call<number>('im.chat.add', { TITLE: 'Wide', USERS: [...all, ...crowd] });
  const nearly = await partner.call<number>('im.chat.add', { TITLE: 'Nearly wide', USERS: [...all, ...crowd.slice(0, 97)] });
  const elsewhere = await partner.call<number>('im.chat.add', { TITLE: 'Elsewhere', USERS: [silent.userId] });
  for (const id of [group, wide, nearly]) await say(partner, `chat${id}`);
  const message = await say(partner, viewer.userId);
  // Shares no group with the viewer, so a guest would not see them.
  await say(await portal.addUser('Outsider'), viewer.userId);
  return { viewer, partner, silent, group, wide, elsewhere, nearly, message };
}

const db = () => portal.server.context.db;
const rename = ({ userId }: Client) => portal.admin.call('user.update', { ID: userId, LAST_NAME: `Renamed ${store.count}` });

/** What may happen meanwhile. */
const HAPPENINGS: Record<string, (scene: Scene) => Promise<unknown>> = {
  'nothing more': async () => {},
  'a message in a group': ({ silent, group }) => say(silent, `chat${group}`),
  'a message in a wide chat': ({ silent, wide }) => say(silent, `chat${wide}`),
  'a private message': ({ partner, viewer }) => say(partner, viewer.userId),
  'the first private message': ({ silent, viewer }) => say(silent, viewer.userId),
  'a message deleted': ({ partner, message }) => partner.call('im.message.delete', { MESSAGE_ID: message }),
  'a message edited': ({ partner, message }) => partner.call('im.message.update', { MESSAGE_ID: message, MESSAGE: 'Edited' }),
  'the viewer reads': ({ viewer, partner }) => viewer.call('im.dialog.read', { DIALOG_ID: partner.userId }),
  'the viewer pins': ({ viewer, group }) => viewer.call('im.recent.pin', { DIALOG_ID: `chat${group}` }),
  'the viewer silences a wide chat': ({ viewer, wide }) => viewer.call('im.chat.mute', { CHAT_ID: wide, MUTE: 'Y' }),
  'the viewer hides a row': ({ viewer, partner }) => viewer.call('im.recent.hide', { DIALOG_ID: partner.userId }),
  'the viewer leaves': ({ viewer, group }) => viewer.call('im.chat.leave', { CHAT_ID: group }),
  'the viewer is invited': ({ partner, viewer, elsewhere }) => partner.call('im.chat.user.add', { CHAT_ID: elsewhere, USERS: [viewer.userId] }),
  'a reminder': ({ viewer, message }) => viewer.call('tidemark.reminder.add', { MESSAGE_ID: message, DATE: '2020-01-01' }),
  'a group renamed': ({ partner, group }) => partner.call('im.chat.updateTitle', { CHAT_ID: group, TITLE: 'Renamed' }),
  'a wide chat renamed': ({ partner, wide }) => partner.call('im.chat.updateTitle', { CHAT_ID: wide, TITLE: 'Renamed' }),
  'a chat becomes wide': ({ partner, nearly }) => partner.call('im.chat.user.add', { CHAT_ID: nearly, USERS: crowd.slice(97, 100) }),
  'the partner renamed': ({ partner }) => rename(partner),
  'the author of a new message renamed': async ({ silent, wide }) => {
    await say(silent, `chat${wide}`);
    await rename(silent);
  },
  'who wrote a moment ago renamed': ({ silent }) => rename(silent),
  'the partner dismissed': ({ partner }) => portal.admin.call('user.update', { ID: partner.userId, ACTIVE: 'N' }),
  'the partner active': ({ partner }) => db().write((s) => recordActivity(s, partner.userId, portal.clock.now() + 120_000)),
  'the viewer becomes a guest': ({ viewer }) => db().write((s) => updateUser(s, viewer.userId, { extranet: 1 })),
  'the portal in another zone': () => db().write((s) => writeSetting(s, SETTING_KEYS.timezone, store.count % 2 ? 'Asia/Tokyo' : 'America/Lima')),
  'another process renames the partner': ({ partner }) => elsewhere(partner.userId),
};

async function elsewhere(userId: number): Promise<void> {
  const fail = (fault: unknown) => {
    throw fault;
  };
  const other = await openStore(portal.server.context.config, databaseIn(portal.folder), { onFailure: fail, onFault: fail });
  await other.write((s) => updateUser(s, userId, { last_name: `From elsewhere ${store.count}` }));
  await other.close();
}

/** How much of the list is known before: nothing, or all but one row. */
const BEFORE: Record<string, (scene: Scene) => Promise<unknown>> = {
  'a list that is read for the first time': async () => {},
  'a list of which one row is read again': async ({ viewer, silent, group }) => {
    await viewer.call('im.recent.get');
    await say(silent, `chat${group}`);
  },
};

describe.each(Object.entries(BEFORE))('%s', (_what, before) => {
  test.each(Object.entries(HAPPENINGS))('%s', async (_happening, happen) => {
    for (let nth = 1; ; nth++) {
      const scene = await setScene();
      const { viewer } = scene;
      await before(scene);
      const held = store.hold(nth);
      const first = viewer.call<Row[]>('im.recent.get');
      // An answer that comes without an nth read: all of them have had their turn.
      if ((await Promise.race([held.reached, first])) !== undefined) return held.release();
      await happen(scene);
      const second = viewer.call<Row[]>('im.recent.get');
      // Another round trip: by then the second is being answered, or waits.
      await scene.silent.call('profile');
      held.release();
      await first;
      await expectTruth(viewer, await second);
      await expectTruth(viewer, await viewer.call<Row[]>('im.recent.get'));
      expect(nth).toBeLessThan(20);
    }
  });
});

/** im.recent.list keeps nothing. Who was active is written down now and then, so it may move once between two answers. */
async function expectTruth(viewer: Client, rows: Row[]): Promise<void> {
  const { items } = await viewer.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
  if (JSON.stringify(items) === JSON.stringify(rows)) return;
  const again = await viewer.call<Row[]>('im.recent.get');
  const list = await viewer.call<{ items: Row[] }>('im.recent.list', { LIMIT: 200 });
  expect(again).toEqual(list.items);
  expect(withoutActivity(rows)).toEqual(withoutActivity(items));
}

function withoutActivity(rows: readonly Row[]): unknown {
  return JSON.parse(JSON.stringify(rows, (key, value: unknown) => (key === 'last_activity_date' ? 0 : value)));
}
