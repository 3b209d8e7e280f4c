/**
 * The order that is shown. Rows change in place at once, but do not move under somebody's hands: moves wait while the pointer
 * works on the list, a button is down, a menu is open or keys have just been used. Own sends and pins move at once.
 */
import { computed, effect, signal, untracked } from '@preact/signals';
import { openMenu } from '../../lib/menu.tsx';
import { view, watchRisen } from '../store/chats.ts';

const POINTER_MS = 1500;
const KEY_MS = 3000;

let pointerUntil = 0;
let keyUntil = 0;
let isOver = false;
let timer: ReturnType<typeof setTimeout> | undefined;

const buttonDown = signal(false);
/** Until when hands are on the list, milliseconds; looked at again then. */
const busyUntil = signal(0);
const isHeld = computed(() => buttonDown.value || openMenu.value !== undefined || busyUntil.value > 0);

/** What is shown. */
export const shown = signal<readonly string[]>([]);
/** Rows that have come to the top and are not shown there yet. */
export const risen = signal<ReadonlySet<string>>(new Set());
/** Rows that are further up than what is seen, with news: counted by the pill until somebody looks. */
export const newsAbove = signal<ReadonlySet<string>>(new Set());
/** Rows that moved with the last change: whoever keeps the place of a row does not keep it by these. */
export let lastMoved: ReadonlySet<string> = new Set();
let shownView = view.peek();

/** Begins: the list is there. */
export function startSettling(): () => void {
  watchRisen((ids, own) => {
    if (ids.length > 0) risen.value = new Set([...risen.peek(), ...ids]);
    if (own.length > 0) queueMicrotask(() => own.forEach(lift));
  });
  const end = effect(() => {
    const [current, held] = [view.value, isHeld.value];
    const order = current.order.value;
    untracked(() => {
      if (!held || current !== shownView || shown.peek().length === 0) settle(order);
      shownView = current;
    });
  });
  // After the click that follows: it is for what was pressed.
  const up = (): void => {
    setTimeout(() => {
      buttonDown.value = false;
    });
  };
  addEventListener('pointerup', up);
  addEventListener('pointercancel', up);
  return () => {
    end();
    removeEventListener('pointerup', up);
    removeEventListener('pointercancel', up);
  };
}

function settle(order: readonly string[]): void {
  lastMoved = new Set(risen.peek());
  if (risen.peek().size > 0) risen.value = new Set();
  shown.value = order;
}

/** Somebody wants to see what has happened. */
export function release(): void {
  pointerUntil = keyUntil = 0;
  look();
  settle(view.peek().order.peek());
}

/** One row goes where it belongs, at once; the others wait. */
export function lift(id: string): void {
  if (buttonDown.peek()) return;
  const order = view.peek().order.peek();
  const place = new Map(order.map((each, index) => [each, index]));
  const at = place.get(id);
  if (at === undefined) return;
  const others = shown.peek().filter((each) => each !== id);
  const before = others.findIndex((each) => (place.get(each) ?? -1) > at);
  lastMoved = new Set([id]);
  shown.value = before < 0 ? [...others, id] : [...others.slice(0, before), id, ...others.slice(before)];
}

function look(): void {
  clearTimeout(timer);
  const now = performance.now();
  const until = Math.max(isOver ? pointerUntil : 0, keyUntil);
  if (until <= now) busyUntil.value = 0;
  else {
    busyUntil.value = until;
    timer = setTimeout(look, until - now + 1);
  }
}

/** For the list's element. */
export const hands = {
  onPointerMove(): void {
    isOver = true;
    pointerUntil = performance.now() + POINTER_MS;
    if (busyUntil.peek() === 0) look();
  },
  onPointerLeave(): void {
    isOver = false;
    look();
  },
  onPointerDown(): void {
    buttonDown.value = true;
  },
  /** Keys count from when they reach the list. */
  onKeyDownCapture(): void {
    keyUntil = performance.now() + KEY_MS;
    look();
  },
};
