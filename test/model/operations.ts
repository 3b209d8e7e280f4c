/** What people do, as small numbers that mean something only once the run is under way: so every shorter list is valid. */
import fc from 'fast-check';
import { addUsers, appoint, changeUser, leave, passOn, permit, recolour, removeUser, rename } from './group-rules.ts';
import { comment, openThread, react, readComments, threadsOf, unreadComments } from './comment-rules.ts';
import { type Chat, isChannel } from './model.ts';
import { notify, readNotices } from './notice-rules.ts';
import {
  deleteMessage, editMessage, hideRow, markRow, muteChat, pinRow, readDialog, readEverything, sendMessage, type Target,
  unreadDialog,
} from './rules.ts';
import { newGroup, type Stage, type Step } from './stage.ts';

const PEOPLE = 6;
const DAY = 86_400_000;

/** Some people, chats and messages come up more often than others, so that things happen to the same ones. */
const often = (favourites: number[], others: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...favourites) }, { weight: 1, arbitrary: others });

/** Who does it. */
const by = often([0, 1, 5], fc.nat({ max: PEOPLE - 1 }));
/** With whom or where: one of the people, or one of the group chats. */
const to = often([PEOPLE, 0], fc.nat({ max: PEOPLE + 6 }));
const chat = often([0], fc.nat({ max: 7 }));
/** Which message, counted from the end. */
const back = often([0], fc.nat({ max: 5 }));
const on = fc.boolean();
const people = fc.uniqueArray(fc.nat({ max: PEOPLE - 1 }), { minLength: 1, maxLength: 3 });
/** A message that is replied to: of which chat, and which one. */
const reply = fc.option(fc.record({ to, back }), { freq: 5, nil: null });
const uuid = fc.option(fc.nat({ max: 2 }), { freq: 3, nil: null });

type Made<A> = { [N in keyof A]: A[N] extends fc.Arbitrary<infer T> ? T : never };

function of<K extends string, A extends Record<string, fc.Arbitrary<unknown>>>(op: K, fields: A) {
  return fc.record({ op: fc.constant(op), ...fields }) as unknown as fc.Arbitrary<{ op: K } & Made<A>>;
}

export const operation = fc.oneof(
  { weight: 9, arbitrary: of('send', { by, to, uuid, reply }) },
  { weight: 8, arbitrary: of('wait', { ms: fc.constantFrom(1000, 1000, 1000, 400, 61_000, 3_600_000, 2 * DAY, 8 * DAY, 31 * DAY) }) },
  { weight: 4, arbitrary: of('look', { by }) },
  { weight: 4, arbitrary: of('read', { by, to, back: fc.option(back, { freq: 3, nil: null }) }) },
  { weight: 4, arbitrary: of('delete', { by, chat, back }) },
  { weight: 4, arbitrary: of('fold', { chat: fc.option(chat, { freq: 2, nil: null }) }) },
  { weight: 4, arbitrary: of('comment', { by, chat, back, mention: by }) },
  { weight: 2, arbitrary: of('readComments', { by, thread: fc.nat({ max: 3 }), back: fc.option(back, { freq: 3, nil: null }), on }) },
  { weight: 1, arbitrary: of('forward', { by, to, from: to, back }) },
  { weight: 1, arbitrary: of('react', { by, chat, back, code: fc.constantFrom('like', 'fire'), on }) },
  { weight: 2, arbitrary: of('edit', { by, chat, back, erase: on }) },
  { weight: 2, arbitrary: of('unread', { by, to, back }) },
  { weight: 1, arbitrary: of('readAll', { by }) },
  { weight: 2, arbitrary: of('pin', { by, to, on }) },
  { weight: 2, arbitrary: of('mark', { by, to, on }) },
  { weight: 2, arbitrary: of('hide', { by, to }) },
  { weight: 1, arbitrary: of('mute', { by, to, on }) },
  { weight: 1, arbitrary: of('create', { by, people, type: fc.constantFrom('C', 'C', 'O', 'O', 'N', 'J'), speak: on }) },
  { weight: 2, arbitrary: of('invite', { by, chat, people, hideHistory: on }) },
  { weight: 1, arbitrary: of('remove', { by, chat, user: by }) },
  { weight: 1, arbitrary: of('leave', { by, chat }) },
  { weight: 1, arbitrary: of('rename', { by, chat, title: fc.constantFrom('Alpha', 'Beta') }) },
  { weight: 1, arbitrary: of('recolour', { by, chat, color: fc.constantFrom('Red', 'Mint', 'Sand') }) },
  { weight: 1, arbitrary: of('passOn', { by, chat, user: by }) },
  { weight: 2, arbitrary: of('appoint', { by, chat, user: by, on }) },
  { weight: 1, arbitrary: of('permit', { by, chat, right: fc.constantFrom('add', 'remove', 'look', 'post'), role: fc.constantFrom('member', 'manager', 'owner', 'none') }) },
  { weight: 2, arbitrary: of('notify', { by, user: by, tag: fc.constantFrom('', 'a', 'b') }) },
  { weight: 1, arbitrary: of('readNotices', { by, back, on }) },
  { weight: 2, arbitrary: of('dismissOrReturn', { user: fc.integer({ min: 1, max: PEOPLE - 1 }) }) },
  { weight: 1, arbitrary: of('renameUser', { user: by, name: fc.constantFrom('Zoe', 'Yan') }) },
);

