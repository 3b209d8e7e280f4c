/** Who has left which chat since a question who is a member: the answer may be older than the commit. */
import type { Changes } from '../../db/changes.ts';

export class Departures {
  /** One for each question under way. */
  readonly #open = new Set<Set<string>>();

  /** @returns grows until it is ended: `chat user` */
  begin(): ReadonlySet<string> {
    const departed = new Set<string>();
    this.#open.add(departed);
    return departed;
  }

  end(departed: ReadonlySet<string>): void {
    this.#open.delete(departed as Set<string>);
  }

  /** After a commit of this process. */
  note(changes: Changes): void {
    if (this.#open.size === 0 || !changes.has('chat.left')) return;
    const left = changes.entries().filter(({ what }) => what === 'chat.left');
    for (const departed of this.#open) for (const { chatId, subjectId } of left) departed.add(`${chatId} ${subjectId}`);
  }
}
