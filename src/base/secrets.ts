import { hash, randomInt } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Random lower-case letters and digits, 5 bits and a little more each. */
export function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** For secrets that this server has made itself: a fast hash of 165 random bits cannot be reversed by guessing. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}
