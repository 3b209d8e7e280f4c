/** Calls that need nothing of the framework: those that went well before, where they come without a body, and those with a short one. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { dispatch } from './dispatch.ts';
import { errorResponse } from './envelope.ts';
import { type CallListener, deliver, encodeFor, type EncodedResponse, prepare, type Prepared, writeBare, writeResponse } from './http.ts';
import { hasShortBody, readBody, repeatableOf, toPlainRequest } from './incoming.ts';
import type { HandOver, OnceMore, VerbatimRequests } from './net/verbatim.ts';
import type { Begun, DispatchOptions } from './pipeline.ts';
import { answerAgain, askAgain, begun, type Repeatable } from './repeats.ts';
import type { Answered, RestRequest } from './request.ts';

export interface ShortWay {
  /** Whether whoever connects is who calls: no proxy may say otherwise. */
  plain: boolean;
  verbatim: VerbatimRequests;
  /** Whether the heads of answers say what they always say. */
  isUsual(): boolean;
}

/** Answers what it can, and leaves all else to the framework. */
export function shortWayFirst<C>(handle: RequestListener, options: DispatchOptions<C>, onAnswer: CallListener, way: ShortWay): RequestListener {
  const short = new ShortAnswers(options, onAnswer, way);
  return (request, response) => {
    if (way.plain && hasShortBody(request)) return short.post(request, response);
    const call = repeatableOf(request);
    return call ? short.get(request, response, call, handle) : handle(request, response);
  };
}

/** What comes of looking for the answer to a call that went well before: it, what has been done for the call, or nothing. */
type Outcome = Prepared | Begun | undefined;

const NO_BODY = new Uint8Array(0);

class ShortAnswers<C> {
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

  get(request: IncomingMessage, response: ServerResponse, call: Repeatable, handle: RequestListener): void {
    const { socket, headers: { 'accept-encoding': acceptEncoding } } = request;
    const remember = this.#noting(request, response);
    const goOn = (left: Begun | undefined): void => {
      if (left) begun.set(request, left);
      handle(request, response);
    };
    const left = this.#left.get(socket);
    if (left) {
      this.#left.delete(socket);
      return goOn(left);
    }
    return this.#look(call, acceptEncoding, (outcome) => {
      if (!isPrepared(outcome)) return goOn(outcome);
      // After all that comes in at this turn has been read: what is written in one go wakes its reader once, not for each answer.
      return void setImmediate(() => {
        this.#deliver(response, outcome);
        remember(() => this.#onceMore(socket, call, acceptEncoding));
      });
    });
  }

  post(request: IncomingMessage, response: ServerResponse): void {
    const { socket, headers: { 'accept-encoding': acceptEncoding } } = request;
    const remember = this.#noting(request, response);
    readBody(request, (body) => {
      const call = toPlainRequest(request, body);
      this.#answer(call, acceptEncoding, (prepared) => {
        this.#deliver(response, prepared);
        if (!prepared.encoded.following) remember(() => this.#withBody(socket, { ...call, body: NO_BODY }, acceptEncoding));
      });
    });
  }

  /** To be begun when the head of a request has been read; told once it has been answered how the same may be answered again. */
  #noting(request: IncomingMessage, response: ServerResponse): (onceMore: () => OnceMore) => void {
    const { verbatim } = this.#way;
    const { socket, url = '' } = request;
    const asBefore = this.#urls.get(socket) === url;
    const noted = asBefore ? verbatim.noted(request, response) : undefined;
    return (onceMore) => {
      this.#urls.set(socket, url);
      if (noted) noted(onceMore());
      else if (asBefore) verbatim.watch(socket);
    };
  }

  /** The same once more, where it is known at once; else it is parsed and takes the ordinary way. */
  #onceMore(socket: Socket, call: Repeatable, acceptEncoding: string | undefined): OnceMore {
    return (_body, done) => {
      if (!this.#way.isUsual()) return done(undefined);
      return this.#look(call, acceptEncoding, (outcome) => {
        if (isPrepared(outcome)) return done(this.#onto(socket, outcome));
        if (outcome) this.#left.set(socket, outcome);
        return done(undefined);
      });
    };
  }

  /** Any call with the same head. @param call without a body, which would be held on to */
  #withBody(socket: Socket, call: RestRequest, acceptEncoding: string | undefined): OnceMore {
    return (body, done) => {
      if (!this.#way.isUsual()) return done(undefined);
      return this.#answer({ ...call, body, streams: false }, acceptEncoding, (prepared) => done(this.#onto(socket, prepared)));
    };
  }

  #onto(socket: Socket, prepared: Prepared): HandOver {
    return (taken) => {
      writeBare(socket, prepared.encoded, this.#way.verbatim.keptSeconds, taken);
      this.#onAnswer(prepared.answered, performance.now() - prepared.start);
      this.#options.repeats.verbatim += 1;
    };
  }

  #answer(call: RestRequest, acceptEncoding: string | undefined, done: (prepared: Prepared) => void): void {
    const start = performance.now();
    this.#look(call, acceptEncoding, (outcome) => {
      if (isPrepared(outcome)) return done(outcome);
      return void prepare(dispatch(this.#options, outcome ? { ...call, begun: outcome } : call), acceptEncoding, start).catch((fault: unknown) => this.#faulty(fault, start)).then(done);
    });
  }

  #faulty(fault: unknown, start: number): Prepared {
    const response = errorResponse(this.#options.onFault('', fault));
    return { answered: { response, method: '', userId: 0 }, encoded: response, start };
  }

  #deliver(raw: ServerResponse, prepared: Prepared): void {
    deliver(raw, prepared, this.#onAnswer).catch((fault: unknown) => {
      if (!raw.headersSent) writeResponse(raw, this.#faulty(fault, prepared.start).encoded);
    });
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
}

function isPrepared(outcome: Outcome): outcome is Prepared {
  return outcome !== undefined && 'encoded' in outcome;
}
