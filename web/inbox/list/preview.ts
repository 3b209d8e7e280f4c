/** What a row says in its second line, and what it is called. */
import { listTime } from '../../lib/time.ts';
import { userId } from '../../lib/told.ts';
import type { Echo } from '../store/echo.ts';
import type { Person } from '../store/people.ts';
import type { Row } from '../store/row.ts';
import type { Writer } from '../store/typing.ts';
import { t } from './words.ts';

export interface Around {
  writers: readonly Writer[];
  /** Empty for none. */
  draft: string;
  echo: Echo | undefined;
  author: Person | undefined;
  mentions: number;
  isOpen: boolean;
}

export type Preview =
  | { kind: 'typing'; text: string }
  | { kind: 'echo' | 'failed' | 'draft' | 'message'; lead: string; text: string }
  | { kind: 'none'; text: string };

/** Who is typing now is said first; then what is not sent, then what was begun, then what was said last. */
export function previewOf(row: Row, { writers, draft, echo, author, isOpen }: Around): Preview {
  if (writers.length > 0) return { kind: 'typing', text: typingText(row, writers) };
  if (echo) return echo.state === 'failed' ? { kind: 'failed', lead: t('notSent'), text: echo.text } : { kind: 'echo', lead: t('you'), text: echo.text };
  if (draft !== '' && !isOpen) return { kind: 'draft', lead: t('draft'), text: draft };
  if (row.messageId === 0) return { kind: 'none', text: t('noMessages') };
  return { kind: 'message', lead: leadOf(row, author), text: row.text || (row.hasFile ? t('file') : '') };
}

function typingText(row: Row, writers: readonly Writer[]): string {
  const [first] = writers;
  if (row.kind === 'user') return first!.voice ? t('recording') : t('typing');
  if (writers.length > 1) return t('typingMany', { n: writers.length });
  return t(first!.voice ? 'recordingName' : 'typingName', { name: first!.name });
}

/** In a dialog of two nobody has to be told who the other is. */
function leadOf(row: Row, author: Person | undefined): string {
  if (row.author === userId) return t('you');
  return row.kind === 'user' || row.author === 0 ? '' : (author?.firstName ?? '');
}

const LONGEST = 100;

/** One utterance: what a screen reader says of the row. */
export function nameOf(row: Row, around: Around, isOnline: boolean): string {
  const preview = previewOf(row, { ...around, writers: [] });
  const cut = (text: string): string => ([...text].length > LONGEST ? `${[...text].slice(0, LONGEST).join('')}…` : text);
  const parts = [
    row.title,
    row.kind === 'user' ? isOnline && t('online') : t(({ channel: 'channel', group: 'group', lines: 'line' } as const)[row.kind]),
    row.counter > 0 ? t('unread', { n: row.counter }) : row.unread && t('markedUnread'),
    around.mentions > 0 && t('mention', { n: around.mentions }),
    row.pinned && t('pinned'),
    row.muted && t('muted'),
    row.reminder && t('reminder'),
    around.draft !== '' && !around.isOpen && t('draftName', { text: cut(around.draft) }),
    row.messageId > 0 && lastOf(row, around.author, cut(row.text || t('file'))),
    preview.kind === 'failed' && `${t('notSent')} ${cut(preview.text)}`,
    row.messageId > 0 && listTime(row.at),
  ];
  return parts.filter(Boolean).join(', ');
}

function lastOf(row: Row, author: Person | undefined, text: string): string {
  if (row.author === userId) return t('lastYou', { text });
  return row.author === 0 || !author ? t('lastPlain', { text }) : t('last', { name: author.name, text });
}

/** Exact up to three digits: the row's name is always. */
export function badgeText(counter: number): string {
  return counter > 999 ? '999+' : String(counter);
}
