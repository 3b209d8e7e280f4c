/** What a message of the other portal carries besides its text, as far as it can be had here. */
import { parseAttach } from '../messenger/posting/attach.ts';
import type { MessageParams } from '../messenger/posting/posting.ts';
import { FORWARD } from '../messenger/views/forward-view.ts';
import type { Numbers } from './mapping.ts';
import type { RemoteMessage } from './shapes.ts';

const MOST_CODES = 10;

export function isDeleted({ params }: RemoteMessage): boolean {
  return params['IS_DELETED'] === 'Y';
}

/** The message that it answers; 0 for none. */
export function answered({ params }: RemoteMessage): number {
  return idOf(params['REPLY_ID']);
}

/** Files that it shows. */
export function filesShown({ params }: RemoteMessage): number[] {
  return idsOf(params['FILE_ID']);
}

/** Who likes it. */
export function likers({ params }: RemoteMessage): number[] {
  return idsOf(params['LIKE']);
}

/** @param files numbers here of the files that it shows */
export function paramsHere(message: RemoteMessage, numbers: Numbers, files: readonly number[]): MessageParams {
  const { params } = message;
  if (isDeleted(message)) return { IS_DELETED: 'Y' };
  const reply = numbers.message(answered(message));
  const attach = params['ATTACH'] === undefined ? 'invalid' : parseAttach(lastOf(params['ATTACH']));
  const sticker = idOf(params['STICKER_ID']);
  const codes = Array.isArray(params['CODE']) ? params['CODE'].filter((code) => typeof code === 'string' && /^\w{1,50}$/.test(code)).slice(0, MOST_CODES) : [];
  return {
    ...(reply !== undefined && { REPLY_ID: reply }),
    ...(params['IS_EDITED'] === 'Y' && { IS_EDITED: 'Y' }),
    ...(codes.length > 0 && { CODE: codes }),
    ...(params['NOTIFY'] === 'N' && { NOTIFY: 'N' }),
    ...(typeof attach === 'object' && { ATTACH: [attach] }),
    ...(sticker > 0 && { STICKER_ID: sticker }),
    ...(files.length > 0 && { FILE_ID: [...files] }),
    ...forwardHere(message, numbers),
  };
}

/** Where it comes from, where that has come here too. */
function forwardHere({ forward }: RemoteMessage, numbers: Numbers): MessageParams {
  if (!forward) return {};
  const [id, userId, chatId] = [numbers.message(forward.id), numbers.user(forward.userId), numbers.chat(forward.chatId)];
  return id && userId && chatId ? { [FORWARD]: { id, userId, chatId, at: forward.date } } : {};
}

/** Histories list attachments, of which there is one. */
function lastOf(value: unknown): unknown {
  const [only] = Array.isArray(value) && value.length === 1 ? (value as unknown[]) : [];
  return typeof only === 'object' && only !== null && 'BLOCKS' in only ? only : value;
}

function idOf(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 0;
}

const MOST_IDS = 1000;

function idsOf(value: unknown): number[] {
  const list = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : [];
  return [...new Set(list.slice(0, MOST_IDS).map(idOf))].filter((id) => id > 0);
}
