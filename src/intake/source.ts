/** The portal that is taken from: asked by batch, within its limits, and again where that helps. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AnswerTooLarge, postJson, type RawAnswer } from './answer.ts';
import { IntakeFault, MethodRefused } from './fault.ts';
import { Pace } from './pace.ts';

const MOST_COMMANDS = 50;
/** Attempts of one request that do not come through, and the first pause between them; each is twice as long as the one before. */
const ATTEMPTS = 6;
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A method that has run for too long may be called again after ten minutes, when nothing says otherwise. */
const WINDOW_MS = 600_000;
const MOST_WAITS = 20;

const errorShape = z.object({ error: z.union([z.string().min(1), z.number()]) });
const batchShape = z.object({
  result: z.object({ result: z.unknown(), result_error: z.unknown(), result_next: z.unknown(), result_time: z.unknown() }),
});

type Value = Record<string, string | number>;

interface Command {
  method: string;
  params: Value;
  waits: number;
  resolve(value: Given): void;
  reject(fault: unknown): void;
}

/** What a method gave. */
export interface Given {
  result: unknown;
  /** Where its next page starts. */
  next: unknown;
}

export interface SourceOptions {
  /** Told what is waited for. */
  waiting?: (why: string) => void;
  stop?: AbortSignal;
  /** Requests in a second, where it is known that the portal takes more than others. */
  perSecond?: number | undefined;
  /** The first pause before something is sent again, milliseconds. */
  pauseMs?: number | undefined;
}

export class Source {
  readonly origin: string;
  readonly #url: URL;
  readonly #pace: Pace;
  readonly #options: SourceOptions;
  readonly #queue: Command[] = [];
  #running = false;
  /** When a method may be called again, by its name, milliseconds of the clock that nobody sets. */
  readonly #rests = new Map<string, number>();
  readonly #pauseMs: number;
  requests = 0;

  /** @param webhook its address, with a trailing slash */
  constructor(webhook: URL, options: SourceOptions = {}) {
    this.origin = webhook.origin;
    this.#url = new URL('batch', webhook);
    this.#options = options;
    this.#pauseMs = options.pauseMs ?? PAUSE_MS;
    this.#pace = new Pace(() => performance.now(), options.perSecond);
  }

  /**
   * Asks for something that has the given shape.
   *
   * @throws MethodRefused, IntakeFault
   */
  async ask<T>(method: string, params: Value, shape: z.ZodType<T>): Promise<T> {
    return (await this.askPage(method, params, shape)).value;
  }

  async askPage<T>(method: string, params: Value, shape: z.ZodType<T>): Promise<{ value: T; next: number }> {
    const { result, next } = await this.#given(method, params);
    const read = shape.safeParse(result);
    if (!read.success) {
      const [issue] = read.error.issues;
      throw new IntakeFault(`the portal's answer to ${method} cannot be used: ${issue?.path.join('.') || 'the result'}: ${issue?.message}`);
    }
    return { value: read.data, next: typeof next === 'number' && Number.isSafeInteger(next) && next > 0 ? next : 0 };
  }

