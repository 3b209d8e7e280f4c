/** What happens beside messages is in the journal, once and with whom it concerns; reactions are told to handlers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JournalRow } from '../../src/db/stores/journal-store.ts';
import { addApp } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { tidemarkOn } from '../support/command.ts';
import { type Handler, handlerForEach } from '../support/handler.ts';
import { addCircle, say } from '../support/people.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let portal: TestServer;
let handler: Handler;

beforeAll(async () => {
  portal = await startTestServer();
  await tidemarkOn(portal, 'portal', 'set', '--private-handlers');
});
afterAll(() => portal[Symbol.asyncDispose]());
handlerForEach((fresh) => (handler = fresh));

/** The entries that doing something adds, without those about rows of the list. */
async function entriesOf(happens: () => Promise<unknown>): Promise<Array<Partial<JournalRow>>> {
  const { db } = portal.server.context;
  const all = () => db.read((s) => s.query((q) => q.selectFrom('journal').selectAll().orderBy('rev').orderBy('seq')));
  const before = new Set((await all()).map(({ rev, seq }) => `${rev} ${seq}`));
  await happens();
  const added = (await all()).filter(({ rev, seq, what }) => !before.has(`${rev} ${seq}`) && !['chat.changed', 'member.changed', 'user.changed'].includes(what));
  return added.map(({ rev: _rev, seq: _seq, created_at: _at, hops: _hops, via: _via, ...entry }) => entry);
}

const react = (who: Client, MESSAGE_ID: number, REACTION: string, ACTION = 'add') => who.raw('tidemark.message.react', { MESSAGE_ID, REACTION, ACTION });

test('a reaction is an entry when it changes something', async () => {
  const { owner, member, chat, dialog } = await addCircle(portal);
  const id = await say(owner, dialog);
  const of = (what: string, detail: string) => ({ what, detail, chat_id: chat, user_id: 0, actor_id: member.userId, subject_id: id });
  expect(await entriesOf(() => member.call('im.message.like', { MESSAGE_ID: id }))).toEqual([of('reaction.added', 'like')]);
  expect(await entriesOf(() => react(member, id, 'like'))).toEqual([]);
  expect(await entriesOf(() => react(member, id, 'fire'))).toEqual([of('reaction.added', 'fire')]);
  expect(await entriesOf(() => react(member, id, 'like', 'delete'))).toEqual([of('reaction.deleted', 'like')]);
  expect(await entriesOf(() => react(member, id, 'like', 'delete'))).toEqual([]);
});

test('a pin is an entry when it changes something', async () => {
  const { owner, member, chat, dialog } = await addCircle(portal);
  const id = await say(owner, dialog);
  const pin = (PIN: string) => () => member.call('tidemark.message.pin', { MESSAGE_ID: id, PIN });
  const of = (what: string) => ({ what, detail: '', chat_id: chat, user_id: 0, actor_id: member.userId, subject_id: id });
  expect(await entriesOf(pin('Y'))).toEqual([of('message.pinned')]);
  expect(await entriesOf(pin('Y'))).toEqual([]);
  expect(await entriesOf(pin('N'))).toEqual([of('message.unpinned')]);
});

test('a notification is an entry for its user when it comes, is read and goes', async () => {
  const { owner, member } = await addCircle(portal);
  const send = (params = {}) => owner.call<number>('im.notify.personal.add', { USER_ID: member.userId, MESSAGE: 'told', ...params });
  let id = 0;
  const of = (what: string, subject_id: number, actor_id = 0) => ({ what, detail: '', chat_id: 0, user_id: member.userId, actor_id, subject_id });
  expect(await entriesOf(async () => (id = await send({ TAG: 'one', CLIENT_ID: 'x' })))).toEqual([of('notice.added', id, owner.userId)]);
  const old = id;
  // One with the same tag takes its place.
  expect(await entriesOf(async () => (id = await send({ TAG: 'one', CLIENT_ID: 'x' })))).toEqual([of('notice.deleted', old), of('notice.added', id, owner.userId)]);
  expect(await entriesOf(() => member.call('im.notify.read', { ID: id }))).toEqual([of('notice.changed', 0)]);
  expect(await entriesOf(() => member.call('im.notify.delete', { ID: id }))).toEqual([of('notice.deleted', id)]);
});

test('handlers are told of reactions that are added and taken back, as far as they may see the message', async () => {
  const { owner, member, chat, dialog } = await addCircle(portal);
  const app = await addApp(portal, { scopes: ['im'] });
  const event = 'ONIMV2REACTIONCHANGE';
  const stranger = await portal.addUser('Stranger');
  for (const who of [owner, stranger]) {
    expect((await (await app.as(who)).raw('event.bind', { event, handler: `${handler.url}/${who.userId}` })).body).toMatchObject({ result: true });
  }
  const id = await say(owner, dialog, { MESSAGE: 'Liked?' });
  await react(member, id, 'redHeart');
  const told = await handler.next(event);
  expect(told.data).toMatchObject({
    reaction: 'redHeart', action: 'add', message: { id: String(id), text: 'Liked?' }, chat: { id: String(chat), dialogId: dialog }, user: { id: String(member.userId) }, language: 'en',
  });
  expect(Object.keys(told.data)).toEqual(['reaction', 'action', 'message', 'chat', 'user', 'language']);
  await react(member, id, 'redHeart', 'delete');
  expect((await handler.next(event)).data).toMatchObject({ reaction: 'redHeart', action: 'delete' });
  expect(handler.told).toEqual([]);
});
