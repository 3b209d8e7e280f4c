/** What the page knows of a dialog's messages, however answers and events come between each other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asked, type History, lastIdOf, withPage, withWindow } from '../../../web/inbox/conversation/history.ts';
import { Known } from '../../../web/inbox/conversation/known.ts';
import type { Message } from '../../../web/inbox/conversation/message.ts';
import { runs } from '../../support/runs.ts';

const LIMIT = 4;

const message = (id: number, text: string): Message => (
  { id, text, chatId: 1, authorId: 2, at: id, uuid: '', params: {}, forward: null, reactions: {}, edited: false, deleted: false }
);

/** A dialog on the server, a page that shows it, and what is under way between the two. */
class Scene {
  readonly known = new Known();
  readonly all = new Map<number, Message>();
  #serial = 0;
  #answers: Array<() => Promise<void>> = [];
  #events: Array<(known: Known) => void> = [];
  #asked: Array<Promise<void>> = [];

  constructor(messages: number) {
    for (let at = 0; at < messages; at += 1) this.add(false);
  }

  get #ids(): number[] {
    return [...this.all.keys()].sort((a, b) => a - b);
  }

  add(tells = true): void {
    const made = message(++this.#serial, 'first');
    this.all.set(made.id, made);
    if (tells) this.#events.push((known) => known.arrived(made));
  }

  edit(pick: number, text: string): void {
    const id = this.#ids[pick % this.all.size];
    if (id === undefined) return;
    this.all.set(id, { ...this.all.get(id)!, text });
    // What tells of an edit says nothing of reactions.
    this.#events.push((known) => known.changed(message(id, text)));
  }

  react(pick: number): void {
    const id = this.#ids[pick % this.all.size];
    if (id === undefined) return;
    const reactions = { like: [++this.#serial + 100] };
    this.all.set(id, { ...this.all.get(id)!, reactions });
    this.#events.push((known) => known.reacted(id, reactions));
  }

  erase(pick: number): void {
    const id = this.#ids[pick % this.all.size];
    if (id === undefined) return;
    this.all.delete(id);
    this.#events.push((known) => known.erased(id));
  }

  /** The stream ends, and what it would have told is lost; whoever begins anew loads the end again. */
  lose(): void {
    this.#events = [];
    this.known.interrupted();
    this.ask({ newest: true });
  }

  /** The server answers as it is at this moment; the answer comes when it is let through. */
  ask(asked: Asked): void {
    this.#request(() => this.#page(asked), (page) => {
      if ('newest' in asked) this.known.renew();
      this.known.history.value = withPage(this.known.history.value, page, asked, page.length < ('newest' in asked ? LIMIT : 1));
    });
  }

  /** Around a message, as where one jumps to it. */
  jump(pick: number): void {
    const ids = this.#ids;
    const id = ids[pick % ids.length] ?? 0;
    this.#request(() => [...this.#page({ before: id }), ...ids.filter((one) => one >= id).slice(0, LIMIT).map((one) => this.all.get(one)!)], (around) => {
      this.known.history.value = withWindow(this.known.history.value, around, false, false);
    });
  }

  #request(read: () => Message[], take: (page: Message[]) => void): void {
    const request = () => new Promise<Message[]>((resolve) => {
      const answer = read();
      this.#answers.push(async () => resolve(answer));
    });
    this.#asked.push(this.known.ask(request, take));
  }

  #page(asked: Asked): Message[] {
    const ids = this.#ids;
    const chosen = 'newest' in asked ? ids.slice(-LIMIT) : 'before' in asked ? ids.filter((id) => id < asked.before).slice(-LIMIT) : ids.filter((id) => id > asked.after).slice(0, LIMIT);
    return chosen.map((id) => this.all.get(id)!);
  }

  async answer(pick: number): Promise<void> {
    await this.#answers.splice(pick % this.#answers.length, 1)[0]?.();
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
  }

  tell(): void {
    this.#events.shift()?.(this.known);
  }

  async settle(): Promise<void> {
    while (this.#events.length > 0) this.tell();
    while (this.#answers.length > 0) await this.answer(0);
    await Promise.all(this.#asked);
  }
}

/** Every window is what the server has from its first message to its last, and one that claims the end has it. */
function expectTrue(history: History, all: ReadonlyMap<number, Message>): void {
  const server = [...all.values()].sort((a, b) => a.id - b.id);
  for (const { messages, atEnd, atStart } of history) {
    const [first, last] = [atStart ? 0 : (messages[0]?.id ?? 0), atEnd ? Infinity : (messages.at(-1)?.id ?? 0)];
    expect(messages).toEqual(server.filter(({ id }) => first <= id && id <= last));
  }
}

const number = fc.nat({ max: 30 });
const step = fc.oneof(
  fc.record({ what: fc.constantFrom('add', 'add', 'tell', 'tell', 'lose') }),
  fc.record({ what: fc.constantFrom('edit', 'react', 'erase', 'jump', 'answer', 'answer', 'newest', 'older', 'newer'), pick: number }),
);

test('in whatever order answers and events come, what is known in the end is what the server has, without a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 12 }), fc.array(step, { maxLength: 60 }), async (messages, steps) => {
      const scene = new Scene(messages);
      const { known } = scene;
      scene.ask({ newest: true });
      for (const each of steps) {
        const pick = 'pick' in each ? each.pick : 0;
        const windows = known.history.peek().filter((window) => window.messages.length > 0);
        const window = windows[pick % windows.length];
        if (each.what === 'add') scene.add();
        else if (each.what === 'tell') scene.tell();
        else if (each.what === 'lose') scene.lose();
        else if (each.what === 'edit') scene.edit(pick, `edit ${pick}`);
        else if (each.what === 'react') scene.react(pick);
        else if (each.what === 'erase') scene.erase(pick);
        else if (each.what === 'jump') scene.jump(pick);
        else if (each.what === 'answer') await scene.answer(pick);
        else if (each.what === 'newest') scene.ask({ newest: true });
        else if (window && each.what === 'older') scene.ask({ before: window.messages[0]!.id });
        else if (window) scene.ask({ after: window.messages.at(-1)!.id });
      }
      await scene.settle();
      scene.ask({ newest: true });
      await scene.settle();
      expectTrue(known.history.peek(), scene.all);
      expect(lastIdOf(known.history.peek())).toBe(Math.max(0, ...scene.all.keys()));
    }),
    { numRuns: runs(600) },
  );
});