  #given(method: string, params: Value): Promise<Given> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ method, params, waits: 0, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // What is asked for in the same turn goes together.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const commands = this.#queue.splice(0, MOST_COMMANDS);
      await this.#send(commands).catch((fault: unknown) => {
        for (const { reject } of commands) reject(fault);
      });
      // Those who have their answers ask on before the next request goes.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
  }

  async #send(commands: Command[]): Promise<void> {
    await this.#rest(commands);
    const cmd = Object.fromEntries(commands.map(({ method, params }, i) => [`c${i}`, `${method}?${new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]))}`]));
    let answer: unknown;
    try {
      answer = await this.#request({ halt: 0, cmd });
    } catch (fault) {
      if (!(fault instanceof AnswerTooLarge)) throw fault;
      return this.#halves(commands);
    }
    const read = batchShape.safeParse(answer);
    if (!read.success) throw new IntakeFault(`the portal's answer to batch cannot be used: ${read.error.issues[0]?.path.join('.') || 'the result'} is missing`);
    const { result, result_error, result_next, result_time } = read.data.result;
    commands.forEach((command, i) => this.#settle(command, { result: at(result, i), next: at(result_next, i) }, at(result_error, i), at(result_time, i)));
  }

  async #halves(commands: Command[]): Promise<void> {
    const [only] = commands;
    if (commands.length === 1) throw new IntakeFault(`the portal's answer to ${only!.method} is too large`);
    const half = Math.ceil(commands.length / 2);
    await this.#send(commands.slice(0, half));
    await this.#send(commands.slice(half));
  }

  #settle(command: Command, given: Given, refusal: unknown, time: unknown): void {
    const code = codeOf(refusal);
    if (code === undefined && given.result === undefined) return command.reject(new IntakeFault(`the portal's answer to batch has nothing of ${command.method}`));
    if (code === undefined) return command.resolve(given);
    if (!['OPERATION_TIME_LIMIT', 'QUERY_LIMIT_EXCEEDED'].includes(code)) return command.reject(new MethodRefused(command.method, code));
    if (command.waits >= MOST_WAITS) return command.reject(new IntakeFault(`the portal has had no time for ${command.method} for long: try again later`));
    command.waits += 1;
    const reset = code === 'OPERATION_TIME_LIMIT' ? resetOf(time) : this.#pauseMs * 2;
    this.#rests.set(command.method, performance.now() + reset);
    this.#queue.push(command);
  }

  /** Waits until none of the methods rests. */
  async #rest(commands: readonly Command[]): Promise<void> {
    const until = Math.max(0, ...commands.map(({ method }) => this.#rests.get(method) ?? 0));
    const ms = until - performance.now();
    if (ms <= 0) return;
    this.#options.waiting?.('the portal has had enough');
    await this.#sleep(ms);
  }

  /** Sends a request until it comes through. */
  async #request(params: object): Promise<unknown> {
    for (let [attempt, busy] = [1, 0]; ; attempt += 1) {
      const answer = await this.#attempt(params);
      const code = answer && codeOf(answer.body);
      if (answer && code === undefined && answer.status === 200 && answer.body !== undefined) return answer.body;
      const why = code ?? (answer ? `HTTP ${answer.status}` : 'it does not answer');
      if (!mayPass(answer, code)) throw new IntakeFault(`the portal refuses the webhook: ${why}`);
      // What is too fast is no failure: it is asked more slowly.
      const tooFast = code === 'QUERY_LIMIT_EXCEEDED' && (busy += 1) <= MOST_WAITS;
      if (tooFast) {
        this.#pace.exhausted();
        attempt -= 1;
      }
      if (attempt >= ATTEMPTS) throw new IntakeFault(`the portal cannot be reached (${why}): run the command again, and it goes on`);
      this.#options.waiting?.(why);
      const pause = this.#pauseMs * 2 ** (tooFast ? Math.min(busy, 3) : attempt - 1);
      await this.#sleep(Math.min(LONGEST_PAUSE_MS, Math.max(pause, (answer?.retryAfter ?? 0) * 1000)));
    }
  }

  async #attempt(params: object): Promise<RawAnswer | undefined> {
    await this.#pace.turn(this.#options.stop);
    this.requests += 1;
    try {
      return await postJson(this.#url, params, this.#options.stop);
    } catch (fault) {
      if (fault instanceof AnswerTooLarge || this.#options.stop?.aborted) throw fault;
      return undefined;
    }
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, this.#options.stop && { signal: this.#options.stop });
  }
}

/** The entry of one command: of a list or of a map, and nothing of what either inherits. */
function at(collection: unknown, i: number): unknown {
  return typeof collection === 'object' && collection !== null && Object.hasOwn(collection, `c${i}`) ? (collection as Record<string, unknown>)[`c${i}`] : undefined;
}

function codeOf(body: unknown): string | undefined {
  const code = errorShape.safeParse(body).data?.error;
  // What the portal says comes before people's eyes: a word of it, and nothing that a terminal would obey.
  return code === undefined ? undefined : String(code).replaceAll(/[^\w.-]/g, '').slice(0, 60) || 'error';
}

/** Whether the same may go through later. */
function mayPass(answer: RawAnswer | undefined, code: string | undefined): boolean {
  if (!answer || code === 'QUERY_LIMIT_EXCEEDED') return true;
  return answer.status >= 500 || answer.status === 408 || answer.status === 429 || (answer.status === 200 && code === undefined);
}

/** How long a method that has run for too long rests, milliseconds. */
function resetOf(time: unknown): number {
  const reset = z.object({ operating_reset_at: z.number() }).safeParse(time).data?.operating_reset_at ?? 0;
  return Math.min(WINDOW_MS, Math.max(5000, reset * 1000 - Date.now() || WINDOW_MS / 10));
}
