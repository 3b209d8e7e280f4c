/** A menu that pops up: arrows, Home, End, first letters, Enter, Esc. Focus goes back to where it was. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons.tsx';
import './menu.css';

export interface MenuItem {
  text: string;
  icon?: IconName;
  /** Where it leads, for a link. */
  href?: string;
  danger?: boolean;
  /** For one of several choices: whether it is the chosen one. */
  checked?: boolean;
  run?(): void;
}

/** A line between groups, with what the group is about, if anything. */
export type MenuEntry = MenuItem | { group: string } | undefined | false;

interface Open {
  label: string;
  entries: readonly MenuEntry[];
  at: { x: number; y: number } | DOMRect;
  before: Element | null;
}

/** The menu that is open, of the whole page. */
export const openMenu = signal<Open | undefined>(undefined);

/** @param at a point, or the box of the button that it belongs to */
export function popUp(label: string, entries: readonly MenuEntry[], at: { x: number; y: number } | DOMRect): void {
  openMenu.value = { label, entries, at, before: document.activeElement };
}

export function closeMenu(): void {
  const { before } = openMenu.peek() ?? {};
  openMenu.value = undefined;
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
}

/** Stands once in the page. */
export function Menus() {
  const open = openMenu.value;
  return open ? <Menu key={open.label} {...open} /> : null;
}

function Menu({ label, entries, at }: Open) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place(box.current!, at), [at]);
  useEffect(() => {
    (itemsOf(box.current!).find((item) => item.getAttribute('aria-checked') === 'true') ?? itemsOf(box.current!)[0])?.focus();
  }, []);
  return (
    <div class="menu-shade" onPointerDown={(event) => event.target === event.currentTarget && closeMenu()} onContextMenu={(event) => event.preventDefault()}>
      <div ref={box} class="menu" role="menu" aria-label={label} onKeyDown={(event) => move(event, box.current!)}>
        {entries.map((entry) => entry && ('group' in entry ? <Divider text={entry.group} /> : <Item {...entry} />))}
      </div>
    </div>
  );
}

function Divider({ text }: { text: string }) {
  return <div class="menu-group" role="separator" aria-label={text || undefined}>{text}</div>;
}

function Item({ text, icon, href, danger, checked, run }: MenuItem) {
  const choose = (): void => {
    closeMenu();
    run?.();
  };
  const content = <><span class="menu-icon">{icon && <Icon name={icon} size={18} />}</span><span class="menu-text">{text}</span>{checked && <Icon name="check" size={18} />}</>;
  const shared = { class: danger ? 'menu-item danger' : 'menu-item', tabIndex: -1 };
  if (href !== undefined) return <a {...shared} role="menuitem" href={href} onClick={closeMenu}>{content}</a>;
  if (checked === undefined) return <button type="button" {...shared} role="menuitem" onClick={choose}>{content}</button>;
  return <button type="button" {...shared} role="menuitemradio" aria-checked={checked} onClick={choose}>{content}</button>;
}

function itemsOf(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>('.menu-item')];
}

function move(event: KeyboardEvent, box: HTMLElement): void {
  const items = itemsOf(box);
  const now = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Escape' || event.key === 'Tab') closeMenu();
  else if (to !== undefined) items.at(to % items.length)?.focus();
  else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) startingWith(items, now, event.key)?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function startingWith(items: readonly HTMLElement[], after: number, letter: string): HTMLElement | undefined {
  const turned = [...items.slice(after + 1), ...items.slice(0, after + 1)];
  return turned.find((item) => item.textContent!.trim().toLowerCase().startsWith(letter.toLowerCase()));
}

const EDGE = 8;

/** Where there is room for it. */
function place(box: HTMLElement, at: { x: number; y: number } | DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = 'bottom' in at ? at.bottom + 4 : at.y;
  const above = ('bottom' in at ? at.top - 4 : at.y) - height;
  const top = below + height + EDGE <= innerHeight ? below : Math.max(EDGE, above);
  box.style.insetBlockStart = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
  box.style.left = `${Math.max(EDGE, Math.min(at.x, innerWidth - width - EDGE))}px`;
}
