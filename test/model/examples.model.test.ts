/** Short sequences that chance seldom makes and that are easy to get wrong, played like the random ones. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Operation } from './operations.ts';
import { play } from './play.ts';
import { type Arena, CONDUCTS, openArena, someConducts } from './stage.ts';

const [ANN, BOB, CID, DOT, EVE, FAY] = [0, 1, 2, 3, 4, 5] as const;
/** Where: a person, or one of the chats that each run begins with. */
const [TEAM, OPEN, EVERYBODY, NEARLY_WIDE, NEWS] = [6, 7, 8, 9, 10] as const;

const write = (by: number, to: number, uuid: number | null = null): Operation => ({ op: 'send', by, to, uuid, reply: null });
const reply = (by: number, to: number, from: number, back = 0): Operation => ({ op: 'send', by, to, uuid: null, reply: { to: from, back } });
const read = (by: number, to: number, back: number | null = 0): Operation => ({ op: 'read', by, to, back });
const unread = (by: number, to: number, back = 0): Operation => ({ op: 'unread', by, to, back });
const remove = (by: number, chat: number, back = 0): Operation => ({ op: 'delete', by, chat, back });
const empty = (by: number, chat: number): Operation => ({ op: 'edit', by, chat, back: 0, erase: true });
const mark = (by: number, to: number, on = true): Operation => ({ op: 'mark', by, to, on });
const pin = (by: number, to: number): Operation => ({ op: 'pin', by, to, on: true });
const hide = (by: number, to: number): Operation => ({ op: 'hide', by, to });
const invite = (by: number, chat: number, who: number): Operation => ({ op: 'invite', by, chat, people: [who], hideHistory: true });
const leave = (by: number, chat: number): Operation => ({ op: 'leave', by, chat });
const look = (by: number): Operation => ({ op: 'look', by });
const wait = (ms = 1000): Operation => ({ op: 'wait', ms });
const comment = (by: number, mention = by, back = 0): Operation => ({ op: 'comment', by, chat: 0, back, mention });
const fold: Operation = { op: 'fold', chat: null };
const dismissOrReturn = (user: number): Operation => ({ op: 'dismissOrReturn', user });

