/** The rows: a listbox with one stop for Tab, of which only what is seen stands in the document. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { peekRow, view } from '../store/chats.ts';
import { goTo, openDialog } from '../store/route.ts';
import { loadMore } from '../store/sync.ts';
import { filter } from '../store/views.ts';
import { isCompact } from './density.ts';
import { Empty, Failed, Skeletons } from './list-states.tsx';
import { Pill } from './pill.tsx';
import { Row } from './row.tsx';
import { showRowMenu } from './row-menu.ts';
import { hands, lastMoved, newsAbove, shown, startSettling } from './settle.ts';
import { indexesOf, keptPlace, spanOf } from './window.ts';
import { t } from './words.ts';

const SLIDE_MS = 200;
/** After a leap over more than is seen only what is seen is drawn, until it has been quiet for so long. */
const LEAP_MS = 80;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 150;

/** The row that Tab leads to; empty for the open chat's, or else the first that is seen. */
const stop = signal('');

export function ListBody() {
  const box = useRef<HTMLDivElement>(null);
  const [, draw] = useState(0);
  const isLow = isCompact.value;
  const height = isLow ? 48 : 72;
  const place = useRef<Place>({ top: 0, viewport: 0, order: shown.peek(), view: view.peek() });
  const order = shown.value;
  useEffect(startSettling, []);
  useEffect(() => {
    const watching = new ResizeObserver(() => measure());
    watching.observe(box.current!);
    return () => watching.disconnect();
  }, []);
  const measure = (): void => {
    const { scrollTop, clientHeight } = box.current!;
    const before = place.current;
    const hasMoved = Math.floor(before.top / height) !== Math.floor(scrollTop / height) || before.viewport !== clientHeight;
    if (Math.abs(scrollTop - before.top) > clientHeight) leap(before, () => draw((count) => count + 1));
    before.top = scrollTop;
    before.viewport = clientHeight;
    if (scrollTop < height && newsAbove.peek().size > 0) newsAbove.value = new Set();
    if (hasMoved) draw((count) => count + 1);
  };
  useLayoutEffect(() => keepPlace(box.current!, place.current, order, height), [order, height]);
  const { top, viewport, leaping } = place.current;
  const span = spanOf(top, viewport || 800, height, order.length, leaping ? 0 : undefined);
  const kept = stopOf(order, Math.ceil(top / height));
  const { loading, complete } = view.value;
  const isWanting = !complete.value && loading.value === 'no' && order.length - span.to < AHEAD;
  useEffect(() => {
    if (isWanting && order.length > 0) void loadMore(view.peek());
  });
  const count = complete.value ? order.length : -1;
  return (
    <div class="list-frame" {...hands}>
      <Pill onShow={() => box.current!.scrollTo({ top: 0 })} />
      <div ref={box} class="list" onScroll={measure}>
        {order.length === 0 && loading.value === 'first' && <Skeletons height={height} compact={isLow} />}
        {order.length === 0 && loading.value === 'failed' && <Failed />}
        {order.length === 0 && loading.value === 'no' && complete.value && <Empty filter={filter.value} />}
        {order.length > 0 && (
          <div
            class="list-rows" role="listbox" aria-label={t('chats')} aria-busy={loading.value === 'first'} style={{ blockSize: `${order.length * height}px` }}
            onKeyDown={(event) => onKey(event, box.current!, order, height)} onClick={onClick} onContextMenu={onContextMenu} onFocusIn={onFocusIn}
          >
            {indexesOf(span, kept).map((index) => (
              <Row key={order[index]!} id={order[index]!} index={index} count={count} isStop={index === kept} compact={isLow} height={height} />
            ))}
          </div>
        )}
        {order.length > 0 && loading.value === 'more' && <div class="list-more">{t('loadingMore')}</div>}
        {order.length > 0 && loading.value === 'failed' && <Failed small />}
      </div>
    </div>
  );
}

interface Place {
  top: number;
  viewport: number;
  order: readonly string[];
  view: unknown;
  /** While it goes by leaps. */
  leaping?: ReturnType<typeof setTimeout> | undefined;
}

function leap(place: Place, drawAll: () => void): void {
  clearTimeout(place.leaping);
  place.leaping = setTimeout(() => {
    place.leaping = undefined;
    drawAll();
  }, LEAP_MS);
}

