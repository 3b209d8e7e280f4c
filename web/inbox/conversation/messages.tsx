/** The messages of the open dialog: as many as are needed around where the reader is, and more as they scroll. */
import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { lazy } from '../../lib/lazy.tsx';
import { daysBetween, format, today } from '../../lib/time.ts';
import { userId as me } from '../../lib/told.ts';
import { typingIn } from '../store/typing.ts';
import { draftedFiles } from './echo-files.tsx';
import { isPrivate } from './card.ts';
import { find } from './history.ts';
import { fileIdsOf, type FileInfo, type Message, repliedTo } from './message.ts';
import { EchoRow, MessageRow, type RowActions, ServiceRow } from './message-row.tsx';
import { echoesOf } from './outgoing.ts';
import { type Day, daysOf, type Row } from './rows.ts';
import { Scroll } from './scroll.ts';
import { boundsOf, firstSlice, widened } from './slice.ts';
import type { Talk } from './talk.ts';
import { atEnd, isLooking } from './talks.ts';
import { uploadsOf } from './uploads.ts';
import { t } from './words.ts';

const UploadRow = lazy(() => import('./upload-row.tsx'), 'UploadRow');

/** Pixels before an end at which more is drawn or loaded. */
const MARGIN = 900;
/** How long a message that was gone to is marked, in milliseconds. */
const MARKED_MS = 1600;

export interface MessagesProps {
  talk: Talk;
  mayWrite: boolean;
  actions: RowActions;
}

export function Messages({ talk, mayWrite, actions }: MessagesProps) {
  const box = useRef<HTMLDivElement>(null);
  const scroll = useRef<Scroll | undefined>(undefined);
  const [away, setAway] = useState(false);
  const [marked, setMarked] = useState(0);
  const shown = useShown(talk);
  const { days, isEnd } = shown;

  useLayoutEffect(() => {
    scroll.current = new Scroll(box.current!);
    const grown = new ResizeObserver(() => scroll.current!.restore(!isLooking()));
    grown.observe(box.current!);
    grown.observe(box.current!.firstElementChild!);
    return () => grown.disconnect();
  }, []);

  useLayoutEffect(() => {
    const target = talk.target.peek();
    const row = target && box.current!.querySelector<HTMLElement>(`[data-id="${target.id}"]`);
    if (target && row) {
      scroll.current!.show(row, target.align);
      talk.target.value = undefined;
      if (target.align === 'center') setMarked(target.id);
    } else if (isEnd || !scroll.current!.stuck) scroll.current!.restore(!isLooking());
    else scroll.current!.stuck = false;
    settle();
    // As long as what is near is not drawn yet.
    if (!scroll.current!.stuck) widen(talk, box.current!);
  });

  useEffect(() => {
    if (marked === 0) return undefined;
    const timer = setTimeout(() => setMarked(0), MARKED_MS);
    return () => clearTimeout(timer);
  }, [marked]);

  useEffect(() => attentive(() => talk.reader.look()), [talk]);
  useEffect(() => () => {
    talk.reader.flush();
    if (atEnd.dialogId === talk.dialogId) atEnd.dialogId = '';
  }, [talk]);
  useOwnSends(talk, () => {
    scroll.current!.stuck = true;
    void talk.toEnd();
  });

  /** What follows from where the reader is. */
  function settle(): void {
    const at = scroll.current!;
    const end = isEnd && at.stuck;
    atEnd.dialogId = end ? talk.dialogId : atEnd.dialogId === talk.dialogId ? '' : atEnd.dialogId;
    if (away === end) setAway(!end);
    if (end && isLooking() && talk.below.peek() > 0) talk.below.value = 0;
    if (talk.state.peek() === 'ready' && !talk.target.peek()) talk.reader.shows(at.lastSeen());
  }

  const onScroll = () => {
    const moved = scroll.current!.note();
    settle();
    if (moved) widen(talk, box.current!);
  };

  const focus = useFocus(talk, box, days, actions);
  return (
    <div class="messages-frame">
      <div ref={box} class="messages" onScroll={onScroll} onKeyDown={focus.onKeyDown} onFocusIn={focus.onFocusIn} role="group" aria-label={t('messages')} aria-busy={talk.busy.value.size > 0}>
        <div class="column">
          <Edge talk={talk} side="older" />
          {days.map((day) => <DayOf key={day.key} day={day} talk={talk} stop={focus.stop} marked={marked} mayWrite={mayWrite} actions={actions} />)}
          {isEnd ? uploadsOf(talk.dialogId).value.map((upload) => <UploadRow key={upload.key} upload={upload} />) : <Edge talk={talk} side="newer" />}
          <Typing dialogId={talk.dialogId} />
        </div>
      </div>
      {away && <ToEnd talk={talk} onGo={() => {
        if (isEnd) scroll.current!.toEnd();
        else scroll.current!.stuck = true;
        void talk.toEnd();
      }} />}
    </div>
  );
}

