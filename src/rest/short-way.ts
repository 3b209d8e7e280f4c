/** Calls that need nothing of the framework: those that went well before, where they come without a body, and those with a short one. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { dispatch } from './dispatch.ts';
import { errorResponse } from './envelope.ts';
import { type CallListener, deliver, encodeFor, type EncodedResponse, prepare, type Prepared, writeBare, writeResponse } from './http.ts';
import { hasShortBody, readBody, repeatableOf, toPlainRequest } from './incoming.ts';
import type { OnceMore, VerbatimRequests } from './net/verbatim.ts';
import type { Begun, DispatchOptions } from './pipeline.ts';
import { answerAgain, askAgain, begun, type Repeatable } from './repeats.ts';
import type { Answered } from './request.ts';

export interface ShortWay {
  /** Whether whoever connects is who calls: no proxy may say otherwise. */
  plain: boolean;
  verbatim: VerbatimRequests;
  /** Whether the heads of answers say what they always say. */
  isUsual(): boolean;
}

/** Answers what it can, and leaves all else to the framework. */
export function shortWayFirst<C>(handle: RequestListener, options: DispatchOptions<C>, onAnswer: CallListener, way: ShortWay): RequestListener {
  const repeating = new Repeating(options, onAnswer, way);
  return (request, response) => {
    if (way.plain && hasShortBody(request)) return answerShort(request, response);
    const call = repeatableOf(request);
    if (!call) return handle(request, response);
    return repeating.attempt(request, response)(call, (left) => {
      if (left) begun.set(request, left);
      handle(request, response);
    });
  };

  function answerShort(request: IncomingMessage, response: ServerResponse): void {
    const attempt = repeating.attempt(request, response);
    readBody(request, (body) => {
      const start = performance.now();
      const call = toPlainRequest(request, body);
      attempt(call, (left) => {
        prepare(dispatch(options, left ? { ...call, begun: left } : call), request.headers['accept-encoding'], start)
          .then((prepared) => deliver(response, prepared, onAnswer))
          .catch((fault: unknown) => {
            if (!response.headersSent) writeResponse(response, errorResponse(options.onFault('', fault)));
          });
      });
    });
  }
}

/** What comes of looking for the answer to a call that went well before: it, what has been done for the call, or nothing. */
type Outcome = Prepared | Begun | undefined;

class Repeating<C> {
  readonly #options: DispatchOptions<C>;
  readonly #onAnswer: CallListener;
  readonly #way: ShortWay;
  /** What was answered so last on each connection. */
  readonly #urls = new WeakMap<Socket, string>();
  /** What was done for a request on a connection that then had to be parsed. */
  readonly #left = new WeakMap<Socket, Begun>();

  constructor(options: DispatchOptions<C>, onAnswer: CallListener, way: ShortWay) {
    this.#options = options;
    this.#onAnswer = onAnswer;
    this.#way = way;
  }

  /** To be begun when the head of a request has been read, and gone on with when its body has, too. `otherwise`: it is to be answered like any other. */
  attempt(request: IncomingMessage, response: ServerResponse): (call: Repeatable, otherwise: (left?: Begun) => void) => void {
    const { socket, url = '', headers: { 'accept-encoding': acceptEncoding } } = request;
    const asBefore = this.#urls.get(socket) === url;
    const remember = asBefore ? this.#way.verbatim.noted(request, response) : undefined;
    const left = asBefore ? this.#takeLeft(socket) : undefined;
    return (call, otherwise) => {
      if (left) return otherwise(left);
      return this.#look(call, acceptEncoding, (outcome) => {
        if (!isPrepared(outcome)) return otherwise(outcome);
        // After all that comes in at this turn has been read: what is written in one go wakes its reader once, not for each answer.
        return void setImmediate(() => {
          writeResponse(response, outcome.encoded);
          this.#answered(outcome);
          this.#urls.set(socket, url);
          if (remember) remember(this.#onceMore(socket, call, acceptEncoding));
          else if (asBefore) this.#way.verbatim.watch(socket);
        });
      });
    };
  }

  #onceMore(socket: Socket, call: Repeatable, acceptEncoding: string | undefined): OnceMore {
    const { verbatim, isUsual } = this.#way;
    return (done) => {
      if (!isUsual()) return done(undefined);
      return this.#look(call, acceptEncoding, (outcome) => {
        if (isPrepared(outcome)) return done((taken) => {
          writeBare(socket, outcome.encoded, verbatim.keptSeconds, taken);
          this.#answered(outcome);
          this.#options.repeats.verbatim += 1;
        });
        if (outcome) this.#left.set(socket, outcome);
        return done(undefined);
      });
    };
  }

  #look(call: Repeatable, acceptEncoding: string | undefined, done: (outcome: Outcome) => void): void {
    const start = performance.now();
    const answer = (answered: Answered): void => {
      const ready = (encoded: EncodedResponse): void => done({ answered, encoded, start });
      const encoded = encodeFor(acceptEncoding, answered.response);
      if (encoded instanceof Promise) encoded.then(ready, () => done(undefined));
      else ready(encoded);
    };
    const repeated = answerAgain(this.#options, call);
    if (repeated) return answer(repeated);
    const asked = askAgain(this.#options, call);
    if (!asked) return done(undefined);
    asked.then((outcome) => ('response' in outcome ? answer(outcome) : done(outcome)), () => done(undefined));
  }

  #answered({ answered, start }: Prepared): void {
    this.#onAnswer(answered, performance.now() - start);
  }

  #takeLeft(socket: Socket): Begun | undefined {
    const left = this.#left.get(socket);
    if (left) this.#left.delete(socket);
    return left;
  }
}

function isPrepared(outcome: Outcome): outcome is Prepared {
  return outcome !== undefined && 'encoded' in outcome;
}
