import { parseDialogId } from '../access/dialogs.ts';
import {
  InvalidContent,
  colour,
  colourToken,
  id,
  knownWord,
  link,
  listOf,
  oneOf,
  parseContent,
  readMap,
  shape,
  size,
  someOf,
  text,
  word,
  yesNo,
} from './content.ts';
import type { Fields } from './content.ts';

/** What pressing a button or choosing a menu item does, and where it is shown. */
const ENTRY = {
  TEXT: word,
  LINK: link,
  COMMAND: word,
  COMMAND_PARAMS: text,
  ACTION: knownWord(['PUT', 'SEND', 'COPY', 'CALL', 'DIALOG']),
  ACTION_VALUE: word,
  APP_ID: id,
  APP_PARAMS: text,
  CONTEXT: oneOf(['MOBILE', 'DESKTOP', 'ALL']),
  DISABLED: yesNo,
};

const BUTTON = {
  ...ENTRY,
  BLOCK: yesNo,
  DISPLAY: oneOf(['LINE', 'BLOCK']),
  WIDTH: size,
  BG_COLOR: colour,
  BG_COLOR_TOKEN: colourToken,
  TEXT_COLOR: colour,
  OFF_BG_COLOR: colour,
  OFF_TEXT_COLOR: colour,
};

const readEntry = shape(ENTRY, ['TEXT']);
const readButton = shape(BUTTON, ['TEXT']);
const isNewLine = oneOf(['NEWLINE']);

/** A context menu item; fields not given keep the defaults of the page "Context menu". */
export type MenuItem = Fields<typeof ENTRY, 'TEXT'>;

/** A button, or the mark after which a new row of buttons starts. */
export type Button = Fields<typeof BUTTON, 'TEXT'> | { TYPE: 'NEWLINE' };

export interface Keyboard {
  /** Bot that the commands of the buttons go to. */
  BOT_ID?: number;
  BUTTONS: Button[];
}

export interface Menu {
  ITEMS: MenuItem[];
}

/**
 * Reads the KEYBOARD parameter: an object with BUTTONS or a bare list of buttons, in any letter case, as on the page
 * "Keyboards". Unknown fields are dropped, defaults are not filled in, and parsing a parsed keyboard gives an equal one.
 *
 * `'invalid'` (KEYBOARD_ERROR): no buttons, a button without text or with none or several of LINK, COMMAND, ACTION and
 * APP_ID, an ACTION that is unknown, lacks its ACTION_VALUE or calls or opens what is neither a phone number nor a dialog,
 * a link that is neither http(s) nor root-relative, an id that is not a number. `'oversize'` (KEYBOARD_OVERSIZE): more than 60 000 characters of JSON. A value that asks for
 * removal is for `clearsContent` to tell; here it is invalid.
 */
export function parseKeyboard(value: unknown): Keyboard | 'invalid' | 'oversize' {
  return parseContent(value, keyboard);
}

/** Reads the MENU parameter, as `parseKeyboard` does, with ITEMS for BUTTONS, as on the page "Context menu". */
export function parseMenu(value: unknown): Menu | 'invalid' | 'oversize' {
  return parseContent(value, (given) => ({ ITEMS: someOf(menuItem)(listOf(given) ?? readMap(given).get('ITEMS')) }));
}

function keyboard(value: unknown): Keyboard {
  const bare = listOf(value);
  if (bare) return { BUTTONS: someOf(button)(bare) };
  const given = readMap(value);
  const bot = id(given.get('BOT_ID'));
  return { ...(bot !== undefined && { BOT_ID: bot }), BUTTONS: someOf(button)(given.get('BUTTONS')) };
}

function button(value: unknown): Button {
  if (isNewLine(readMap(value).get('TYPE'))) return { TYPE: 'NEWLINE' };
  return locking(withOneAction(readButton(value)));
}

/** Only what a bot can unlock again is locked by a press. */
function locking<B extends Fields<typeof BUTTON, 'TEXT'>>(button: B): B {
  const { BLOCK: _locks, ...others } = button;
  return button.COMMAND === undefined ? (others as B) : button;
}

function menuItem(value: unknown): MenuItem {
  return withOneAction(readEntry(value));
}

function withOneAction<T extends MenuItem>(entry: T): T {
  const actions = [entry.LINK, entry.COMMAND, entry.ACTION, entry.APP_ID].filter((action) => action !== undefined);
  const lacksValue = entry.ACTION !== undefined && entry.ACTION_VALUE === undefined;
  if (actions.length !== 1 || lacksValue || !isPossible(entry)) throw new InvalidContent();
  return entry;
}

const PHONE_NUMBER = /^\+?[\d\s().-]{1,40}$/;

/** Whom to call and which dialog to open must be a number and a dialog. */
function isPossible({ ACTION, ACTION_VALUE = '' }: MenuItem): boolean {
  if (ACTION === 'CALL') return PHONE_NUMBER.test(ACTION_VALUE.trim()) && /\d/.test(ACTION_VALUE);
  return ACTION !== 'DIALOG' || parseDialogId(ACTION_VALUE.trim()) !== undefined;
}
