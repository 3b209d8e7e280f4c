/** Pages of a dialog's history as the server gives them. */
import { batch, call } from '../../lib/api.ts';
import type { Card } from './card.ts';
import { type FileInfo, type Message, readReactions, toMessage, type User, type WireMessage } from './message.ts';

/** Messages asked for at a time. */
export const PAGE = 50;

export interface Page {
  messages: WireMessage[];
  users: User[];
  files: FileInfo[];
  reactions?: unknown[];
}

/** Two pages that meet. */
export interface Around {
  older: Page;
  newer: Page;
}

/** A dialog as it is opened; without card or page `error` says why. */
export interface End {
  card: Card | undefined;
  page: Page | undefined;
  pins: PinsPage | undefined;
  around: Around | undefined;
  error: string;
}

export interface Pin {
  message: Message;
  by: number;
}

export interface PinsPage {
  pins: Array<{ message: WireMessage; pinned_by: number }>;
  users: User[];
}

export function messagesIn({ messages, reactions = [] }: Page): Message[] {
  const byId = new Map((reactions as Array<{ messageId: number }>).map((one) => [one.messageId, readReactions(one)]));
  return messages.map((wire) => {
    const message = toMessage(wire);
    const all = byId.get(wire.id);
    return all ? { ...message, reactions: all } : message;
  });
}

/** What is before a message, and the message with what is after it: a cursor has to be a message of the dialog. @throws ApiError */
export async function pagesAt(dialogId: string, id: number, limit = PAGE): Promise<Around> {
  const at = { DIALOG_ID: dialogId, LIMIT: limit };
  const older = await call<Page>('im.dialog.messages.get', { ...at, LAST_ID: id });
  const newer = await call<Page>('im.dialog.messages.get', { ...at, FIRST_ID: older.messages[0]?.id ?? 0 });
  return { older, newer };
}

/**
 * The end of a dialog with its card and pins.
 * @param beginning the message around which it is wanted besides; 0 for none
 * @throws ApiError
 */
export async function endAt(dialogId: string, beginning: (card: Card) => number): Promise<End> {
  const { results, errors } = await batch({
    card: ['im.dialog.get', { DIALOG_ID: dialogId }],
    page: ['im.dialog.messages.get', { DIALOG_ID: dialogId, LIMIT: PAGE }],
    pins: ['tidemark.message.pinned.list', { DIALOG_ID: dialogId }],
  });
  const { card, page, pins } = results as Partial<Pick<End, 'card' | 'page' | 'pins'>>;
  const from = card && page ? beginning(card) : 0;
  const lies = from === 0 || page!.messages.some(({ id }) => id === from);
  const around = lies ? undefined : await pagesAt(dialogId, from).catch(() => undefined);
  return { card, page, pins, around, error: (errors.card ?? errors.page)?.error ?? '' };
}

/** @throws ApiError */
export const pinsOf = (dialogId: string): Promise<PinsPage> => call<PinsPage>('tidemark.message.pinned.list', { DIALOG_ID: dialogId });

export const pinsIn = (pins: PinsPage['pins']): Pin[] => pins.map(({ message, pinned_by: by }) => ({ message: toMessage(message), by }));