export type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;
export type Call = Exclude<Operation, { op: 'wait' | 'look' | 'fold' }>;

/** The call that an operation stands for now; undefined when there is nothing to do it with. */
export function stepOf(stage: Stage, call: Call): Step | undefined {
  return toDialog(stage, call) ?? toMessage(stage, call) ?? toComments(stage, call) ?? toGroup(stage, call) ?? toSettings(stage, call) ?? toUsers(stage, call);
}

function toDialog(stage: Stage, call: Call): Step | undefined {
  if (!('to' in call)) return undefined;
  const { model } = stage;
  const actor = stage.id(call.by);
  const target = targetOf(stage, call.to);
  const DIALOG_ID = dialogIdOf(stage, actor, target);
  const step = (method: string, params: object, rule: Step['rule']) => ({ actor, method, params: { DIALOG_ID, ...params }, rule });
  switch (call.op) {
    case 'send': {
      const text = `message ${stage.log.length}`;
      const id = call.uuid === null ? null : stage.uuid(call.uuid);
      const to = call.reply === null ? undefined : messageOf(dialogOf(stage, actor, targetOf(stage, call.reply.to)), call.reply.back);
      const params = { MESSAGE: text, REPLY_ID: to, ...(id !== null && { TEMPLATE_ID: id }) };
      return step('im.message.add', params, () => sendMessage(model, actor, target, { text, uuid: id, reply: to }));
    }
    case 'forward': {
      const forward = messageOf(dialogOf(stage, actor, targetOf(stage, call.from)), call.back);
      return step('im.message.add', { FORWARD_ID: forward }, () => sendMessage(model, actor, target, { text: '', uuid: null, reply: undefined, forward }));
    }
    case 'read': {
      const upTo = call.back === null ? undefined : messageOf(dialogOf(stage, actor, target), call.back);
      return step('im.dialog.read', { MESSAGE_ID: upTo }, () => readDialog(model, actor, target, upTo));
    }
    case 'unread': {
      const from = messageOf(dialogOf(stage, actor, target), call.back);
      return step('im.dialog.unread', { MESSAGE_ID: from }, () => unreadDialog(model, actor, target, from));
    }
    case 'pin':
      return step('im.recent.pin', { PIN: yn(call.on) }, () => pinRow(model, actor, target, call.on));
    case 'mark':
      return step('im.recent.unread', { ACTION: yn(call.on) }, () => markRow(model, actor, target, call.on));
    case 'mute':
      return step('im.chat.mute', { MUTE: yn(call.on) }, () => muteChat(model, actor, target, call.on));
    case 'hide':
      return step('im.recent.hide', {}, () => hideRow(model, actor, target));
  }
}

