/** The content codings: how bytes are compressed, and how a little is added to what is compressed already. */
import type { Transform } from 'node:stream';
import zlib, { constants } from 'node:zlib';
import type { Coding } from './accept-encoding.ts';

/** A beginning that is compressed and not ended: what follows it differs from answer to answer. */
export interface Beginning {
  compressed: Buffer;
  /** Of the bytes before they were compressed. */
  crc: number;
  length: number;
}

interface Codec {
  /** At once, for short texts. */
  whole(bytes: Uint8Array): Buffer;
  /** On threads of its own. With `open` the stream does not end: it is flushed up to a whole byte. */
  stream(open: boolean): Transform;
  /** What ends a beginning, with up to {@link LONGEST_END} bytes that stand in it as they are. */
  end(beginning: Beginning, bytes: Uint8Array): Buffer;
}

/** Bytes that all the formats can say in one block. */
export const LONGEST_END = 65_535;

// Bytes a second matter more than the last tenth of the size: levels as measured on lists of 50 and 1 000 rows.
const gzip = { level: 4 };
const br = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

export const codecs: Readonly<Record<Coding, Codec>> = {
  gzip: {
    whole: (bytes) => zlib.gzipSync(bytes, gzip),
    stream: (open) => zlib.createGzip({ ...gzip, ...(open && { finishFlush: constants.Z_SYNC_FLUSH }) }),
    /** A stored block, the last one (RFC 1951, 3.2.4), then checksum and length of the whole (RFC 1952, 2.3.1). */
    end({ crc, length }, bytes) {
      const end = Buffer.allocUnsafe(5 + bytes.length + 8);
      end[0] = 1;
      end.writeUInt16LE(bytes.length, 1);
      end.writeUInt16LE(bytes.length ^ 0xff_ff, 3);
      end.set(bytes, 5);
      end.writeUInt32LE(zlib.crc32(bytes, crc), 5 + bytes.length);
      end.writeUInt32LE((length + bytes.length) % 2 ** 32, 9 + bytes.length);
      return end;
    },
  },
  br: {
    whole: (bytes) => zlib.brotliCompressSync(bytes, br),
    stream: (open) => zlib.createBrotliCompress({ ...br, ...(open && { finishFlush: constants.BROTLI_OPERATION_FLUSH }) }),
    /** An uncompressed meta-block, its length in four nibbles, then an empty last one (RFC 7932, 9.2). */
    end(_beginning, bytes) {
      const end = Buffer.allocUnsafe(3 + bytes.length + 1);
      end.writeUIntLE(((bytes.length - 1) << 3) | (1 << 19), 0, 3);
      end.set(bytes, 3);
      end[3 + bytes.length] = 0b11;
      return end;
    },
  },
  zstd: {
    whole: (bytes) => zlib.zstdCompressSync(bytes, zstd),
    stream: (open) => zlib.createZstdCompress({ ...zstd, ...(open && { finishFlush: constants.ZSTD_e_flush }) }),
    /** A raw block, the last one of a frame without a checksum (RFC 8878, 3.1.1.2). */
    end(_beginning, bytes) {
      const end = Buffer.allocUnsafe(3 + bytes.length);
      end.writeUIntLE((bytes.length << 3) | 1, 0, 3);
      end.set(bytes, 3);
      return end;
    },
  },
};
