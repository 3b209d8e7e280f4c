/** How much of a parameter name an answer repeats, in characters: the name itself may be as large as the request. */
const SHOWN_NAME = 100;

/** A request that cannot be read. `code` goes to the wire as `error`, `message` as `error_description`. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Name of the top-level parameter at fault, when one is known; always well-formed and at most 100 characters. */
  readonly argument?: string;

  constructor(status: number, code: string, message: string, argument?: string) {
    super(message);
    this.status = status;
    this.code = code;
    if (argument !== undefined) this.argument = argument;
  }
}

/** The body exceeds `limit` bytes. */
export function bodyTooLarge(limit: number): RequestError {
  return new RequestError(413, 'REQUEST_TOO_LARGE', `Request body is larger than ${limit} bytes`);
}

/** The request, or the JSON in one parameter, holds more than `limit` values, counting those inside lists and maps. */
export function tooManyParameters(limit: number, argument?: string): RequestError {
  const text = argument === undefined ? `Request has more than ${limit} parameters` : `Parameter '${argument}' has more than ${limit} values`;
  return new RequestError(400, 'TOO_MANY_PARAMETERS', text, argument);
}

/** Lists and maps are nested more than `limit` levels deep. */
export function tooDeep(limit: number, argument?: string): RequestError {
  const subject = argument === undefined ? 'Parameters are' : `Parameter '${argument}' is`;
  return new RequestError(400, 'PARAMETERS_TOO_DEEP', `${subject} nested deeper than ${limit} levels`, argument);
}

/** Bytes that are not UTF-8, or a lone surrogate, somewhere in the top-level parameter `argument`. */
export function wrongEncoding(argument?: string): RequestError {
  const shown = argument?.slice(0, SHOWN_NAME).toWellFormed();
  const subject = shown === undefined ? 'the request' : `parameter '${shown}'`;
  return new RequestError(400, 'WRONG_ENCODING', `Wrong request encoding: ${subject} is not valid UTF-8`, shown);
}

/** The body is not JSON. `detail` must not repeat the body: bodies carry tokens, and errors end up in logs. */
export function invalidJson(detail: string): RequestError {
  return new RequestError(400, 'INVALID_JSON', `Request body is not valid JSON: ${detail}`);
}

/** The body is not multipart/form-data. `detail` must not repeat the body. */
export function invalidMultipart(detail: string): RequestError {
  return new RequestError(400, 'INVALID_MULTIPART', `Request body is not valid multipart/form-data: ${detail}`);
}

/** A parameter whose value cannot be used; `problem` completes the sentence "The value of an argument 'X' …". */
export function argumentError(argument: string, problem: string): RequestError {
  const text = problem === 'is null or empty' ? `Argument '${argument}' is null or empty` : `The value of an argument '${argument}' ${problem}`;
  return new RequestError(400, 'ERROR_ARGUMENT', text, argument);
}
