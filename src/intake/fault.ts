/** Why a portal cannot be taken from, or no further: the message is for the person who asked for it. */
export class IntakeFault extends Error {
  override name = 'IntakeFault';
}

/** The portal refuses one method. */
export class MethodRefused extends Error {
  override name = 'MethodRefused';
  readonly method: string;
  readonly code: string;

  constructor(method: string, code: string) {
    super(`${method}: ${code}`);
    this.method = method;
    this.code = code;
  }

  /** Whether the portal does not have the method, or not for this webhook. */
  get lacks(): boolean {
    return ['ERROR_METHOD_NOT_FOUND', 'INSUFFICIENT_SCOPE'].includes(this.code.toUpperCase());
  }
}
