/** A row of the list. It is drawn anew when something of it changes, not when others do. */
import { Avatar } from '../../lib/avatar.tsx';
import { Icon } from '../../lib/icons.tsx';
import { listTime } from '../../lib/time.ts';
import { userId } from '../../lib/told.ts';
import { rowOf } from '../store/chats.ts';
import { draftOf } from '../store/drafts.ts';
import { echoOf } from '../store/echo.ts';
import { mentionsIn } from '../store/mentions.ts';
import { isOnline, userOf } from '../store/people.ts';
import { openDialog } from '../store/route.ts';
import type { Row as RowData } from '../store/row.ts';
import { typingIn } from '../store/typing.ts';
import { type Around, badgeText, nameOf, type Preview, previewOf } from './preview.ts';

export interface RowProps {
  id: string;
  /** Among all rows, from 0. */
  index: number;
  /** How many rows there are; -1 where that is not known. */
  count: number;
  /** Whether Tab leads here. */
  isStop: boolean;
  compact: boolean;
  /** Pixels. */
  height: number;
}

export function Row({ id, index, count, isStop, compact, height }: RowProps) {
  const row = rowOf(id).value;
  const isOpen = openDialog.value === id;
  if (!row) return null;
  const around: Around = {
    writers: typingIn(id).value ?? [],
    draft: draftOf(id).value ?? '',
    echo: echoOf(id).value,
    author: row.author > 0 ? userOf(row.author).value : undefined,
    mentions: mentionsIn(id).value?.length ?? 0,
    isOpen,
  };
  const online = row.kind === 'user' && isOnline(Number(id));
  return (
    <div
      class={rowClass(row, isOpen, compact)} id={`row-${id}`} data-id={id} role="option" aria-selected={isOpen}
      aria-posinset={index + 1} aria-setsize={count} tabIndex={isStop ? 0 : -1} style={{ transform: `translateY(${index * height}px)` }}
    >
      <span class="hidden-text row-name">{nameOf(row, around, online)}</span>
      <span class="row-avatar" aria-hidden="true">
        <Avatar name={row.title} src={row.avatar} color={row.color} id={row.chatId} size={compact ? 32 : 48} />
        {online && <span class="row-online" />}
      </span>
      <span class="row-text" aria-hidden="true">
        <span class="row-line">
          {row.kind === 'channel' && <span class="row-kind"><Icon name="channel" size={16} /></span>}
          <bdi class="row-title">{row.title}</bdi>
          {row.muted && <span class="row-sign"><Icon name="muted" size={16} /></span>}
          <When row={row} around={around} />
        </span>
        <span class="row-line">
          <PreviewLine preview={previewOf(row, around)} />
          <Signs row={row} mentions={around.mentions} />
        </span>
      </span>
      <span class="row-more" data-more aria-hidden="true" />
    </div>
  );
}

function rowClass(row: RowData, isOpen: boolean, compact: boolean): string {
  return ['row', compact && 'compact', isOpen && 'open', (row.counter > 0 || row.unread) && 'unread', row.muted && 'silent'].filter(Boolean).join(' ');
}

/** When the last message came, and of an own one how far it has come. */
function When({ row, around: { echo } }: { row: RowData; around: Around }) {
  if (echo) return <span class={`row-when ${echo.state}`}><Icon name={echo.state === 'failed' ? 'failed' : 'clock'} size={16} /></span>;
  if (row.messageId === 0) return null;
  const isOwn = row.author === userId && row.id !== String(userId);
  return (
    <span class="row-when">
      {isOwn && <span class={row.seen ? 'row-ticks seen' : 'row-ticks'}><Icon name={row.seen ? 'checks' : 'check'} size={16} /></span>}
      {listTime(row.at)}
    </span>
  );
}

function PreviewLine({ preview }: { preview: Preview }) {
  if (preview.kind === 'typing') return <span class="row-preview typing"><Dots />{preview.text}</span>;
  if (preview.kind === 'none') return <span class="row-preview none">{preview.text}</span>;
  const { kind, lead, text } = preview;
  const colon = kind === 'message' || kind === 'echo' ? ': ' : ' ';
  return <span class={`row-preview ${kind}`}>{lead !== '' && <span class="row-lead"><bdi>{lead}</bdi>{colon}</span>}<bdi dir="auto">{text}</bdi></span>;
}

function Dots() {
  return <span class="dots" aria-hidden="true"><i /><i /><i /></span>;
}

/** Where there is room for few: mention before count before mark before pin. */
function Signs({ row, mentions }: { row: RowData; mentions: number }) {
  if (row.counter > 0) return <>{mentions > 0 && <span class="badge mention"><Icon name="at" size={14} /></span>}<span class={mentions > 0 ? 'badge loud' : 'badge'}>{badgeText(row.counter)}</span></>;
  if (row.unread) return <span class="badge dot" />;
  if (row.reminder) return <span class="row-sign"><Icon name="bell" size={16} /></span>;
  return row.pinned ? <span class="row-sign"><Icon name="pin" size={16} /></span> : null;
}
