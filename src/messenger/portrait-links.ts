/** Addresses of the pictures of people and chats: for whoever knows them, as a page shows them. */

/** How large a picture is where nobody says otherwise, pixels. */
export const USUAL_SIDE = 200;

const OURS = /\/avatars\/[\w-]{32}\.webp$/;

/** @param origin under which the portal is reached */
export function portraitAddress(origin: string, id: string): string {
  return `${origin}/avatars/${id}.webp`;
}

/** The same picture in another size, where it is one of ours. */
export function inSize(address: string, side: number): string {
  return OURS.test(address) ? `${address}?size=${side}` : address;
}
