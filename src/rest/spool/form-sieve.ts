import { Buffer } from 'node:buffer';
import { HeldValue, type Sieve } from './held-value.ts';

const [AMPERSAND, EQUALS, PERCENT, PLUS, SPACE] = [0x26, 0x3d, 0x25, 0x2b, 0x20];

/** Values are what stands between a name's equals sign and the next ampersand. */
export async function sift(body: AsyncIterable<Uint8Array>, sieve: Sieve): Promise<void> {
  let value: HeldValue | undefined;
  for await (const bytes of body) {
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < piece.length; ) {
      const stop = piece.indexOf(value ? AMPERSAND : EQUALS, at);
      const end = stop < 0 ? piece.length : stop;
      if (!value) {
        // The sign belongs to what is kept; so do pairs without one.
        const next = stop < 0 ? end : end + 1;
        sieve.kept.add(piece.subarray(at, next));
        at = next;
        if (stop >= 0) value = new HeldValue(sieve, unquoting());
        continue;
      }
      const waiting = value.add(piece.subarray(at, end));
      if (waiting) await waiting;
      at = end;
      if (stop < 0) continue;
      value.end();
      value = undefined;
    }
  }
  value?.end();
}

/** What percent signs and pluses stand for. A percent sign without two hex digits stays as it is. */
function unquoting(): (piece: Uint8Array) => Uint8Array {
  let begun: number[] = [];
  return (piece) => {
    const plain = Buffer.allocUnsafe(piece.length + begun.length);
    let length = 0;
    for (const byte of piece) {
      if (begun.length === 0 && byte !== PERCENT) {
        plain[length++] = byte === PLUS ? SPACE : byte;
        continue;
      }
      begun.push(byte);
      if (begun.length < 3) continue;
      const code = Number.parseInt(String.fromCharCode(begun[1]!, begun[2]!), 16);
      for (const meant of Number.isNaN(code) ? begun : [code]) plain[length++] = meant;
      begun = [];
    }
    return plain.subarray(0, length);
  };
}
