/** The menu of a message. */
import { call } from '../../lib/api.ts';
import { type MenuEntry, popUp } from '../../lib/menu.tsx';
import { userId as me } from '../../lib/told.ts';
import { dialogs } from '../dialogs/open.ts';
import { goTo } from '../store/route.ts';
import { toast } from '../store/toast.ts';
import { plainText } from './bb.ts';
import { isChannel, may, writeBar } from './card.ts';
import type { Message } from './message.ts';
import { failed, react } from './message-actions.ts';
import { reactionPicker } from './picking.ts';
import type { Talk } from './talk.ts';
import { t } from './words.ts';

export function openMessageMenu(talk: Talk, message: Message, place: { x: number; y: number } | DOMRect): void {
  popUp(t('more'), menuOf(talk, message), place);
}

function menuOf(talk: Talk, message: Message): MenuEntry[] {
  const card = talk.card.value;
  const own = message.authorId === me;
  const mayWrite = card !== undefined && writeBar(card, undefined) === undefined;
  const pinned = talk.pins.value.some((pin) => pin.message.id === message.id);
  if (message.deleted) return [{ text: t('copyLink'), icon: 'link', run: () => copy(linkTo(talk, message)) }];
  return [
    mayWrite && { text: t('reply'), icon: 'reply', run: () => (talk.answering.value = message) },
    { text: t('react'), icon: 'smile', run: () => (reactionPicker.value = { at: boxOf(message), choose: (code) => void react(talk, message, code) }) },
    own && message.text !== '' && { text: t('edit'), icon: 'pencil', run: () => (talk.editing.value = message) },
    { text: t('forward'), icon: 'forward', run: () => (dialogs.value = { kind: 'forward', message }) },
    message.text !== '' && { text: t('copy'), icon: 'copy', run: () => copy(plainText(message.text, 20_000)) },
    { text: t('copyLink'), icon: 'link', run: () => copy(linkTo(talk, message)) },
    may(card, 'can_post') && { text: pinned ? t('unpin') : t('pin'), icon: 'pin', run: () => void pin(talk, message, !pinned) },
    card && isChannel(card) && message.authorId > 0 && { text: t('comments'), icon: 'line', run: () => void openComments(message) },
    own && { text: t('readers'), icon: 'checks', run: () => (dialogs.value = { kind: 'readers', talk, message }) },
    !own && { text: t('markUnread'), icon: 'unread', run: () => void markUnread(talk, message) },
    (own || may(card, 'manage_messages')) && { group: '' },
    (own || (may(card, 'manage_messages') && card?.role !== 'member')) && { text: t('remove'), icon: 'trash', danger: true, run: () => (dialogs.value = { kind: 'delete', talk, message }) },
  ];
}

const boxOf = ({ id }: Message): DOMRect => (document.querySelector(`[data-id="${id}"] .bubble`) ?? document.body).getBoundingClientRect();

const linkTo = ({ dialogId }: Talk, { id }: Message): string => `${location.origin}${location.pathname}#/${dialogId}/${id}`;

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(() => toast(t('copied')), (error: unknown) => failed(error));
}

async function pin(talk: Talk, message: Message, on: boolean): Promise<void> {
  try {
    await call('tidemark.message.pin', { MESSAGE_ID: message.id, PIN: on ? 'Y' : 'N' });
    await talk.readPins();
  } catch (error) {
    failed(error);
  }
}

async function markUnread(talk: Talk, message: Message): Promise<void> {
  talk.reader.hold();
  talk.divider.value = message.id;
  await call('im.dialog.unread', { DIALOG_ID: talk.dialogId, MESSAGE_ID: message.id }).catch(failed);
}

async function openComments(message: Message): Promise<void> {
  try {
    const { dialog_id: dialogId } = await call<{ dialog_id: string }>('tidemark.comments.open', { MESSAGE_ID: message.id });
    goTo(dialogId);
  } catch (error) {
    failed(error);
  }
}

