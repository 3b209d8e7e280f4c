/** People who are connected to different nodes hear of each other at once, by our protocol and by the vendor's, whichever way the nodes hear each other. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { insertUser } from '../../src/db/stores/user-store.ts';
import { addWebhook, SCOPES } from '../../src/identity/webhooks.ts';
import { blankUser } from '../../src/messenger/people/users.ts';
import { addApp, clientWith } from '../support/application.ts';
import { type Client, clientFor } from '../support/client.ts';
import { type PullMessage, PullSocket } from '../support/pull-socket.ts';
import { byEvents, type Connection, isEvent } from '../support/push.ts';
import { type Node, Nodes } from './nodes.ts';
import { RedisProcess } from './redis-process.ts';

describe.each(['NOTIFY', 'Redis'] as const)('by %s', (way) => {
  let redis: RedisProcess | undefined;
  let nodes: Nodes;
  let first: Node;
  let second: Node;
  /** Anna's webhook is of the first node, Boris' of the second. */
  let anna: Client;
  let boris: Client;
  const open: Array<() => unknown> = [];

  beforeAll(async () => {
    redis = way === 'Redis' ? await RedisProcess.start() : undefined;
    nodes = await Nodes.start(2, { redisUrl: redis?.url ?? '' });
    [first, second] = nodes.all as [Node, Node];
    await vi.waitUntil(() => nodes.all.every(({ server }) => server.context.messenger.wakes.connected), { timeout: 20_000 });
    [anna, boris] = [await addUser('Anna', first), await addUser('Boris', second)];
    await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Before' });
  });
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });
  afterAll(async () => {
    await nodes[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  async function addUser(name: string, node: Node): Promise<Client> {
    const { db, clock } = first.server.context;
    const userId = await db.write((s) => insertUser(s, { ...blankUser(clock.now()), first_name: name }));
    const webhook = await addWebhook(db, clock, { userId, scopes: SCOPES, title: 'test' });
    return clientFor(`${node.server.ready.http}/rest/${userId}/${webhook!.code}/`, userId);
  }

  async function pull(who: Client, options: Parameters<typeof PullSocket.open>[1] = {}): Promise<PullSocket> {
    const socket = await PullSocket.open(who, options);
    open.push(() => socket.socket.terminate());
    return socket;
  }

  async function stream(who: Client): Promise<Connection> {
    const connection = await byEvents(who);
    open.push(() => connection.close());
    await connection.take(isEvent('ready'));
    return connection;
  }

  /** All the devices of somebody: at each node one of each protocol. */
  async function devices(who: Client): Promise<{ pulls: PullSocket[]; streams: Connection[] }> {
    const everywhere = nodes.all.map((node) => node.of(who));
    return { pulls: await Promise.all(everywhere.map((one) => pull(one))), streams: await Promise.all(everywhere.map(stream)) };
  }

  const textIn = ({ params }: PullMessage) => (params['message'] as { text: string }).text;

  test('a message, and how far it is read: on every device of both', async () => {
    const [annas, boriss] = [await devices(anna), await devices(boris)];
    const id = await anna.call<number>('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'Ahoy' });
    for (const one of [...annas.pulls, ...boriss.pulls]) await one.next('message', (message) => textIn(message) === 'Ahoy');
    for (const one of [...annas.streams, ...boriss.streams]) await one.take(isEvent('message', ({ message }) => message.id === id));
    await boris.call('im.dialog.read', { DIALOG_ID: anna.userId, MESSAGE_ID: id });
    for (const one of boriss.pulls) expect((await one.next('readMessage')).params).toMatchObject({ dialogId: anna.userId, lastId: id, counter: 0 });
    for (const one of annas.pulls) expect((await one.next('readMessageOpponent')).params).toMatchObject({ dialogId: boris.userId, userId: boris.userId, lastId: id, chatMessageStatus: 'delivered' });
    for (const one of boriss.streams) expect((await one.take(isEvent('read'))).data).toMatchObject({ dialog_id: anna.userId, user_id: boris.userId, last_id: id });
    for (const one of annas.streams) expect((await one.take(isEvent('read'))).data).toMatchObject({ dialog_id: boris.userId, user_id: boris.userId, last_id: id });
  });

  test('that somebody is writing, or recording: on every device of the other, on none of their own', async () => {
    const [annas, boriss] = [await devices(anna), await devices(boris)];
    await anna.call('im.dialog.writing', { DIALOG_ID: boris.userId });
    await anna.call('im.dialog.writing', { DIALOG_ID: boris.userId, ACTION: 'VOICE' });
    for (const one of boriss.pulls) {
      expect(await one.next('startWriting')).toMatchObject({ module: 'tidemark', params: { dialogId: anna.userId, userId: anna.userId, userName: 'Anna' } });
      expect(await one.next('startRecordVoice')).toMatchObject({ module: 'im', params: { dialogId: anna.userId, userId: anna.userId } });
    }
    for (const one of boriss.streams) for (const action of ['text', 'voice']) expect((await one.take(isEvent('writing', (data) => data['action'] === action))).data).toMatchObject({ dialog_id: anna.userId, user_id: anna.userId });
    await boris.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'end' });
    for (const one of annas.pulls) await one.next('message');
    for (const one of annas.streams) await one.take(isEvent('message'));
    expect(annas.pulls.flatMap(({ messages }) => messages.map(({ command }) => command)).filter((command) => command.startsWith('start'))).toEqual([]);
    expect(annas.streams.flatMap(({ heard }) => heard.map(({ event }) => event)).filter((event) => event === 'writing')).toEqual([]);
  });

  test('who is there, and who has gone', async () => {
    const carl = await addUser('Carl', second);
    await carl.call('im.message.add', { DIALOG_ID: anna.userId, MESSAGE: 'Hello' });
    const [annas, stream1] = [await pull(anna), await stream(anna)];
    expect(await annas.call('subscribeStatusChange', { userId: carl.userId })).toMatchObject({ result: true });
    const carls = await pull(carl);
    expect((await annas.next('userStatusChange', ({ params }) => params['user_id'] === carl.userId)).params).toMatchObject({ online: true });
    const isCarl = (online: boolean) => isEvent('presence', ({ users }) => users.some((user: { id: number; online: boolean }) => user.id === carl.userId && user.online === online));
    await stream1.take(isCarl(true));
    await carls.leave();
    expect((await annas.next('userStatusChange', ({ params }) => params['user_id'] === carl.userId)).params).toMatchObject({ online: false });
    await stream1.take(isCarl(false));
  });

  test('what their clients send each other, however long, and in pieces of several at once', async () => {
    const [annas, boriss] = [await pull(anna), await pull(boris)];
    const texts = ['short', 'Ж"\\😀'.repeat(1500), 'x'.repeat(16_000)];
    const publish = (from: PullSocket, to: Client, command: string, text: string) => from.call('publish', { userList: [to.userId], body: { module_id: 'call', command, params: { text } } });
    const answers = await Promise.all(texts.flatMap((text, index) => [publish(annas, boris, `ring${index}`, text), publish(boriss, anna, `answer${index}`, text)]));
    for (const answer of answers) expect(answer).toMatchObject({ result: true });
    for (const [socket, name] of [[annas, 'answer'], [boriss, 'ring']] as const) {
      await expect.poll(() => socket.messages.filter(({ module }) => module === 'call').length, { timeout: 20_000 }).toBe(3);
      for (const [index, text] of texts.entries()) {
        expect(socket.messages.find(({ command }) => command === `${name}${index}`)).toMatchObject({ module: 'call', params: { text }, sender: { type: 1 } });
      }
    }
    const { public_id, signature } = await anna.call<{ public_id: string; signature: string }>('pull.channel.public.get', { USER_ID: boris.userId });
    await annas.call('publish', { channelList: [`${public_id}.${signature}`], body: { module_id: 'call', command: 'byChannel', params: {} } });
    await boriss.next('byChannel');
  });

  test('what an application tells its clients: all of them, or those of one user', async () => {
    const app = await addApp({ server: first.server, http: first.server.ready.http });
    const as = async ({ userId }: Client, { server }: Node) => clientWith({ http: server.ready.http }, (await app.tokens(userId)).accessToken, userId);
    const method = 'pull.application.config.get';
    const [here, there] = [await as(anna, first), await as(boris, second)];
    const [annas, boriss] = [await pull(here, { method }), await pull(there, { method })];
    await here.call('pull.application.event.add', { COMMAND: 'order.ready', PARAMS: { id: 17 } });
    for (const one of [annas, boriss]) expect(await one.next('order.ready')).toMatchObject({ module: 'application', params: { id: 17 } });
    await there.call('pull.application.event.add', { COMMAND: 'own', PARAMS: {}, USER_ID: [boris.userId] });
    await there.call('pull.application.event.add', { COMMAND: 'last' });
    for (const one of [annas, boriss]) await one.next('last');
    expect([annas, boriss].map(({ messages }) => messages.map(({ command }) => command))).toEqual([['order.ready', 'last'], ['order.ready', 'own', 'last']]);
  });

  test('a notification, on every device', async () => {
    const { pulls, streams } = await devices(boris);
    const id = await anna.call<number>('im.notify.personal.add', { USER_ID: boris.userId, MESSAGE: 'Look' });
    for (const one of pulls) expect((await one.next('notification')).params).toMatchObject({ action: 'added', ids: [id] });
    for (const one of streams) expect((await one.take(isEvent('notification'))).data).toMatchObject({ added: [{ id }] });
  });

  test('what is said in an open chat that one only watches, asked for at the other node', async () => {
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Open', TYPE: 'OPEN' });
    const boriss = await pull(boris);
    expect(await first.of(boris).call('pull.watch.extend', { tags: [`IM_PUBLIC_${chat}`] })).toEqual([]);
    await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'public' });
    expect(await boriss.next('messageChat')).toMatchObject({ extra: { is_shared_event: true }, params: { chatId: chat } });
  });

  test('after a reconnect at the other node what was missed comes, once', async () => {
    const boriss = await pull(boris);
    const say = (MESSAGE: string) => anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE });
    await say('seen');
    const { mid } = await boriss.next('message', (message) => textIn(message) === 'seen');
    await boriss.leave();
    for (const text of ['missed 1', 'missed 2']) await say(text);
    const again = await pull(first.of(boris), { query: { mid } });
    await say('and on');
    await again.next('message', (message) => textIn(message) === 'and on');
    expect(again.messages.filter(({ command }) => command === 'message').map(textIn)).toEqual(['missed 1', 'missed 2', 'and on']);
  });

  test('whoever is put out at one node hears nothing more of it at the other', async () => {
    const chat = await anna.call<number>('im.chat.add', { TITLE: 'Closed', USERS: [boris.userId] });
    const { pulls, streams } = await devices(boris);
    await anna.call('im.chat.user.delete', { CHAT_ID: chat, USER_ID: boris.userId });
    await anna.call('im.message.add', { DIALOG_ID: `chat${chat}`, MESSAGE: 'without Boris' });
    await anna.call('im.message.add', { DIALOG_ID: boris.userId, MESSAGE: 'end' });
    for (const one of pulls) {
      await one.next('message', (message) => textIn(message) === 'end');
      expect(one.messages.filter(({ params }) => params['chatId'] === chat).map(({ command }) => command)).toEqual(['chatUserLeave']);
    }
    for (const one of streams) {
      await one.take(isEvent('message', ({ message }) => message.text === 'end'));
      expect(JSON.stringify(one.heard)).not.toContain('without Boris');
    }
  });
});
