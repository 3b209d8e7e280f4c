/** Passwords, stored so that guessing them takes time and memory. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Mutex } from '../base/mutex.ts';

export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 1000;

interface Cost {
  N: number;
  r: number;
  p: number;
}

const COST: Cost = { N: 2 ** 15, r: 8, p: 1 };
const KEY_LENGTH = 32;
const SALT_LENGTH = 16;

/** One at a time: each takes a thread that commits need too, and 32 MB. */
const queue = new Mutex();

async function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const release = await queue.acquire();
  try {
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize(), salt, KEY_LENGTH, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)));
    });
  } finally {
    release();
  }
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_LENGTH);
  const key = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Matches no password, and takes as long to find that out as any other. */
const NOBODYS = ['scrypt', COST.N, COST.r, COST.p, Buffer.alloc(SALT_LENGTH).toString('base64url'), ''].join('$');

/** @param hash undefined for users without a password and for those who do not exist */
export async function checkPassword(password: string, hash: string | undefined): Promise<boolean> {
  if (password.length > LONGEST_PASSWORD) return false;
  const [, N, r, p, salt = '', key = ''] = (hash ?? NOBODYS).split('$');
  const expected = Buffer.from(key, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}
