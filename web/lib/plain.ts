/** Text of a message in one line, without its codes, for where there is no room for them. */
const CODES = /\[\/?(?:b|i|u|s|url|user|chat|color|size|img|icon|quote|code|br|send|put|call|pch|disk|rating|attach|context|timestamp|video|youtube)(?:=[^\]\n]{0,500})?(?: [^\]\n]{0,100})?\]/gi;

const LONGEST = 2000;

export function plainText(text: string): string {
  const cut = text.length > LONGEST ? text.slice(0, LONGEST).replace(/\[[^\]]*$/, '') : text;
  return cut.replace(/\[br\]/gi, ' ').replace(CODES, '').replace(/\s+/g, ' ').trim();
}
