/** A failure that a method declares: its code and text on the wire and its HTTP status. */
export interface ErrorDeclaration {
  code: string;
  status: number;
  text: string;
  /** What else stands beside them on the wire. */
  extra?: Readonly<Record<string, string>>;
}

export type Errors = Record<string, ErrorDeclaration>;
