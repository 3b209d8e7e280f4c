/** Parameters that many methods share. */
import { type DialogRef, parseDialogId } from '../messenger/access/dialogs.ts';
import { error } from '../rest/method.ts';
import { int, type Options, type Param, toInteger, wrong } from '../rest/params.ts';
import type { Value } from '../rest/values.ts';

export const dialogIdEmpty = error('DIALOG_ID_EMPTY', 400, "Dialog ID can't be empty");
export const noDialogAccess = error('ACCESS_ERROR', 403, 'You do not have access to the specified dialog');
export const chatIdEmpty = error('CHAT_ID_EMPTY', 400, "Chat ID can't be empty");
export const messageIdError = error('MESSAGE_ID_ERROR', 400, "Message ID can't be empty");
export const unavailable = error('ACCESS_ERROR', 403, 'Action unavailable');

const DESCRIPTION = 'Dialog: a user id, chatN, or sgN for the chat of workgroup N';

/** A dialog id; missing, empty or malformed ones lead to the given error. */
export function dialogId<E extends string>(error: E): Param<DialogRef, E> {
  return {
    type: 'string',
    description: DESCRIPTION,
    required: true,
    error,
    parse: (raw, name) => toDialog(raw) ?? wrong({ error }, name, 'must be a dialog id'),
  };
}

/** A dialog id, or `notify` for one's notifications. */
export function dialogOrNotices<E extends string>(error: E): Param<DialogRef | 'notify', E> {
  const dialog = dialogId(error);
  return {
    ...dialog,
    description: `${DESCRIPTION}; or notify for the notifications`,
    parse: (raw, name, env) => (typeof raw === 'string' && raw.trim().toLowerCase() === 'notify' ? 'notify' : dialog.parse(raw, name, env)),
  };
}

/** A dialog id that may be left out. */
export function optionalDialogId<E extends string>(error: E): Param<DialogRef | undefined, E> {
  const required = dialogId(error);
  return {
    ...required,
    required: false,
    parse: (raw, name, env) => (raw === undefined || raw === null ? undefined : required.parse(raw, name, env)),
  };
}

function toDialog(raw: Value | undefined): DialogRef | undefined {
  if (typeof raw === 'number') return toInteger(raw) === undefined ? undefined : parseDialogId(String(raw));
  return typeof raw === 'string' ? parseDialogId(raw.trim()) : undefined;
}

/** A chat's number that may be left out; anything else than a positive integer leads to the given error. */
export function optionalId<E extends string>(options: Options<E>): Param<number | undefined, NoInfer<E>> {
  return {
    type: 'integer',
    required: false,
    ...options,
    parse(raw, name) {
      if (raw === undefined || raw === null) return undefined;
      const value = toInteger(raw);
      return value !== undefined && value > 0 ? value : wrong(options, name, 'must be a positive integer');
    },
  };
}

/** The chat that CHAT_ID or DIALOG_ID names; CHAT_ID goes first. */
export function chatOrDialog(params: { CHAT_ID: number | undefined; DIALOG_ID: DialogRef | undefined }): DialogRef | undefined {
  return params.CHAT_ID === undefined ? params.DIALOG_ID : { kind: 'chat', id: params.CHAT_ID };
}

/** Which group chat is meant, in the methods about its settings: its number, or a dialog id of the form `chatN`. */
export const groupChatParams = {
  CHAT_ID: optionalId({ description: 'Number of the chat; or DIALOG_ID', error: 'CHAT_ID_EMPTY' }),
  DIALOG_ID: optionalDialogId('DIALOG_ID_EMPTY'),
};

export const groupChatErrors = { CHAT_ID_EMPTY: chatIdEmpty, DIALOG_ID_EMPTY: dialogIdEmpty };

/** The number of the chat that {@link groupChatParams} name. */
export function groupChat(
  params: { CHAT_ID: number | undefined; DIALOG_ID: DialogRef | undefined },
  fail: (name: keyof typeof groupChatErrors) => never,
): number {
  if (params.CHAT_ID !== undefined) return params.CHAT_ID;
  if (params.DIALOG_ID === undefined) return fail('CHAT_ID_EMPTY');
  return params.DIALOG_ID.kind === 'chat' ? params.DIALOG_ID.id : fail('DIALOG_ID_EMPTY');
}

const PAGE = 10;
const LARGEST_PAGE = 50;

/** Pages of the searching methods. */
export const pageParams = {
  OFFSET: int({ description: 'Rows to pass over', min: 0 }),
  LIMIT: int({ description: `Rows on a page, ${PAGE} unless given, at most ${LARGEST_PAGE}`, min: 1, max: LARGEST_PAGE, clamp: true }),
};

export interface OffsetPage {
  offset: number;
  limit: number;
}

/** @param start the offset as it is written beside the parameters @param usual rows where no number is given */
export function toPage(params: { OFFSET: number | undefined; LIMIT: number | undefined }, start: number, usual = PAGE): OffsetPage {
  return { offset: start > 0 ? start : (params.OFFSET ?? 0), limit: params.LIMIT ?? usual };
}

/** The numbers beside a page: how many rows there are, and where the next page begins. */
export function nextPage({ offset, limit }: OffsetPage, total: number): { total: number; next: number | undefined } {
  return { total, next: offset + limit < total ? offset + limit : undefined };
}
