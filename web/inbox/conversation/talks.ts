/** The dialogs that were opened lately, and what the stream of events says to them. */
import { call } from '../../lib/api.ts';
import { say } from '../store/announce.ts';
import { onEvent } from '../store/events.ts';
import { openDialog } from '../store/route.ts';
import type { RecentItem } from '../store/row.ts';
import { nameOf } from './people.ts';
import { type FileInfo, readReactions, toMessage, type User, type WireMessage } from './message.ts';
import { outbox } from './outgoing.ts';
import { plainText } from './bb.ts';
import { ReadTracker } from './read-tracker.ts';
import { Talk } from './talk.ts';
import { t } from './words.ts';
import { userId as me } from '../../lib/told.ts';

/** Dialogs that are kept in memory, the last opened last. */
const KEPT = 12;

const talks = new Map<string, Talk>();

export const talkOf = (dialogId: string): Talk | undefined => talks.get(dialogId);

export function openTalk(dialogId: string): Talk {
  const talk = talks.get(dialogId) ?? new Talk(dialogId, trackerOf);
  talks.delete(dialogId);
  talks.set(dialogId, talk);
  for (const old of [...talks.keys()].slice(0, -KEPT)) talks.delete(old);
  return talk;
}

/** Whether the reader looks at the page, and at nothing that lies before the messages. */
export function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus() && !document.querySelector('dialog[open], [role="dialog"][aria-modal="true"]');
}

function trackerOf(talk: Talk): ReadTracker {
  return new ReadTracker(0, {
    send: (upTo) => void call('im.dialog.read', { DIALOG_ID: talk.dialogId, MESSAGE_ID: upTo }, { keepalive: true }).catch(() => undefined),
    active: isLooking,
    schedule: (work, ms) => setTimeout(work, ms),
    cancel: (timer) => clearTimeout(timer as number),
  });
}

/** Whoever comes again reads anew, also what they had marked. */
export function renewReader(talk: Talk): void {
  const before = talk.reader;
  talk.reader = trackerOf(talk);
  talk.reader.heard(before.readUpTo);
}

interface MessageEvent {
  dialog_id: string;
  action: 'added' | 'updated' | 'deleted' | 'erased';
  message: WireMessage;
  users?: User[];
  files?: FileInfo[];
}

/** Whether the end of an open dialog shows: set by the list of messages. */
export const atEnd = { dialogId: '' };

/** Begins to listen. */
export function followTalks(): void {
  onEvent('message', (event) => heard(event as unknown as MessageEvent));
  onEvent('reaction', (event: { dialog_id: string; message_id: number; reactions: unknown }) => {
    talkOf(event.dialog_id)?.reacted(event.message_id, readReactions(event.reactions) ?? {});
  });
  onEvent('read', (event: { dialog_id: string; user_id: number; last_id: number; date: string | null }) => {
    talkOf(event.dialog_id)?.readBy(event.user_id, event.last_id, event.date);
  });
  onEvent('chat', (event: { dialog_id: string; change: string; left?: number[] }) => chatChanged(event));
  onEvent('list', (event) => listed(event));
  onEvent('ready', () => {
    const open = talkOf(openDialog.value);
    if (open?.state.value === 'failed') void open.refresh();
  });
  onEvent('reset', () => {
    // The others are loaded anew when they are opened.
    for (const dialogId of talks.keys()) if (dialogId !== openDialog.value) talks.delete(dialogId);
    const open = talkOf(openDialog.value);
    open?.interrupted();
    void open?.refresh();
  });
}

function heard({ dialog_id: dialogId, action, message: wire, users, files }: MessageEvent): void {
  const talk = talkOf(dialogId);
  if (action === 'erased') return talk?.erased(wire.id);
  const message = toMessage(wire);
  if (action !== 'added') return talk?.changed(message);
  outbox.arrived(dialogId, message.uuid);
  if (!talk || talk.state.value === 'denied') return undefined;
  const looking = isLooking() && openDialog.value === dialogId && atEnd.dialogId === dialogId;
  talk.arrived(message, { users, files }, looking);
  if (openDialog.value === dialogId && isLooking() && message.authorId !== me) tell(message.authorId, message.text);
  return undefined;
}

/** What arrives is read aloud once, no more than one in a second; more than that is counted. */
const TELL_EVERY_MS = 1000;
let waiting = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function tell(authorId: number, text: string): void {
  if (timer !== undefined) {
    waiting += 1;
    return;
  }
  const words = plainText(text);
  say(authorId > 0 ? `${nameOf(authorId)}: ${words}` : words, 'polite');
  timer = setTimeout(() => {
    timer = undefined;
    if (waiting > 0) say(t('newMessages', { n: waiting }), 'polite');
    waiting = 0;
  }, TELL_EVERY_MS);
}

function chatChanged({ dialog_id: dialogId, change, left }: { dialog_id: string; change: string; left?: number[] }): void {
  const talk = talkOf(dialogId);
  if (!talk) return;
  if (left?.includes(me)) talk.deny();
  else if (change === 'pins') void talk.readPins();
  else void talk.readCard();
}

/** Milliseconds in which the messages of a row that has changed should have come by themselves. */
const OWN_WAY_MS = 600;

/** A row names a message that never came: then it is fetched. */
function listed({ items = [], removed = [] }: { items?: readonly RecentItem[]; removed?: ReadonlyArray<number | string> }): void {
  const open = talkOf(openDialog.value);
  if (!open || open.state.value !== 'ready') return;
  if (removed.map(String).includes(open.dialogId)) return void open.readCard();
  const row = items.find(({ id }) => String(id) === open.dialogId);
  const last = row?.message.id ?? 0;
  if (last <= open.toldUpTo) return;
  setTimeout(() => {
    if (open.toldUpTo < last) void open.refresh();
  }, OWN_WAY_MS);
}
