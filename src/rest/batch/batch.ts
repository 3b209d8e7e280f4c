/** `batch`: several commands in one request, in order, where a later one may use what earlier ones gave. */
import { z } from 'zod';
import { failureResponse } from '../envelope.ts';
import { EncodedJson, type JsonPieces, methodsOf, MethodError, type Ran } from '../method.ts';
import { anything, flag } from '../params.ts';
import { parsePhpQuery } from '../php-query.ts';
import { type Earlier, ReferenceBudget, resolveReferences, type Root, ROOTS } from './references.ts';
import { argumentError, RequestError } from '../request-error.ts';
import { systemErrors } from '../system-errors.ts';
import { emptyMap, entriesInOrder, type Value, type ValueMap } from '../values.ts';
import { yieldToOthers } from '../../base/turns.ts';

const MAX_COMMANDS = 50;
const NOT_ALLOWED = new Set(['batch', 'download', 'upload']);
/** Most that is read of results because they are referred to, characters of JSON in all: it takes some 10 ms. */
const MAX_REFERRED = 4_000_000;
/** Once the results are as large as this, bytes or UTF-16 units, no more commands are run. */
const MAX_GATHERED = 16 * 1024 * 1024;

const collection = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

export function batchMethod<C>() {
  return methodsOf<C>()({
    name: 'batch',
    scope: null,
    summary: 'Runs commands in order; $result[key][field] in a command stands for what an earlier one gave',
    params: {
      CMD: anything({ description: 'List or map of at most 50 commands, each `method` or `method?query`' }),
      HALT: flag({ description: 'Y to stop after the first command that fails', default: false }),
    },
    example: { HALT: 'Y', CMD: { recent: 'im.recent.get?SKIP_OPENLINES=Y', me: 'profile' } },
    result: z.strictObject({
      result: collection, result_error: collection, result_total: collection, result_next: collection, result_time: collection,
    }),
    errors: {},
    container: true,
    async run({ params: { CMD, HALT }, invoke }) {
      const batch = new Batch(invoke);
      for (const [key, command] of commandsOf(CMD)) {
        const went = await batch.run(key, command);
        if (!went && HALT) break;
        // Commands may be answered without ever waiting: others get their turn here.
        await yieldToOthers();
      }
      return new EncodedJson(batch.toJson());
    },
  });
}

function commandsOf(cmd: Value | undefined): Array<[key: string, command: Value]> {
  if (cmd === undefined || cmd === null || cmd === '') return [];
  if (typeof cmd !== 'object') throw argumentError('CMD', 'must be a list or a map of commands');
  return entriesInOrder(cmd);
}

/** The answers gathered so far. */
class Batch implements Earlier {
  readonly #invoke: (method: string, params: ValueMap) => Promise<Ran>;
  readonly #json = new Map<Root, Map<string, JsonPieces>>(ROOTS.map((root) => [root, new Map()]));
  readonly #values = new Map<JsonPieces, Value>();
  readonly #all = new Map<Root, Value>();
  readonly #budget = new ReferenceBudget();
  #count = 0;
  #gathered = 0;
  #referred = 0;

  constructor(invoke: (method: string, params: ValueMap) => Promise<Ran>) {
    this.#invoke = invoke;
  }

  /** @returns whether the command succeeded */
  async run(key: string, command: Value): Promise<boolean> {
    this.#count += 1;
    const ran = await this.#outcome(key, command);
    if (!ran.ok) {
      this.#put('error', key, [ran.error]);
      return false;
    }
    this.#put('result', key, ran.result);
    this.#put('time', key, [ran.time]);
    if (ran.total !== undefined) this.#put('total', key, [String(ran.total)]);
    if (ran.next !== undefined) this.#put('next', key, [String(ran.next)]);
    return true;
  }

  async #outcome(key: string, command: Value): Promise<Ran> {
    try {
      if (this.#count > MAX_COMMANDS) throw new MethodError(systemErrors.batchLength);
      if (this.#gathered > MAX_GATHERED) throw new MethodError(systemErrors.batchSize);
      if (typeof command !== 'string') throw argumentError(`CMD[${key}]`, 'must be a string');
      const { method, query } = splitCommand(command);
      if (NOT_ALLOWED.has(method.toLowerCase())) throw new MethodError(systemErrors.batchMethod);
      return await this.#invoke(method, resolveReferences(parsePhpQuery(Buffer.from(query)), this, this.#budget));
    } catch (thrown) {
      const response = failureResponse(thrown);
      if (!response) throw thrown;
      return { ok: false, error: response.body.join('') };
    }
  }

  #put(root: Root, key: string, json: JsonPieces): void {
    this.#json.get(root)!.set(key, json);
    this.#all.delete(root);
    this.#gathered += lengthOf(json);
  }

  of(root: Root, key: string): Value | undefined {
    const json = this.#json.get(root)!.get(key);
    return json && this.#parse(json, key);
  }

  all(root: Root): Value {
    const known = this.#all.get(root);
    if (known !== undefined) return known;
    const all = this.#readAll(root);
    this.#all.set(root, all);
    return all;
  }

  #readAll(root: Root): Value {
    const map = this.#json.get(root)!;
    const read = [...map].map(([key, json]) => [key, this.#parse(json, key)] as const);
    if (isList(map)) return read.map(([, value]) => value);
    const all = emptyMap();
    for (const [key, value] of read) all[key] = value;
    return all;
  }

  /** Each result is read once, however often it is referred to. */
  #parse(json: JsonPieces, key: string): Value {
    const known = this.#values.get(json);
    if (known !== undefined) return known;
    const size = lengthOf(json);
    if (this.#referred + size > MAX_REFERRED) {
      throw new RequestError(400, 'ERROR_ARGUMENT', `The result of command '${key.slice(0, 100).toWellFormed()}' is too large to be referred to`, 'CMD');
    }
    this.#referred += size;
    const value = JSON.parse(json.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join('')) as Value;
    this.#values.set(json, value);
    return value;
  }

  toJson(): JsonPieces {
    const named: Array<[string, Root]> = [
      ['result', 'result'], ['result_error', 'error'], ['result_total', 'total'], ['result_next', 'next'], ['result_time', 'time'],
    ];
    const pieces = named.flatMap(([name, root], index) => {
      return [`${index === 0 ? '{' : ','}"${name}":`, ...encode(this.#json.get(root)!)];
    });
    return [...pieces, '}'];
  }
}

function lengthOf(json: JsonPieces): number {
  return json.reduce((sum, piece) => sum + piece.length, 0);
}

function splitCommand(command: string): { method: string; query: string } {
  const [text = ''] = command.split('#', 1);
  const mark = text.indexOf('?');
  return mark < 0 ? { method: text, query: '' } : { method: text.slice(0, mark), query: text.slice(mark + 1) };
}

/** Keys that are 0, 1, 2… make a list, and so do none at all. */
function isList(map: ReadonlyMap<string, JsonPieces>): boolean {
  let expected = 0;
  for (const key of map.keys()) if (key !== String(expected++)) return false;
  return true;
}

function encode(map: ReadonlyMap<string, JsonPieces>): JsonPieces {
  return isList(map) ? ['[', ...joined([...map.values()]), ']'] : asMap(map);
}

function asMap(map: ReadonlyMap<string, JsonPieces>): JsonPieces {
  return ['{', ...joined([...map].map(([key, json]) => [`${JSON.stringify(key)}:`, ...json])), '}'];
}

function joined(parts: ReadonlyArray<JsonPieces>): JsonPieces {
  return parts.flatMap((part, index) => (index === 0 ? part : [',', ...part]));
}
