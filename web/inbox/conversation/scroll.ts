/** Keeps in its place what the reader sees, whatever is added above, below, or grows late. */

/** Pixels from the end that still count as being there. */
export const NEAR_END = 50;
/** Pixels that stay above the line before what is new. */
const ABOVE_DIVIDER = 10;

export class Scroll {
  readonly #box: HTMLElement;
  /** Whether it stays at the end as messages come. */
  stuck = true;
  #anchor: { key: string; top: number } | undefined;
  #written = -1;

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  get distanceToEnd(): number {
    return this.#box.scrollHeight - this.#box.clientHeight - this.#box.scrollTop;
  }

  /** Notes where the reader is. To be called when they have scrolled. @returns whether they did so themselves */
  note(): boolean {
    const own = Math.abs(this.#box.scrollTop - this.#written) > 1;
    if (own) this.stuck = this.distanceToEnd <= NEAR_END;
    this.#take();
    return own;
  }

  #take(): void {
    const top = this.#box.getBoundingClientRect().top;
    for (const row of this.#box.querySelectorAll<HTMLElement>('[data-key]')) {
      const at = row.getBoundingClientRect();
      if (at.bottom <= top) continue;
      this.#anchor = { key: row.dataset['key']!, top: at.top - top };
      return;
    }
    this.#anchor = undefined;
  }

  /** Puts things back where they were. @param hold at the line before what is new, where nobody looks at what comes */
  restore(hold = false): void {
    if (this.stuck) return this.toEnd(hold);
    const row = this.#anchor && this.row(this.#anchor.key);
    if (!row) return this.#take();
    const moved = row.getBoundingClientRect().top - this.#box.getBoundingClientRect().top - this.#anchor!.top;
    if (Math.abs(moved) >= 0.5) this.#write(this.#box.scrollTop + moved);
  }

  toEnd(hold = false): void {
    this.stuck = true;
    const divider = hold ? this.#box.querySelector<HTMLElement>('.divider') : null;
    const end = this.#box.scrollHeight - this.#box.clientHeight;
    this.#write(divider ? Math.min(end, this.topOf(divider) - ABOVE_DIVIDER) : end);
    this.#take();
  }

  row(key: string): HTMLElement | null {
    return this.#box.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  /** Where something stands in all that can be scrolled. */
  topOf(element: HTMLElement): number {
    return element.getBoundingClientRect().top - this.#box.getBoundingClientRect().top + this.#box.scrollTop;
  }

  /** Shows a message in the middle, or the line before it near the top. */
  show(row: HTMLElement, align: 'center' | 'divider'): void {
    const divider = align === 'divider' ? (this.#box.querySelector<HTMLElement>('.divider') ?? row) : row;
    const top = align === 'divider' ? this.topOf(divider) - ABOVE_DIVIDER - DAY_HEIGHT : this.topOf(row) - Math.max(0, (this.#box.clientHeight - row.offsetHeight) / 2);
    this.#write(top);
    this.stuck = this.distanceToEnd <= 1;
    this.#take();
  }

  #write(top: number): void {
    this.#box.scrollTop = top;
    this.#written = this.#box.scrollTop;
  }

  /** The highest message of which half shows, or which fills half of what shows; 0 for none. */
  lastSeen(): number {
    const { top, bottom, height } = this.#box.getBoundingClientRect();
    let last = 0;
    for (const row of this.#box.querySelectorAll<HTMLElement>('[data-id]')) {
      const at = row.getBoundingClientRect();
      if (at.bottom <= top) continue;
      if (at.top >= bottom) break;
      const shown = Math.min(at.bottom, bottom) - Math.max(at.top, top);
      if (shown >= Math.min(at.height, height) / 2) last = Math.max(last, Number(row.dataset['id']));
    }
    return last;
  }
}

/** The day that sticks to the top lies over what is below it. */
const DAY_HEIGHT = 36;
