/** Pages of a dialog's history as the server gives them. */
import { call } from '../../lib/api.ts';
import { type FileInfo, type Message, readReactions, toMessage, type User, type WireMessage } from './message.ts';

export interface Page {
  messages: WireMessage[];
  users: User[];
  files: FileInfo[];
  reactions?: unknown[];
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
export async function pagesAt(dialogId: string, id: number, limit: number): Promise<{ older: Page; newer: Page }> {
  const at = { DIALOG_ID: dialogId, LIMIT: limit };
  const older = await call<Page>('im.dialog.messages.get', { ...at, LAST_ID: id });
  const newer = await call<Page>('im.dialog.messages.get', { ...at, FIRST_ID: older.messages[0]?.id ?? 0 });
  return { older, newer };
}

export const pinsIn = (pins: PinsPage['pins']): Pin[] => pins.map(({ message, pinned_by: by }) => ({ message: toMessage(message), by }));
