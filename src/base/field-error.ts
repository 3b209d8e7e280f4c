/**
 * A value that somebody gives cannot be taken. The message goes on from the name of the field: commands say it of a flag, methods of a
 * parameter.
 */
export class FieldError extends Error {
  override name = 'FieldError';
  readonly field: string;
  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}
