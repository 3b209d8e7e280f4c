/** Search from the list: among the rows that are loaded at once, then people, chats and messages of the server. */
import { batch as together, effect, signal } from '@preact/signals';
import { batch } from '../../lib/api.ts';
import { plainText } from '../../lib/plain.ts';
import { knownRows, peekRow } from '../store/chats.ts';
import { learnPeople, personOf, type UserView } from '../store/people.ts';
import { inOrder, type Row } from '../store/row.ts';
import { query } from './query.ts';

export interface FoundChat {
  id: string;
  title: string;
  avatar: string;
  color: string;
  about: string;
}

export interface FoundMessage {
  id: number;
  dialogId: string;
  title: string;
  avatar: string;
  color: string;
  text: string;
  at: number;
}

export interface Found {
  /** What it was found for. */
  text: string;
  chats: readonly FoundChat[];
  people: readonly FoundChat[];
  messages: readonly FoundMessage[];
  state: 'searching' | 'done' | 'failed';
}

const NOTHING: Found = { text: '', chats: [], people: [], messages: [], state: 'done' };
export const found = signal<Found>(NOTHING);

const AFTER_MS = 180;
const SHORTEST = 2;
const MOST_ROWS = 8;
const MOST = 20;
let timer: ReturnType<typeof setTimeout> | undefined;

effect(() => {
  const text = query.value.trim();
  clearTimeout(timer);
  if (text === '') {
    found.value = NOTHING;
    return;
  }
  const local = rowsWith(text);
  const isEnough = [...text].length >= SHORTEST;
  found.value = { text, chats: local, people: [], messages: [], state: isEnough ? 'searching' : 'done' };
  if (isEnough) timer = setTimeout(() => void ask(text, local), AFTER_MS);
});

/** Words of a title that begin so. */
function rowsWith(text: string): FoundChat[] {
  const wanted = text.toLowerCase().split(/\s+/);
  const hits: Row[] = [];
  for (const row of knownRows()) {
    const words = row.title.toLowerCase().split(/[\s.,«»"()]+/);
    if (wanted.every((part) => words.some((word) => word.startsWith(part)))) hits.push(row);
  }
  return hits.sort(inOrder).slice(0, MOST_ROWS).map(({ id, title, avatar, color }) => ({ id, title, avatar, color, about: '' }));
}

interface ChatView {
  id: number;
  name: string;
  avatar: string;
  color: string;
}

interface MessagesView {
  messages?: Array<{ id: number; chat_id: number; author_id: number; text: string; date: string }>;
  chats?: Array<{ id: number; dialogId: string; title: string }>;
  users?: UserView[];
}

async function ask(text: string, local: readonly FoundChat[]): Promise<void> {
  try {
    const { results } = await batch({
      people: ['im.search.user.list', { FIND: text, LIMIT: MOST }],
      chats: ['im.search.chat.list', { FIND: text, LIMIT: MOST }],
      messages: ['tidemark.messages.search', { SEARCH_MESSAGE: text, LIMIT: MOST }],
    });
    if (query.peek().trim() !== text) return;
    const users = Object.values((results.people ?? {}) as Record<string, UserView>);
    const chats = Object.values((results.chats ?? []) as ChatView[]).map(chatFound);
    const known = new Set(local.map(({ id }) => id));
    together(() => {
      learnPeople([...users, ...((results.messages as MessagesView | undefined)?.users ?? [])]);
      found.value = {
        text,
        chats: [...local, ...chats.filter(({ id }) => !known.has(id))],
        people: users.filter(({ id }) => !known.has(String(id))).map(personFound),
        messages: messagesFound((results.messages ?? {}) as MessagesView),
        state: 'done',
      };
    });
  } catch {
    if (query.peek().trim() === text) found.value = { ...found.peek(), state: 'failed' };
  }
}

function personFound({ id, name, avatar, color, work_position: position }: UserView): FoundChat {
  return { id: String(id), title: name, avatar, color, about: position ?? '' };
}

function chatFound({ id, name, avatar, color }: ChatView): FoundChat {
  return { id: `chat${id}`, title: name, avatar, color, about: '' };
}

function messagesFound({ messages = [], chats = [] }: MessagesView): FoundMessage[] {
  const byId = new Map(chats.map((chat) => [chat.id, chat]));
  return messages.flatMap(({ id, chat_id: chatId, text, date }) => {
    const chat = byId.get(chatId);
    if (!chat) return [];
    const { dialogId, title } = chat;
    const row = peekRow(dialogId);
    const peer = personOf(Number(dialogId));
    return [{ id, dialogId, title, avatar: row?.avatar ?? peer?.avatar ?? '', color: row?.color ?? peer?.color ?? '', text: plainText(text), at: Date.parse(date) }];
  });
}
