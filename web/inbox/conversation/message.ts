/** What the conversation knows of messages, users and files: the objects of im.dialog.messages.get, as far as the page uses them. */

export interface User {
  id: number;
  name: string;
  color: string;
  avatar: string;
  work_position?: string;
  extranet?: boolean;
  bot?: boolean;
  active?: boolean;
  status?: string;
  last_activity_date?: string | false;
}

export interface FileInfo {
  id: number;
  type: 'image' | 'video' | 'audio' | 'file';
  name: string;
  extension: string;
  size: number;
  image: { width: number; height: number } | false;
  urlPreview: string;
  urlShow: string;
  urlDownload: string;
}

/** Who reacted how, by code, in the order in which the reactions came. */
export type Reactions = Readonly<Record<string, readonly number[]>>;

export interface Forward {
  id: number;
  userId: number;
  chatId: number;
  date: string;
}

/** A message on the wire; `reactions` only where the server gives them. */
export interface WireMessage {
  id: number;
  chat_id: number;
  author_id: number;
  date: string;
  text: string;
  unread?: boolean;
  uuid?: string | null;
  params?: Record<string, unknown> | readonly unknown[];
  forward?: Forward | null;
  reactions?: unknown;
}

/** A message as the page keeps it. Never changed in place: whoever shows one may compare by identity. */
export interface Message {
  id: number;
  chatId: number;
  authorId: number;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
  uuid: string;
  params: Readonly<Record<string, unknown>>;
  forward: Forward | null;
  reactions: Reactions;
  /** Whether the author has been told that somebody saw it, where it is one's own. */
  edited: boolean;
  deleted: boolean;
}

/** @throws never: what a message lacks reads as empty. */
export function toMessage(wire: WireMessage): Message {
  const params = isMap(wire.params) ? wire.params : {};
  return {
    id: wire.id,
    chatId: wire.chat_id,
    authorId: wire.author_id,
    at: Date.parse(wire.date) || 0,
    text: wire.text,
    uuid: wire.uuid ?? '',
    params,
    forward: wire.forward ?? null,
    reactions: readReactions(wire.reactions) ?? likesAlone(params),
    edited: params['IS_EDITED'] === 'Y',
    deleted: params['IS_DELETED'] === 'Y',
  };
}

/** The reactions of an event or a message: a map of codes to users, or the object that searches give. */
export function readReactions(given: unknown): Reactions | undefined {
  if (!isMap(given)) return undefined;
  const byCode = isMap(given['reactionUsers']) ? given['reactionUsers'] : given;
  const read: Record<string, number[]> = {};
  for (const [code, users] of Object.entries(byCode)) {
    const ids = Array.isArray(users) ? users.filter((id) => typeof id === 'number') : [];
    if (ids.length > 0) read[code] = ids;
  }
  return read;
}

function likesAlone(params: Readonly<Record<string, unknown>>): Reactions {
  const likes = params['LIKE'];
  return Array.isArray(likes) && likes.length > 0 ? { like: likes.filter((id) => typeof id === 'number') } : {};
}

/** The message that this one answers; 0 for none. */
export const repliedTo = ({ params }: Pick<Message, 'params'>): number => Number(params['REPLY_ID']) || 0;

/** Numbers of the files that a message shows. */
export function fileIdsOf({ params }: Pick<Message, 'params'>): number[] {
  const ids = params['FILE_ID'];
  return Array.isArray(ids) ? ids.map(Number).filter((id) => id > 0) : [];
}

/** A name for the row of a message that stays the same from its echo to its arrival. */
export const keyOf = ({ uuid, id }: Pick<Message, 'uuid' | 'id'>): string => uuid || `m${id}`;

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