function toMessage(stage: Stage, call: Call): Step | undefined {
  if (call.op !== 'edit' && call.op !== 'delete' && call.op !== 'react') return undefined;
  const { model } = stage;
  const actor = stage.id(call.by);
  const own = [...model.chats.values()].filter((held) => held.members.has(actor));
  if (own.length === 0) return undefined;
  const MESSAGE_ID = messageOf(own[call.chat % own.length], call.back);
  if (call.op === 'delete') {
    return { actor, method: 'im.message.delete', params: { MESSAGE_ID }, rule: () => deleteMessage(model, actor, MESSAGE_ID) };
  }
  if (call.op === 'react') {
    const params = { MESSAGE_ID, REACTION: call.code, ACTION: call.on ? 'add' : 'delete' };
    return { actor, method: 'tidemark.message.react', params, rule: () => react(model, actor, MESSAGE_ID, call.code, call.on) };
  }
  const MESSAGE = call.erase ? '' : `edited ${stage.log.length}`;
  const params = { MESSAGE_ID, MESSAGE };
  return { actor, method: 'im.message.update', params, rule: () => editMessage(model, actor, MESSAGE_ID, MESSAGE) };
}

/** Opens the thread of a post, or comments in it where it is open. */
function toComments(stage: Stage, call: Call): Step | undefined {
  const { model } = stage;
  if (call.op === 'readComments') {
    const threads = [...model.chats.values()].filter(({ type }) => type === 'T');
    const thread = threads[call.thread % Math.max(threads.length, 1)];
    if (!thread) return undefined;
    const actor = stage.id(call.by);
    const MESSAGE_ID = call.back === null ? undefined : messageOf(thread, call.back);
    const params = { DIALOG_ID: `chat${thread.id}`, MESSAGE_ID };
    if (call.on || MESSAGE_ID === undefined) return { actor, method: 'im.dialog.read', params, rule: () => readComments(model, actor, thread, MESSAGE_ID) };
    return { actor, method: 'im.dialog.unread', params, rule: () => unreadComments(model, actor, thread, MESSAGE_ID) };
  }
  if (call.op !== 'comment') return undefined;
  const actor = stage.id(call.by);
  const channels = stage.groups().filter(isChannel);
  const channel = channels[call.chat % Math.max(channels.length, 1)];
  if (!channel) return undefined;
  const MESSAGE_ID = messageOf(channel, call.back);
  const thread = threadsOf(model, channel).find(({ parent }) => parent!.post === MESSAGE_ID);
  if (!thread) return { actor, method: 'tidemark.comments.open', params: { MESSAGE_ID }, rule: (result) => openThread(model, actor, channel, MESSAGE_ID, result) };
  const mentioned = stage.id(call.mention);
  const MESSAGE = `comment ${stage.log.length} [USER=${mentioned}][/USER]`;
  return { actor, method: 'im.message.add', params: { DIALOG_ID: `chat${thread.id}`, MESSAGE }, rule: () => comment(model, actor, thread, MESSAGE, mentioned) };
}

/** Who does something in which group chat, and the call that it takes. */
function inGroup(stage: Stage, { by, chat }: { by: number; chat: number }) {
  const actor = stage.id(by);
  const chats = stage.groups();
  const group = chats[chat % chats.length]!;
  const step = (method: string, params: object, rule: Step['rule']): Step => ({ actor, method, params: { CHAT_ID: group.id, ...params }, rule });
  return { model: stage.model, actor, group, step };
}

function toGroup(stage: Stage, call: Call): Step | undefined {
  if (!('by' in call) || !('chat' in call)) return undefined;
  const { model, actor, group, step } = inGroup(stage, call);
  switch (call.op) {
    case 'invite': {
      const users = call.people.map((index) => stage.id(index));
      const params = { USERS: users, HIDE_HISTORY: yn(call.hideHistory) };
      return step('im.chat.user.add', params, () => addUsers(model, actor, group, users, call.hideHistory));
    }
    case 'remove': {
      const user = stage.id(call.user);
      if (user === actor) return undefined;
      return step('im.chat.user.delete', { USER_ID: user }, () => removeUser(model, actor, group, user));
    }
    case 'leave':
      return step('im.chat.leave', {}, () => leave(model, actor, group));
  }
  return undefined;
}

const SETTINGS = { add: 'MANAGE_USERS_ADD', remove: 'MANAGE_USERS_DELETE', look: 'MANAGE_UI', post: 'CAN_POST' } as const;

