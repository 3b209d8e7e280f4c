/** The palette in the order in which ids choose from it: an id ending in 1 is red, one ending in 0 is brown. */
const PALETTE = {
  RED: '#df532d',
  GREEN: '#64a513',
  MINT: '#4ba984',
  LIGHT_BLUE: '#4ba5c3',
  DARK_BLUE: '#3e99ce',
  PURPLE: '#8474c8',
  AQUA: '#1eb4aa',
  PINK: '#f76187',
  LIME: '#58cc47',
  BROWN: '#ab7761',
  AZURE: '#29619b',
  KHAKI: '#728f7a',
  SAND: '#ba9c7b',
  ORANGE: '#e8a441',
  MARENGO: '#556574',
  GRAY: '#909090',
  GRAPHITE: '#5e5f5e',
} as const;

export type Color = keyof typeof PALETTE;

const CODES = Object.keys(PALETTE) as Color[];
/** In the palette, but not to be chosen for a chat. */
const NOT_FOR_CHATS: Color = 'ORANGE';
/** For men three colours are exchanged. */
const FOR_MEN: Partial<Record<Color, Color>> = { LIGHT_BLUE: 'AZURE', AQUA: 'SAND', PINK: 'KHAKI' };

/** The colour a number falls on. */
export function colorOf(number: number): Color {
  return CODES[(number + 9) % 10]!;
}

export function chatColor(code: string): Color | undefined {
  const upper = code.toUpperCase();
  return upper !== NOT_FOR_CHATS && isColor(upper) ? upper : undefined;
}

export function hexOf(code: string): string {
  return isColor(code) ? PALETTE[code] : PALETTE.GRAY;
}

/** The code of a colour as clients see it; empty for what is none of the palette. */
export function codeOfHex(hex: string): string {
  return CODES.find((code) => PALETTE[code] === hex.toLowerCase()) ?? '';
}

function isColor(code: string): code is Color {
  return Object.hasOwn(PALETTE, code);
}

/** The colour of a user: their own, or one that the id and gender choose. */
export function userHex(user: { id: number; color: string; gender: string }): string {
  if (isColor(user.color)) return hexOf(user.color);
  const code = colorOf(user.id);
  return hexOf(user.gender === 'M' ? (FOR_MEN[code] ?? code) : code);
}

/** `LIGHT_BLUE` → `Light blue`, as it appears in a generated title. */
export function colorName(code: Color): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}
