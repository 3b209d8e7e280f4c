/** The messages of a dialog of the other portal, the oldest first, in pages. */
import type { HistoryPage } from './shapes.ts';
import { historyShape } from './shapes.ts';
import type { Source } from './source.ts';

const ON_A_PAGE = 50;
/** What is kept of one dialog on the way back through it, characters: of more the way is gone a second time, forwards. */
const KEPT_CHARACTERS = 2_000_000;

export interface Stretch {
  dialogId: string;
  /** The last message that has come already; 0 for none. */
  after: number;
  /** The last one that is wanted: what comes later is of the next time. */
  upTo: number;
  /** Of a dialog of which none has come: so many of the last at most, and none from before a date (milliseconds). */
  most: number;
  since: number;
}

/** Reads upwards, since what is written is numbered in the order in which it is written. */
export async function* pagesOf(source: Source, stretch: Stretch): AsyncGenerator<HistoryPage> {
  if (stretch.after > 0) return yield* upwards(source, stretch, stretch.after);
  const { pages, whole } = await downwards(source, stretch);
  for (const page of pages.reverse()) yield page;
  const highest = pages.at(-1)?.messages.at(-1)?.id;
  if (!whole && highest !== undefined) yield* upwards(source, stretch, highest);
}

async function* upwards(source: Source, { dialogId, upTo }: Stretch, from: number): AsyncGenerator<HistoryPage> {
  for (let after = from; after < upTo; ) {
    const page = await source.ask('im.dialog.messages.get', { DIALOG_ID: dialogId, LIMIT: ON_A_PAGE, FIRST_ID: after }, historyShape);
    const part = between(page, after, upTo);
    if (part.messages.length === 0) return;
    yield part;
    after = part.messages.at(-1)!.id;
  }
}

/** Goes back as far as is wanted. @returns the pages, the newest first; where they were too many only the oldest */
async function downwards(source: Source, { dialogId, upTo, most, since }: Stretch): Promise<{ pages: HistoryPage[]; whole: boolean }> {
  let pages: HistoryPage[] = [];
  let [below, wanted, characters, whole] = [Infinity, most, 0, true];
  while (wanted > 0) {
    const cursor = below === Infinity ? {} : { LAST_ID: below };
    const page = await source.ask('im.dialog.messages.get', { DIALOG_ID: dialogId, LIMIT: ON_A_PAGE, ...cursor }, historyShape);
    const older = page.messages.filter(({ id }) => id < below);
    if (older.length === 0) break;
    below = Math.min(...older.map(({ id }) => id));
    const part = between(page, 0, upTo, ({ date, id }) => date >= since && older.some((message) => message.id === id));
    const late = part.messages.length === older.filter(({ id }) => id <= upTo).length;
    part.messages = part.messages.slice(-wanted);
    wanted -= part.messages.length;
    characters += part.messages.reduce((sum, { text, params }) => sum + text.length + JSON.stringify(params).length, 0);
    if (characters > KEPT_CHARACTERS && pages.length > 0) [pages, whole] = [[], false];
    if (part.messages.length > 0) pages.push(part);
    if (!late) break;
  }
  return { pages, whole };
}

/** The messages of a page between two, each once and in the order of their numbers. */
function between(page: HistoryPage, after: number, upTo: number, fits: (message: HistoryPage['messages'][number]) => boolean = () => true): HistoryPage {
  const each = new Map(page.messages.filter((message) => message.id > after && message.id <= upTo && fits(message)).map((message) => [message.id, message]));
  return { ...page, messages: [...each.values()].sort((a, b) => a.id - b.id) };
}
