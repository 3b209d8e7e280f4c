/** Reads what follows `tidemark call`: a method and parameters as `--NAME value`. */
import { CommandError } from '../portal/open-portal.ts';

export interface CallArguments {
  /** Undefined when none was named. */
  method: string | undefined;
  help: boolean;
  given: Array<[name: string, value: string | undefined]>;
}

const HELP = new Set(['--help', '-h']);

/** @throws CommandError for words that belong to no parameter */
export function readArguments(words: readonly string[]): CallArguments {
  const [method, ...rest] = words.filter((word) => !HELP.has(word));
  const found: CallArguments = { method, help: words.some((word) => HELP.has(word)), given: [] };
  for (let at = 0; at < rest.length; at += 1) {
    const parameter = /^--([^=]+)(?:=(.*))?$/s.exec(rest[at]!);
    if (!parameter) throw new CommandError(`"${rest[at]}" belongs to no parameter: write --NAME value`);
    const next = rest[at + 1];
    const takesNext = parameter[2] === undefined && next !== undefined && !next.startsWith('--');
    if (takesNext) at += 1;
    found.given.push([parameter[1]!, takesNext ? next : parameter[2]]);
  }
  return found;
}

/**
 * The parameters of a call. A name without a value is a flag that is set.
 *
 * @param typeOf how the method declares a parameter; undefined for one that it does not
 */
export function toParams(given: CallArguments['given'], typeOf: (name: string) => string | undefined): Record<string, unknown> {
  const entries = given.map(([name, value]) => [name, value === undefined ? 'Y' : toValue(name, value, typeOf(name))]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Only where there may be lists and maps does text that looks like JSON stand for them: messages begin with brackets too. */
function toValue(name: string, text: string, type: string | undefined): unknown {
  const structured = type === undefined || type === 'array' || type === 'object';
  if (structured && /^\s*[[{]/.test(text)) return parseJson(name, text);
  return type === 'array' ? text.split(',').map((item) => item.trim()) : text;
}

/** @throws CommandError */
function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(`--${name}: it begins like JSON but is none: ${(error as Error).message}`);
  }
}
