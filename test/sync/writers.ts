/** What people do, as small numbers that mean something only once the run is under way: so every shorter list is valid. */
import fc from 'fast-check';
import { GUEST, PEOPLE, type Scene } from './scene.ts';

const person = fc.nat({ max: PEOPLE - 1 });
/** With whom or where: a chat, more often than not, or a person. */
const CHATS = 5;
const to = fc.nat({ max: CHATS + PEOPLE - 1 });
const chat = fc.nat({ max: CHATS - 1 });
const on = fc.boolean();
/** Which of the messages written in a run, counted from the end. */
const back = fc.nat({ max: 4 });

type Made<A> = { [N in keyof A]: A[N] extends fc.Arbitrary<infer T> ? T : never };

function of<K extends string, A extends Record<string, fc.Arbitrary<unknown>>>(op: K, fields: A) {
  return fc.record({ op: fc.constant(op), ...fields }) as unknown as fc.Arbitrary<{ op: K } & Made<A>>;
}

export const write = fc.oneof(
  { weight: 10, arbitrary: of('send', { by: person, to }) },
  { weight: 3, arbitrary: of('edit', { back }) },
  { weight: 4, arbitrary: of('delete', { back }) },
  { weight: 4, arbitrary: of('read', { by: person, to }) },
  { weight: 1, arbitrary: of('readAll', { by: person }) },
  { weight: 1, arbitrary: of('unread', { by: person, to, back }) },
  { weight: 2, arbitrary: of('mark', { by: person, to, on }) },
  { weight: 2, arbitrary: of('pin', { by: person, to, on }) },
  { weight: 3, arbitrary: of('hide', { by: person, to }) },
  { weight: 1, arbitrary: of('mute', { by: person, to, on }) },
  { weight: 2, arbitrary: of('rename', { by: person, chat, title: fc.constantFrom('Alpha', 'Beta') }) },
  { weight: 3, arbitrary: of('invite', { by: person, chat, user: person, hide: on }) },
  { weight: 2, arbitrary: of('widen', { chat: fc.constantFrom(2, 2, 0) }) },
  { weight: 2, arbitrary: of('remove', { by: person, chat, user: person }) },
  { weight: 2, arbitrary: of('leave', { by: person, chat }) },
  { weight: 3, arbitrary: of('guest', { chat, on }) },
  { weight: 2, arbitrary: of('active', { user: fc.integer({ min: 1, max: PEOPLE - 1 }), on }) },
  { weight: 2, arbitrary: of('name', { user: person, name: fc.constantFrom('Zoe', 'Yan') }) },
  { weight: 1, arbitrary: of('extranet', { user: fc.integer({ min: 1, max: PEOPLE - 1 }), on }) },
  { weight: 1, arbitrary: of('absent', { user: person, seconds: fc.constantFrom(-60, 5, 90) }) },
  { weight: 2, arbitrary: of('remind', { by: person, back, seconds: fc.constantFrom(-60, 5, 90) }) },
);

export type Write = typeof write extends fc.Arbitrary<infer O> ? O : never;

/** Names of dialogs, as anybody calls them. */
export type Dialogs = ReadonlyArray<number | string>;

export interface Call {
  by: number;
  method: string;
  params: Record<string, unknown>;
  /** Whose rows it may move within somebody's list. */
  moves: Dialogs;
  /** Whose rows may leave somebody's list by it. */
  removes: Dialogs;
}

/** The call that a write stands for now; undefined when there is nothing to do it with. */
export function callOf(scene: Scene, write: Write): Call | undefined {
  if ('to' in write) return inDialog(scene, write);
  if ('back' in write) return onMessage(scene, write);
  if ('chat' in write) return inGroup(scene, write);
  if (write.op === 'readAll') return { by: write.by, method: 'im.dialog.read.all', params: {}, moves: [], removes: everybody(scene) };
  return ofUser(scene, write);
}

/** A group chat, or the person with whom the dialog is. */
export function dialogOf(scene: Scene, to: number): number | string {
  return to < CHATS ? `chat${scene.chats[to]}` : scene.id(to - CHATS);
}