/** What of the history is drawn. */
function useShown(talk: Talk): { days: Day[]; isEnd: boolean } {
  const echoes = echoesOf(talk.dialogId).value;
  const [history, slice, dividerId] = [talk.history.value, talk.slice.value, talk.divider.value];
  return useMemo(() => {
    const window = talk.shownWindow;
    const messages = window?.messages ?? [];
    const [from, to] = boundsOf(messages, slice);
    const isEnd = to >= messages.length && (window === undefined || window.atEnd || window === history.at(-1));
    return { isEnd, days: daysOf({ messages: messages.slice(from, to), echoes: isEnd ? echoes : [], me, dividerId }) };
  }, [history, slice, dividerId, echoes]);
}

/** Draws more, or loads it, before the reader comes to an end. */
function widen(talk: Talk, box: HTMLElement): void {
  const window = talk.shownWindow;
  if (!window || window.messages.length === 0) return;
  const [from, to] = boundsOf(window.messages, talk.slice.value);
  if (box.scrollTop < MARGIN) {
    if (from > 0) talk.slice.value = widened(window.messages, talk.slice.value, 'older', window.atEnd);
    else if (!window.atStart && !talk.failed.peek().has('older')) void talk.more('older');
  } else if (box.scrollHeight - box.clientHeight - box.scrollTop < MARGIN) {
    if (to < window.messages.length) talk.slice.value = widened(window.messages, talk.slice.value, 'newer', window.atEnd);
    else if (window.atEnd && talk.slice.value.around !== 'end') talk.slice.value = { ...firstSlice, from: window.messages[from]!.id };
    else if (!window.atEnd && !talk.failed.peek().has('newer')) void talk.more('newer');
  }
}

/** Calls back whenever the reader may look again. */
function attentive(look: () => void): () => void {
  addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
  return () => {
    removeEventListener('focus', look);
    document.removeEventListener('visibilitychange', look);
  };
}

/** An own message leads to the end, and what was new is then read. */
function useOwnSends(talk: Talk, go: () => void): void {
  const newest = useComputed(() => echoesOf(talk.dialogId).value.at(-1)?.uuid ?? '');
  const before = useRef(newest.peek());
  useSignalEffect(() => {
    const uuid = newest.value;
    if (uuid !== '' && uuid !== before.current) {
      talk.divider.value = 0;
      go();
    }
    if (uuid !== '') before.current = uuid;
  });
}

function DayOf({ day, talk, stop, marked, mayWrite, actions }: { day: Day; talk: Talk; stop: string; marked: number; mayWrite: boolean; actions: RowActions }) {
  return (
    <section class="day">
      <h3 class="day-name"><span>{dayName(day.at)}</span></h3>
      {day.rows.map((row) => <RowOf key={row.key} row={row} talk={talk} stop={stop === row.key} marked={marked} mayWrite={mayWrite} actions={actions} />)}
    </section>
  );
}

function dayName(at: number): string {
  const days = daysBetween(at, today.value);
  if (days <= 0) return t('today');
  if (days === 1) return t('yesterday');
  if (days < 7) return format('longWeekday', at);
  return format(new Date(at).getFullYear() === new Date(today.value).getFullYear() ? 'day' : 'date', at);
}

const NO_FILES: readonly FileInfo[] = [];

