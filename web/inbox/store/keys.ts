/** Keys that work anywhere on the page, and Esc, which goes back one step at a time. */
import { signal } from '@preact/signals';
import { latinKey } from '../../lib/latin-key.ts';
import { stored } from '../../lib/stored.ts';

export interface Shortcut {
  /** As `KeyboardEvent.key` of a Latin keyboard: `k`, `ArrowDown`, `/`. */
  key: string;
  ctrl?: boolean;
  alt?: boolean;
  shift?: boolean;
  /** Not while somebody writes: those without Ctrl or Alt. */
  run(event: KeyboardEvent): void;
  /** What it does, for the page of keys. */
  help: () => string;
}

const shortcuts = new Set<Shortcut>();
const escapes: Array<(event: KeyboardEvent) => void> = [];
/** Whether keys without Ctrl or Alt do anything. */
export const singleKeys = signal(stored('keys') !== 'off');

export function addShortcut(shortcut: Shortcut): () => void {
  shortcuts.add(shortcut);
  return () => shortcuts.delete(shortcut);
}

export function allShortcuts(): Shortcut[] {
  return [...shortcuts];
}

/** Takes Esc until the returned function is called. The last one to come is asked first, and alone. */
export function pushEscape(run: (event: KeyboardEvent) => void): () => void {
  escapes.push(run);
  return () => {
    const at = escapes.lastIndexOf(run);
    if (at >= 0) escapes.splice(at, 1);
  };
}

/** Where text goes: letters are not for us. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function matches(shortcut: Shortcut, event: KeyboardEvent): boolean {
  const { key, ctrl = false, alt = false, shift } = shortcut;
  // ⌘ on a Mac is what Ctrl is elsewhere.
  if ((event.ctrlKey || event.metaKey) !== ctrl || event.altKey !== alt) return false;
  if (shift !== undefined && event.shiftKey !== shift) return false;
  return latinKey(event) === key || (ctrl && key === '/' && event.code === 'Slash');
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.key === 'Escape' && isPlain && escapes.length > 0) {
    event.preventDefault();
    escapes.at(-1)!(event);
    return;
  }
  for (const shortcut of shortcuts) {
    if (!matches(shortcut, event)) continue;
    if (!shortcut.ctrl && !shortcut.alt && (isWriting(event.target) || !singleKeys.peek())) continue;
    event.preventDefault();
    shortcut.run(event);
    return;
  }
});