function inDialog(scene: Scene, write: Extract<Write, { to: number }>): Call {
  const { by } = write;
  const DIALOG_ID = dialogOf(scene, write.to);
  const moves = [DIALOG_ID, scene.id(by)];
  // The row of a partner who was dismissed goes once everything in it is read, and whoever writes has read it.
  const removes = write.to < CHATS && write.op !== 'hide' ? [] : moves;
  const call = (method: string, params: object): Call => ({ by, method, params: { DIALOG_ID, ...params }, moves, removes });
  const flag = 'on' in write && write.on ? 'Y' : 'N';
  switch (write.op) {
    case 'send':
      return call('im.message.add', { MESSAGE: `message ${scene.step}` });
    case 'read':
      return call('im.dialog.read', {});
    case 'unread':
      return call('im.dialog.unread', { MESSAGE_ID: scene.messages.at(-1 - write.back)?.id ?? 1 });
    case 'mark':
      return call('im.recent.unread', { ACTION: flag });
    case 'pin':
      return call('im.recent.pin', { PIN: flag });
    case 'hide':
      return call('im.recent.hide', {});
    case 'mute':
      return call('im.chat.mute', { MUTE: flag });
  }
}

function onMessage(scene: Scene, write: Extract<Write, { op: 'edit' | 'delete' | 'remind' }>): Call | undefined {
  const message = scene.messages.at(-1 - write.back);
  if (!message) return undefined;
  const MESSAGE_ID = message.id;
  const moves = [message.dialog, scene.id(message.by)];
  switch (write.op) {
    case 'edit':
      return { by: message.by, method: 'im.message.update', params: { MESSAGE_ID, MESSAGE: `edited ${scene.step}` }, moves, removes: [] };
    case 'delete':
      return { by: message.by, method: 'im.message.delete', params: { MESSAGE_ID }, moves, removes: moves };
    case 'remind':
      return { by: write.by, method: 'tidemark.reminder.add', params: { MESSAGE_ID, DATE: scene.atom(write.seconds) }, moves, removes: [] };
  }
}

function inGroup(scene: Scene, write: Extract<Write, { chat: number }>): Call {
  const CHAT_ID = scene.chats[write.chat]!;
  const group = `chat${CHAT_ID}`;
  const [add, remove] = ['im.chat.user.add', 'im.chat.user.delete'] as const;
  // Whoever leaves with a guest among them takes private rows along.
  const whole = [group, ...everybody(scene)];
  const call = (by: number, method: string, params: object, removes: Dialogs): Call => ({ by, method, params: { CHAT_ID, ...params }, moves: whole, removes });
  switch (write.op) {
    case 'rename':
      return call(write.by, 'im.chat.updateTitle', { TITLE: write.title }, []);
    case 'invite':
      return call(write.by, add, { USERS: [scene.id(write.user)], HIDE_HISTORY: write.hide ? 'Y' : 'N' }, []);
    case 'widen':
      return call(1, add, { USERS: scene.portal.crowd.slice(-3) }, []);
    case 'remove':
      return call(write.by, remove, { USER_ID: scene.id(write.user) }, whole);
    case 'leave':
      return call(write.by, 'im.chat.leave', {}, whole);
    case 'guest':
      return write.on ? call(1, add, { USERS: [scene.id(GUEST)] }, []) : call(GUEST, 'im.chat.leave', {}, whole);
  }
}

function ofUser(scene: Scene, write: Extract<Write, { op: 'active' | 'name' | 'extranet' | 'absent' }>): Call {
  switch (write.op) {
    case 'active':
      return userUpdate(scene, write.user, { ACTIVE: write.on ? 'Y' : 'N' });
    case 'name':
      return userUpdate(scene, write.user, { NAME: write.name });
    case 'extranet':
      return userUpdate(scene, write.user, { EXTRANET: write.on ? 'Y' : 'N' });
    case 'absent':
      return userUpdate(scene, write.user, { ABSENT_UNTIL: scene.atom(write.seconds) });
  }
}

export function userUpdate(scene: Scene, user: number, params: Record<string, unknown>): Call {
  const whole = everybody(scene);
  return { by: 0, method: 'user.update', params: { ID: scene.id(user), ...params }, moves: whole, removes: whole };
}

function everybody(scene: Scene): number[] {
  return scene.people.map(({ id }) => id);
}
