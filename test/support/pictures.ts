/** Pictures that are what they say, and such as are made to do harm. */
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';
export const FORMATS: readonly Format[] = ['jpeg', 'png', 'webp', 'gif', 'avif'];

/** A picture of some size whose content is not all alike. */
export async function picture(format: Format, width: number, height: number, orientation?: number): Promise<Buffer> {
  const noise = Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251));
  const made = sharp(noise, { raw: { width, height, channels: 3 } });
  return (orientation === undefined ? made : made.withMetadata({ orientation }))[format]({ effort: format === 'avif' ? 0 : 3 } as object).toBuffer();
}

/** A PNG that says it is so large, whose data is compressed zeros of as many rows. */
export function largePng(width: number, height: number, rows = 0): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([1, 0], 8);
  const data = deflateSync(Buffer.alloc(rows * (Math.ceil(width / 8) + 1)));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** A GIF of so many frames, each a pixel on a canvas of that size. */
export function manyFrames(side: number, frames: number): Buffer {
  const canvas = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  canvas.writeUInt16LE(side, 6);
  canvas.writeUInt16LE(side, 8);
  const frame = Buffer.from('21f904000a000000' + '2c00000000010001000002024401' + '00', 'hex');
  return Buffer.concat([canvas, ...Array.from({ length: frames }, () => frame), Buffer.from(';')]);
}