function RowOf({ row, talk, stop, marked, mayWrite, actions }: { row: Row; talk: Talk; stop: boolean; marked: number; mayWrite: boolean; actions: RowActions }) {
  if (row.kind === 'divider') return <div class="divider" role="separator" aria-label={t('unreadLine')}><span>{t('unreadLine')}</span></div>;
  if (row.kind === 'service') return <ServiceRow message={row.message} stop={stop} />;
  if (row.kind === 'echo') {
    const { echo, first, last } = row;
    return <EchoRow echo={echo} first={first} last={last} answered={answeredBy(talk, echo.replyId)} files={echo.fileIds.length > 0 ? draftedFiles(echo.uuid, echo.fileIds.length) : undefined} actions={actions} />;
  }
  const { message, own, first, last } = row;
  return (
    <MessageRow
      message={message} own={own} first={first} last={last} stop={stop} grouped={!isPrivate(talk.dialogId)} marked={marked === message.id} seen={own && talk.receipts.highest.value >= message.id}
      answered={answeredBy(talk, repliedTo(message))} files={filesOf(talk, message)} mayWrite={mayWrite} actions={actions}
    />
  );
}

const answeredBy = (talk: Talk, id: number): Message | undefined => (id > 0 ? (find(talk.history.value, id) ?? talk.quoted(id)) : undefined);

/** The same list for the same message, so that its row is not drawn anew. */
const knownFiles = new WeakMap<Message, readonly FileInfo[]>();

function filesOf(talk: Talk, message: Message): readonly FileInfo[] {
  const ids = fileIdsOf(message);
  if (ids.length === 0) return NO_FILES;
  const known = knownFiles.get(message);
  if (known?.length === ids.length) return known;
  const files = ids.flatMap((id) => talk.files.get(id) ?? []);
  knownFiles.set(message, files);
  return files;
}

function Edge({ talk, side }: { talk: Talk; side: 'older' | 'newer' }) {
  if (talk.failed.value.has(side)) {
    return <p class="edge" role="alert">{t('moreFailed')} <button type="button" class="button" onClick={() => void talk.more(side)}>{t('retry')}</button></p>;
  }
  return talk.busy.value.has(side) ? <p class="edge"><span class="spinner" role="img" aria-label={t('loading')} /></p> : null;
}

function Typing({ dialogId }: { dialogId: string }) {
  const typing = typingIn(dialogId).value ?? [];
  const text = typing.length === 0 ? '' : typing.length === 1 ? t('typesOne', { name: typing[0]!.name }) : t('typesMany', { n: typing.length });
  return <p class={text ? 'types on' : 'types'} aria-hidden="true"><span class="type-dots"><i /><i /><i /></span><bdi>{text}</bdi></p>;
}

function ToEnd({ talk, onGo }: { talk: Talk; onGo: () => void }) {
  const n = talk.below.value;
  return (
    <button type="button" class="to-end" onClick={onGo} aria-label={n > 0 ? t('newBelow', { n }) : t('toEnd')} title={t('toEnd')}>
      {n > 0 && <span class="end-badge" aria-hidden="true">{n > 999 ? '999+' : n}</span>}
      <Icon name="down" />
    </button>
  );
}

/** Arrows move among the messages, of which Tab reaches one. */
function useFocus(talk: Talk, box: { current: HTMLDivElement | null }, days: readonly Day[], actions: RowActions) {
  const [chosen, setChosen] = useState('');
  const keys = days.flatMap(({ rows }) => rows.filter(({ kind }) => kind === 'message' || kind === 'service').map(({ key }) => key));
  const stop = keys.includes(chosen) ? chosen : (keys.at(-1) ?? '');
  const go = (key: string | undefined) => {
    const row = key === undefined ? null : box.current!.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  };
  const onFocusIn = (event: FocusEvent) => {
    const key = (event.target as Element).closest<HTMLElement>('[data-key]')?.dataset['key'];
    if (key && key !== chosen) setChosen(key);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target as HTMLElement;
    if (!row.dataset['key'] || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = keys.indexOf(row.dataset['key']);
    const message = find(talk.history.peek(), Number(row.dataset['id']));
    const moves: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: keys.length - 1 };
    const to = moves[event.key];
    if (to !== undefined) go(keys[Math.max(0, Math.min(keys.length - 1, to))]);
    else if (message && (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey) || event.key === 'Enter')) actions.menu(message, row);
    else return;
    event.preventDefault();
  };
  return { stop, onFocusIn, onKeyDown };
}
