/** Reads what `strace -ff -ttt -T -y -xx` wrote: one file per thread, one whole call per line. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Seconds, as strace's clock shows them: it stops the thread before a call begins and again when it is over. */
export interface SystemCall {
  name: string;
  /** What the file descriptor that comes first stands for: a path, or `socket:[…]`. */
  file: string;
  start: number;
  end: number;
  /** All bytes handed over. */
  data: Buffer;
}

/** Whole strings and timings on one line of output, and no string cut short. */
export const STRACE = ['-f', '-ff', '-ttt', '-T', '-y', '-xx', '-s', '70000'] as const;

/** `1700000000.123456 write(21<\x73…>, "\x48…", 5) = 5 <0.000012>` */
const CALL = /^(\d+\.\d+) (\w+)\((?:\w+<([^>]*)>)?(.*)\)\s+= (-?\d+).* <(\d+\.\d+)>$/;
const STRING = /"((?:\\x[\da-f]{2})*)"/g;

/** Calls of all threads that did something to a file, in the order in which they began. */
export async function readTrace(prefix: string): Promise<SystemCall[]> {
  const files = (await readdir(dirname(prefix))).filter((name) => name.startsWith(`${basename(prefix)}.`));
  const texts = await Promise.all(files.map((name) => readFile(join(dirname(prefix), name), 'latin1')));
  return texts.flatMap((text) => text.split('\n').flatMap((line) => parseLine(line) ?? [])).sort((a, b) => a.start - b.start);
}

function parseLine(line: string): SystemCall | undefined {
  const [, start, name, file, args, result, duration] = CALL.exec(line) ?? [];
  if (start === undefined || file === undefined || Number(result) < 0) return undefined;
  const data = Buffer.concat([...args!.matchAll(STRING)].map(([, bytes]) => fromHex(bytes!)));
  return { name: name!, file: plain(file), start: Number(start), end: Number(start) + Number(duration), data };
}

function fromHex(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex');
}

/** With `-xx` names of files are spelt in hexadecimal too. */
function plain(file: string): string {
  return file.startsWith('\\x') ? fromHex(file).toString() : file;
}
