import { parseContent, shape, someOf, word } from '../posting/content.ts';
import type { Button } from '../views/notification-view.ts';

const MOST_BUTTONS = 10;
const LONGEST = 255;

const button = shape({ TITLE: word, VALUE: word }, ['TITLE', 'VALUE']);

/** Reads what can be answered: one to ten maps with TITLE and VALUE. */
export function parseButtons(value: unknown): Button[] | 'invalid' {
  const read = parseContent(value, someOf(button));
  if (typeof read === 'string' || read.length > MOST_BUTTONS) return 'invalid';
  return read.every(({ TITLE, VALUE }) => TITLE.length <= LONGEST && VALUE.length <= LONGEST) ? read : 'invalid';
}
