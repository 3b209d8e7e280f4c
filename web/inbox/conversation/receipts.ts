/** How far the others have read. */
import { computed, type Signal, signal } from '@preact/signals';
import type { Reader } from './card.ts';

export interface Receipt {
  upTo: number;
  date: string | null;
}

export class Receipts {
  readonly byUser: Signal<ReadonlyMap<number, Receipt>> = signal(new Map());
  /** The highest message that any other has read. */
  readonly highest = computed(() => Math.max(0, ...[...this.byUser.value.values()].map(({ upTo }) => upTo)));

  take(readers: readonly Reader[]): void {
    const before = this.byUser.peek();
    this.byUser.value = new Map(readers.map(({ user_id: id, message_id: upTo, date }) => {
      const known = before.get(id);
      // It may be from before what was told meanwhile.
      return [id, known && known.upTo > upTo ? known : { upTo, date }];
    }));
  }

  /** Never back. */
  saw(userId: number, upTo: number, date: string | null = null): void {
    if ((this.byUser.value.get(userId)?.upTo ?? 0) < upTo) this.byUser.value = new Map(this.byUser.value).set(userId, { upTo, date });
  }
}