/** How a group chat looks, and who leads it. */
function toSettings(stage: Stage, call: Call): Step | undefined {
  if (!('by' in call) || !('chat' in call)) return undefined;
  const { model, actor, group, step } = inGroup(stage, call);
  switch (call.op) {
    case 'rename':
      return step('im.chat.updateTitle', { TITLE: call.title }, () => rename(model, actor, group, call.title));
    case 'recolour':
      return step('im.chat.updateColor', { COLOR: call.color }, () => recolour(model, actor, group, call.color));
    case 'passOn':
      return step('im.chat.setOwner', { USER_ID: stage.id(call.user) }, () => passOn(model, actor, group, stage.id(call.user)));
    case 'appoint':
      return step('im.chat.setManager', { USER_ID: stage.id(call.user), IS_MANAGER: yn(call.on) }, () => appoint(model, actor, group, stage.id(call.user), call.on));
    case 'permit':
      return step('tidemark.chat.permissions.set', { [SETTINGS[call.right]]: call.role }, () => permit(model, actor, group, call.right, call.role));
  }
  return undefined;
}

function toUsers(stage: Stage, call: Call): Step | undefined {
  const { model } = stage;
  switch (call.op) {
    case 'create': {
      const users = call.people.map((index) => stage.id(index));
      const message = call.speak ? `message ${stage.log.length}` : undefined;
      return newGroup(stage, stage.id(call.by), call.type, `Chat ${stage.log.length}`, users, message);
    }
    case 'readAll': {
      const actor = stage.id(call.by);
      return { actor, method: 'im.dialog.read.all', params: {}, rule: () => readEverything(model, actor) };
    }
    case 'notify': {
      const [actor, user] = [stage.id(call.by), stage.id(call.user)];
      const params = { USER_ID: user, MESSAGE: 'told', TAG: call.tag, CLIENT_ID: 'run' };
      return { actor, method: 'im.notify', params, rule: (result) => notify(model, actor, user, call.tag, result) };
    }
    case 'readNotices': {
      const actor = stage.id(call.by);
      const own = model.notices.filter(({ user }) => user === actor);
      const ID = own.at(-1 - (call.back % Math.max(own.length, 1)))?.id ?? 0;
      return { actor, method: 'im.notify.read', params: { ID, ACTION: yn(call.on) }, rule: () => readNotices(model, actor, ID, !call.on) };
    }
    case 'dismissOrReturn':
      return userChange(stage, call.user, { active: !model.user(stage.id(call.user)).active });
    case 'renameUser':
      return userChange(stage, call.user, { name: call.name });
  }
  return undefined;
}

function userChange(stage: Stage, index: number, changes: { active?: boolean; name?: string }): Step {
  const ID = stage.id(index);
  const ACTIVE = changes.active === undefined ? undefined : yn(changes.active);
  const params = { ID, ACTIVE, NAME: changes.name };
  return { actor: stage.id(0), method: 'user.update', params, rule: () => changeUser(stage.model, ID, changes) };
}

function targetOf(stage: Stage, index: number): Target {
  const targets: Target[] = [
    ...stage.cast.map(({ userId }) => ({ user: userId })),
    ...stage.groups().map((group) => ({ chat: group.id })),
  ];
  return targets[index % targets.length]!;
}

/** A private dialog has two names; they are the same to all methods, so now the one is used and now the other. */
function dialogIdOf(stage: Stage, actor: number, target: Target): string {
  if ('chat' in target) return `chat${target.chat}`;
  const dialog = stage.model.privateChat(actor, target.user);
  return dialog && stage.log.length % 2 === 1 ? `chat${dialog.id}` : String(target.user);
}

function dialogOf({ model }: Stage, actor: number, target: Target): Chat | undefined {
  return 'user' in target ? model.privateChat(actor, target.user) : model.chat(target.chat);
}

/** The id of a message that is, or was, among a chat's last. */
function messageOf(held: Chat | undefined, fromEnd: number): number {
  const ids = held?.everHeld ?? [];
  return ids.at(-1 - (fromEnd % Math.max(ids.length, 1))) ?? 1;
}

function yn(flag: boolean): 'Y' | 'N' {
  return flag ? 'Y' : 'N';
}
