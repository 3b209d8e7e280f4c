/**
 * Decodes pictures that anybody may have sent, in a process of its own: what breaks it, or makes it hang, costs a picture and no
 * server, and the memory it takes goes with it. Plain JavaScript, so that it starts quickly.
 *
 * A message is a picture with `preview` (the longest side, pixels) and `crop`; the answer says its type and size and has the small
 * picture; or it is `large`, or what else is wrong with it.
 */
import sharp from 'sharp';

/** Types by what the decoder calls them. Nothing else is ever decoded. */
const TYPES = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', gif: 'image/gif', heif: 'image/avif' };
/** Of one picture, all its frames together. */
const MOST_PIXELS = { frame: 50_000_000, all: 500_000_000 };
const LONGEST_SIDE = 16_384;

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`) });
sharp.cache(false);
sharp.concurrency(1);

const OPTIONS = { limitInputPixels: MOST_PIXELS.frame, failOn: 'truncated', autoOrient: true };

async function look({ bytes, preview, crop }) {
  const { format, width, height, autoOrient, pages = 1, compression } = await sharp(bytes, { ...OPTIONS, limitInputPixels: false }).metadata();
  const type = format === 'heif' && compression !== 'av1' ? undefined : TYPES[format];
  if (type === undefined) throw new Error(`${format} is not shown`);
  const area = pixels(bytes, format, width, height);
  if (Math.max(width, height) > LONGEST_SIDE || area > MOST_PIXELS.frame || area * pages > MOST_PIXELS.all) return 'large';
  const small = sharp(bytes, OPTIONS).resize({ width: preview, height: preview, fit: crop ? 'cover' : 'inside', withoutEnlargement: !crop });
  return { type, ...autoOrient, preview: await small.webp({ quality: 80, effort: 2 }).toBuffer() };
}

/** Of one frame. The decoder makes do with what the frames of a GIF cover, browsers fill the canvas that it names. */
function pixels(bytes, format, width, height) {
  return Math.max(width * height, format === 'gif' ? bytes.readUInt16LE(6) * bytes.readUInt16LE(8) : 0);
}

process.on('message', (picture) => {
  look(picture).then((looks) => process.send({ looks }), (error) => process.send({ problem: String(error.message) }));
});
process.on('disconnect', () => process.exit());