const examples: Record<string, readonly Operation[]> = {
  'a message is made unread in a hidden dialog': [write(BOB, ANN), hide(ANN, BOB), unread(ANN, BOB)],
  'a dismissed colleague takes a marked row along and brings it back': [
    write(ANN, BOB), mark(ANN, BOB), look(ANN), dismissOrReturn(BOB), look(ANN), dismissOrReturn(BOB),
  ],
  'a marked row goes with a dismissed colleague': [write(ANN, BOB), mark(ANN, BOB), dismissOrReturn(BOB)],
  'a marked chat loses its last message': [mark(CID, TEAM), remove(ANN, 0), remove(ANN, 0, 1)],
  'a chat loses all it has while somebody keeps its row': [look(DOT), remove(DOT, 0), look(DOT)],
  'a chat loses all it has, once those who have read it are folded': [write(BOB, TEAM), look(CID), read(CID, TEAM), fold, remove(ANN, 0), remove(ANN, 0), remove(ANN, 0), look(CID), fold, look(CID)],
  'a message that was read goes, and the one before it is the last again': [write(BOB, TEAM), read(CID, TEAM), look(CID), fold, remove(BOB, 0), look(CID), fold, look(CID)],
  'what was read is changed': [write(BOB, TEAM), read(CID, TEAM), look(CID), fold, empty(BOB, 0), look(CID), fold, look(CID)],
  'a chat loses its last message and gets a new one': [
    pin(CID, TEAM), remove(ANN, 0), remove(ANN, 0, 1), look(CID), pin(CID, TEAM), write(BOB, TEAM), look(CID),
  ],
  'the last message is now one from before somebody\'s time': [write(BOB, TEAM), invite(BOB, 0, EVE), remove(ANN, 0)],
  'what was written before somebody\'s time does not become unread': [
    write(BOB, TEAM), write(ANN, TEAM), invite(BOB, 0, EVE), look(EVE), unread(EVE, TEAM, 2), read(EVE, TEAM, 2),
  ],
  'a mark in a silenced chat is listed and adds nothing': [
    { op: 'mute', by: ANN, to: TEAM, on: true }, read(ANN, TEAM, null), mark(ANN, TEAM),
  ],
  'a hidden row comes back without its pin': [pin(ANN, TEAM), mark(ANN, TEAM), hide(ANN, TEAM), look(ANN), wait(), write(BOB, TEAM)],
  'an administrator empties a message that was seen': [write(ANN, BOB), read(BOB, ANN), wait(), empty(ANN, 2)],
  'somebody empties a message that was seen': [write(BOB, CID), read(CID, BOB), wait(), empty(BOB, 3)],
  'somebody deletes a message that was seen': [write(BOB, TEAM), read(CID, TEAM), wait(), remove(BOB, 0), look(ANN)],
  'whoever writes has read, and needs no mark': [write(BOB, ANN), mark(ANN, BOB), look(ANN), wait(), write(ANN, BOB), look(ANN)],
  'the message somebody had read to is deleted, then another one is written': [
    write(BOB, TEAM), read(CID, TEAM), remove(ANN, 0), look(CID), write(BOB, TEAM), read(CID, TEAM, 1),
  ],
  'one uuid is used in a second dialog that does not exist yet': [write(ANN, ANN, 0), write(BOB, ANN, 0), unread(ANN, BOB)],
  'one uuid is used by two people in one chat': [write(ANN, TEAM, 0), write(BOB, TEAM, 0), write(ANN, TEAM, 0), write(BOB, TEAM, 0)],
  'a guest leaves the last shared chat with unread messages on both sides': [
    write(FAY, BOB), write(BOB, FAY), write(FAY, BOB), pin(BOB, FAY), mark(FAY, BOB), look(BOB), look(FAY), wait(), leave(FAY, 2), look(BOB),
    look(FAY), read(BOB, FAY), hide(BOB, FAY), unread(BOB, FAY), mark(BOB, FAY), write(BOB, FAY), read(FAY, BOB), write(FAY, BOB), pin(FAY, BOB),
    remove(FAY, 0), empty(BOB, 4),
  ],
  'a guest comes back, and what was closed opens as it was': [
    write(FAY, BOB), pin(BOB, FAY), wait(), leave(FAY, 2), wait(), look(BOB), invite(BOB, 0, FAY), look(BOB), look(FAY), write(BOB, FAY),
  ],
  'somebody leaves the last chat shared with a guest, who stays': [
    write(FAY, BOB), write(CID, FAY), look(BOB), look(CID), wait(), leave(BOB, 2), look(BOB), look(FAY), wait(), write(BOB, EVERYBODY), look(BOB),
  ],
  'a guest shares two chats with somebody and leaves one': [
    invite(BOB, 0, FAY), write(FAY, BOB), look(BOB), wait(), leave(FAY, 2), look(BOB), wait(), leave(FAY, 0), look(BOB), write(FAY, OPEN),
  ],
  'a guest brings only people of shared chats': [
    { op: 'create', by: FAY, people: [BOB, CID], type: 'C', speak: true }, leave(FAY, 2), { op: 'create', by: FAY, people: [BOB, DOT], type: 'C', speak: true },
    invite(FAY, 5, CID), invite(FAY, 5, DOT), write(FAY, DOT), write(FAY, CID),
  ],
  'in a channel only its owner writes; who is refused has not joined': [
    write(BOB, NEWS), write(FAY, NEWS), write(DOT, NEWS), write(EVE, NEWS), look(DOT), reply(BOB, NEWS, NEWS), { op: 'rename', by: DOT, chat: 4, title: 'Beta' },
    { op: 'rename', by: EVE, chat: 4, title: 'Beta' }, leave(EVE, 4), write(EVE, NEWS), write(DOT, NEWS), look(DOT),
  ],
  'a reply is to a message of the same chat; who is refused has not joined': [
    write(DOT, OPEN), reply(BOB, OPEN, TEAM), reply(BOB, OPEN, OPEN), reply(CID, OPEN, TEAM, 1), reply(BOB, CID, TEAM), reply(BOB, EVE, BOB), write(BOB, EVE),
    reply(EVE, BOB, BOB), remove(BOB, 4), reply(EVE, BOB, BOB, 1), invite(BOB, 0, EVE), reply(EVE, TEAM, TEAM, 1), reply(EVE, TEAM, TEAM),
  ],
  'pinned rows are as old as others, so a date does not say how far a client has come': [
    write(ANN, BOB), wait(), write(ANN, CID), write(ANN, DOT), write(ANN, EVE), pin(ANN, TEAM), pin(ANN, EVERYBODY), wait(), write(ANN, ANN),
  ],
  'a chat becomes wide while some have pinned or hidden it': [
    pin(DOT, NEARLY_WIDE), hide(BOB, NEARLY_WIDE), look(BOB), look(DOT), wait(), invite(DOT, 3, ANN), look(BOB), wait(),
    hide(BOB, NEARLY_WIDE), look(BOB), write(ANN, NEARLY_WIDE), look(BOB), wait(), remove(ANN, 2), look(DOT),
  ],
  'comments count for who is subscribed, until they leave the channel or read it': [
    write(EVE, NEWS), comment(EVE), comment(DOT, ANN), comment(BOB, DOT), look(EVE), look(DOT), wait(), comment(BOB), fold, comment(EVE), look(BOB), read(DOT, NEWS, null),
    leave(BOB, 4), comment(EVE), invite(EVE, 4, BOB), comment(EVE, BOB), comment(FAY), look(BOB),
  ],
  'a post goes with its comments; what is deleted of those leaves a line': [
    write(EVE, NEWS), comment(DOT), comment(DOT, EVE), comment(BOB, EVE), remove(BOB, 2), remove(EVE, 0), remove(EVE, 1), look(EVE), look(DOT), comment(BOB), look(BOB),
  ],
  'a message is said again elsewhere and can not be changed there': [
    write(BOB, TEAM), { op: 'forward', by: BOB, to: DOT, from: TEAM, back: 0 }, { op: 'forward', by: FAY, to: FAY, from: TEAM, back: 0 }, look(DOT),
    { op: 'forward', by: DOT, to: OPEN, from: BOB, back: 0 }, empty(BOB, 2), remove(BOB, 2), look(DOT),
  ],
  'whoever leaves and comes back begins anew': [
    write(EVE, OPEN), pin(EVE, OPEN), mark(EVE, OPEN), write(DOT, OPEN), { op: 'leave', by: EVE, chat: 1 }, look(EVE),
    write(EVE, OPEN), unread(EVE, OPEN, 5),
  ],
};

describe.each(CONDUCTS)('%s', (...conduct) => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await openArena(conduct);
  });
  afterAll(() => arena[Symbol.asyncDispose]());

  const own = Object.entries(examples).filter((_, number) => someConducts(number).some(([name]) => name === conduct[0]));
  test.each(own)('%s', (_title, operations) => play(arena, operations));
});
