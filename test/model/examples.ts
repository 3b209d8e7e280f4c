/** Short sequences that chance seldom makes and that are easy to get wrong: they are played before the random ones. */
import type { Operation } from './operations.ts';

const [ANN, BOB, CID, EVE] = [0, 1, 2, 4] as const;
/** Where: a person, or one of the chats that each run begins with. */
const [TEAM, OPEN, NEARLY_WIDE] = [5, 6, 8] as const;

const write = (by: number, to: number, uuid: number | null = null): Operation => ({ op: 'send', by, to, uuid });
const read = (by: number, to: number, back: number | null = 0): Operation => ({ op: 'read', by, to, back });
const remove = (by: number, chat: number, back = 0): Operation => ({ op: 'delete', by, chat, back });
const mark = (by: number, to: number, on = true): Operation => ({ op: 'mark', by, to, on });
const pin = (by: number, to: number): Operation => ({ op: 'pin', by, to, on: true });
const look = (by: number): Operation => ({ op: 'look', by });
const wait = (ms = 1000): Operation => ({ op: 'wait', ms });
const dismissOrReturn = (user: number): Operation => ({ op: 'dismissOrReturn', user });

export const examples: ReadonlyArray<readonly Operation[]> = [
  // A message made unread in a hidden dialog.
  [write(BOB, ANN), { op: 'hide', by: ANN, to: BOB }, { op: 'unread', by: ANN, to: BOB, back: 0 }],
  // A mark on a row that goes with a dismissed colleague, and comes back with them.
  [write(ANN, BOB), mark(ANN, BOB), look(ANN), dismissOrReturn(BOB), look(ANN), dismissOrReturn(BOB)],
  // A mark on a chat that loses its last message, and gets a new one.
  [mark(CID, TEAM), remove(ANN, 0), remove(ANN, 0, 1), look(CID), mark(CID, TEAM, false), write(BOB, TEAM)],
  // The last message is deleted, and the one before it is from before somebody's time.
  [write(BOB, TEAM), { op: 'invite', by: BOB, chat: 0, people: [EVE], hideHistory: true }, remove(ANN, 0), look(EVE), write(BOB, TEAM)],
  // Emptying a message is deleting it: what was seen, by an administrator and by somebody else.
  [write(ANN, BOB), read(BOB, ANN), { op: 'edit', by: ANN, chat: 2, back: 0, erase: true }],
  [write(BOB, CID), read(CID, BOB), { op: 'edit', by: BOB, chat: 3, back: 0, erase: true }],
  // The message somebody had read to is deleted, and another one written.
  [write(BOB, TEAM), read(CID, TEAM), remove(ANN, 0), look(CID), write(BOB, TEAM), read(CID, TEAM, 1)],
  // One uuid in two dialogs, the second of which does not exist yet.
  [write(ANN, ANN, 0), write(BOB, ANN, 0), { op: 'unread', by: ANN, to: BOB, back: 0 }],
  // Pins whose last messages are as old as those of other rows: a date alone does not say how far a client has come.
  [write(ANN, BOB), wait(), write(ANN, CID), write(ANN, 3), write(ANN, EVE), pin(ANN, TEAM), pin(ANN, 7), wait(), write(ANN, ANN)],
  // A chat becomes wide while it is hidden, pinned and unread by some.
  [
    pin(3, NEARLY_WIDE), { op: 'hide', by: CID, to: NEARLY_WIDE }, look(CID), look(3),
    { op: 'invite', by: 3, chat: 3, people: [ANN], hideHistory: true }, look(CID), { op: 'hide', by: CID, to: NEARLY_WIDE },
    look(CID), write(ANN, NEARLY_WIDE), look(CID), remove(ANN, 2), look(3),
  ],
  // Leaving takes pins and marks along; whoever comes back by writing begins anew.
  [write(EVE, OPEN), pin(EVE, OPEN), mark(EVE, OPEN), write(3, OPEN), { op: 'leave', by: EVE, chat: 1 }, look(EVE), write(EVE, OPEN), { op: 'unread', by: EVE, to: OPEN, back: 5 }],
];
