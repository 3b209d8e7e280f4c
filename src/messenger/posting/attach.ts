import {
  InvalidContent,
  colour,
  colourToken,
  id,
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
} from './content.ts';

/** Width of a delimiter that gives none or a bad one, in pixels. */
const DELIMITER_WIDTH = 200;

const FIRST_ID = 1;

const linkCard = shape(
  {
    LINK: link,
    NAME: text,
    DESC: text,
    HTML: text,
    PREVIEW: link,
    WIDTH: size,
    HEIGHT: size,
    USER_ID: id,
    CHAT_ID: id,
    NETWORK_ID: word,
  },
  ['LINK'],
);

const userCard = shape(
  {
    NAME: word,
    AVATAR: link,
    LINK: link,
    USER_ID: id,
    CHAT_ID: id,
    BOT_ID: id,
    NETWORK_ID: word,
    AVATAR_TYPE: oneOf(['USER', 'CHAT', 'BOT']),
  },
  ['NAME'],
);

const gridItem = shape(
  {
    DISPLAY: oneOf(['BLOCK', 'LINE', 'ROW', 'TABLE']),
    NAME: text,
    VALUE: text,
    WIDTH: size,
    HEIGHT: size,
    COLOR_TOKEN: colourToken,
    COLOR: colour,
    LINK: link,
    USER_ID: id,
    CHAT_ID: id,
  },
  ['DISPLAY'],
);

const image = shape({ LINK: link, NAME: text, PREVIEW: link, WIDTH: size, HEIGHT: size }, ['LINK']);
const file = shape({ LINK: link, NAME: text, SIZE: size }, ['LINK']);
const line = shape({ SIZE: size, COLOR: colour }, []);

/** How the value of each block type is read; a type that is not here does not exist. */
const BLOCK_READERS = {
  MESSAGE: message,
  LINK: someOf(linkCard),
  RICH_LINK: someOf(linkCard),
  USER: someOf(userCard),
  GRID: someOf(gridItem),
  IMAGE: someOf(image),
  FILE: someOf(file),
  DELIMITER: delimiter,
};

type BlockReaders = typeof BLOCK_READERS;
type BlockType = keyof BlockReaders;

/** One block: a single key, its type, with the content. Lists are always lists, even of one. */
export type AttachBlock = { [T in BlockType]: { [K in T]: ReturnType<BlockReaders[T]> } }[BlockType];

/** An attachment as it is kept and shown in the history of a dialog. */
export interface Attach {
  ID: number;
  BLOCKS: AttachBlock[];
  COLOR?: string;
  COLOR_TOKEN?: 'primary' | 'secondary' | 'alert' | 'base';
  /** Stands for the attachment in the recent list. */
  DESCRIPTION?: string;
}

const frame = shape({ ID: size, COLOR: colour, COLOR_TOKEN: colourToken, DESCRIPTION: word }, []);

/**
 * Reads the ATTACH parameter: an object with BLOCKS or a bare list of blocks, in any letter case, as on the page
 * "Message attachments ATTACH" and its pages of blocks. Unknown fields are dropped, `ID` is 1 when it is not given.
 * Parsing a parsed attachment gives an equal one. HTML in a link's description is kept as it came: whoever shows it has
 * to make it safe.
 *
 * `'invalid'` (ATTACH_ERROR): no blocks, a block that does not have exactly one known type, a required field missing,
 * a link that is neither http(s) nor root-relative, an id that is not a number. `'oversize'` (ATTACH_OVERSIZE): more
 * than 60 000 characters of JSON. A value that asks for removal is for `clearsContent` to tell; here it is invalid.
 */
export function parseAttach(value: unknown): Attach | 'invalid' | 'oversize' {
  return parseContent(value, attachment);
}

function attachment(value: unknown): Attach {
  const blocks = listOf(value);
  if (blocks) return { ID: FIRST_ID, BLOCKS: readBlocks(blocks) };
  const { ID, ...look } = frame(value);
  return { ID: ID ?? FIRST_ID, BLOCKS: readBlocks(readMap(value).get('BLOCKS')), ...look };
}

function readBlocks(value: unknown): AttachBlock[] {
  return someOf(block)(value);
}

function block(value: unknown): AttachBlock {
  const [[type, content] = ['', undefined], ...others] = readMap(value);
  if (others.length > 0 || !isBlockType(type)) throw new InvalidContent();
  return { [type]: BLOCK_READERS[type](content) } as AttachBlock;
}

function isBlockType(type: string): type is BlockType {
  return Object.hasOwn(BLOCK_READERS, type);
}

function message(value: unknown): string {
  const given = word(value);
  if (given === undefined) throw new InvalidContent();
  return given;
}

function delimiter(value: unknown): { SIZE: number; COLOR?: string } {
  const given = line(value);
  return { ...given, SIZE: given.SIZE || DELIMITER_WIDTH };
}
