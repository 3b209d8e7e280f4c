/**
 * What texts have is another number in each block of ids. An index gives all messages that have a number, or goes through them for as
 * long as none has another one too: so a look costs what is in the blocks that it looks into.
 */

/** Ids of a block. */
export const BLOCK = 32_768;

export const blockOf = (id: number): number => Math.floor(id / BLOCK);

/** A number of 32 bits for what a text of a block has. */
export function keyIn(block: number, gram: number): number {
  const mixed = Math.imul(gram ^ Math.imul(block + 1, 0x9e3779b1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) | 0;
}

/** The same for a chat. */
export const chatKey = (chatId: number): number => Math.imul(chatId + 1, 0xc2b2ae35) | 0;