/** At the top rows slide to their places; further down what is seen stays where it is. */
function keepPlace(box: HTMLElement, place: Place, order: readonly string[], height: number): void {
  const before = place.order;
  const isOther = place.view !== view.peek();
  place.order = order;
  place.view = view.peek();
  if (before === order) return;
  if (isOther) {
    box.scrollTop = 0;
    return;
  }
  // By what was measured last: to ask now would draw rows in their new places before they can slide there, and lay out twice.
  const { top } = place;
  if (top < 1) return slide(box);
  const above = [...lastMoved].filter((id) => isAbove(order.indexOf(id), top, height));
  if (above.length > 0) newsAbove.value = new Set([...newsAbove.peek(), ...above]);
  const off = keptPlace(before, order, top, height, lastMoved) - top;
  if (off !== 0) box.scrollTop += off;
}

function isAbove(index: number, top: number, height: number): boolean {
  return index >= 0 && index * height < top;
}

function slide(box: HTMLElement): void {
  if (document.visibilityState !== 'visible' || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  box.classList.add('sliding');
  setTimeout(() => box.classList.remove('sliding'), SLIDE_MS);
}

/** Where Tab leads. */
function stopOf(order: readonly string[], firstSeen: number): number {
  for (const id of [stop.value, openDialog.value]) {
    const at = id === '' ? -1 : order.indexOf(id);
    if (at >= 0) return at;
  }
  return firstSeen < order.length ? firstSeen : -1;
}

const idOf = (target: EventTarget | null): string => (target as Element | null)?.closest<HTMLElement>('[data-id]')?.dataset['id'] ?? '';

function onFocusIn(event: FocusEvent): void {
  const id = idOf(event.target);
  if (id !== '') stop.value = id;
}

/** What is pressed is what is opened, whatever has moved meanwhile: moves wait while a button is down. */
function onClick(event: MouseEvent): void {
  const id = idOf(event.target);
  if (id === '') return;
  if ((event.target as Element).closest('[data-more]')) return showRowMenu(id, { x: event.clientX, y: event.clientY });
  goTo(id);
}

function onContextMenu(event: MouseEvent): void {
  const id = idOf(event.target);
  if (id === '') return;
  event.preventDefault();
  const row = document.getElementById(`row-${id}`)!;
  // The key for menus comes without a place.
  showRowMenu(id, event.clientX > 0 || event.clientY > 0 ? { x: event.clientX, y: event.clientY } : row.getBoundingClientRect());
}

function onKey(event: KeyboardEvent, box: HTMLElement, order: readonly string[], height: number): void {
  // Keys may come sooner than the focus follows.
  const id = idOf(event.target) && stop.peek();
  if (id === '' || event.altKey || event.ctrlKey || event.metaKey) return;
  const page = Math.max(1, Math.floor(box.clientHeight / height) - 1);
  const at = order.indexOf(id);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: order.length - 1, PageDown: at + page, PageUp: at - page }[event.key];
  if (to !== undefined) focusRow(box, order, Math.max(0, Math.min(order.length - 1, to)), height);
  else if (event.key === 'Enter' || (event.key === ' ' && !isTyping())) goTo(id);
  else if (event.key === 'F10' && event.shiftKey) showRowMenu(id, document.getElementById(`row-${id}`)!.getBoundingClientRect());
  else if (event.key.length !== 1 || !typeAhead(event.key, box, order, at, height)) return;
  event.preventDefault();
}

/** It stands in the document before it gets the focus. */
export function focusRow(box: HTMLElement, order: readonly string[], index: number, height: number): void {
  const id = order[index];
  if (id === undefined) return;
  stop.value = id;
  reveal(box, index, height);
  const row = document.getElementById(`row-${id}`);
  if (row) row.focus({ preventScroll: true });
  else requestAnimationFrame(() => document.getElementById(`row-${id}`)?.focus({ preventScroll: true }));
}

function reveal(box: HTMLElement, index: number, height: number): void {
  const [top, bottom] = [index * height, (index + 1) * height];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

const typed = { text: '', at: 0 };
const TYPED_MS = 700;

const isTyping = (): boolean => performance.now() - typed.at < TYPED_MS;

/** Letters that follow each other soon are the beginning of a name. */
function typeAhead(letter: string, box: HTMLElement, order: readonly string[], at: number, height: number): boolean {
  typed.text = (isTyping() ? typed.text : '') + letter.toLowerCase();
  typed.at = performance.now();
  const from = typed.text.length > 1 ? at : at + 1;
  for (let off = 0; off < order.length; off += 1) {
    const index = (from + off) % order.length;
    if (!peekRow(order[index]!)?.title.toLowerCase().startsWith(typed.text)) continue;
    focusRow(box, order, index, height);
    return true;
  }
  return false;
}
