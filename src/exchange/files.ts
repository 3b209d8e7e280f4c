/** Files go by the digest of their bytes, which is their name. */
import type { Blobs } from '../blobs/blobs.ts';

/** Keeps bytes under the name that they must have. @returns false where they are not what the name says: then nothing is kept */
export async function putAs(name: string, content: AsyncIterable<Uint8Array>, to: Blobs): Promise<boolean> {
  try {
    await to.put(content, Infinity, async (blob) => {
      if (blob.name !== name) throw new Damaged();
    });
    return true;
  } catch (error) {
    if (error instanceof Damaged) return false;
    throw error;
  }
}

/** Content that is not what its name says. */
class Damaged extends Error {}
