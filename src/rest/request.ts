/** A REST call as the pipeline gets it, and its answer. */
import type { CallTrace } from '../base/call-trace.ts';
import type { RestResponse } from './envelope.ts';
import type { Sifted } from './spool/sifting.ts';
import type { Begun } from './pipeline.ts';

export interface RestRequest {
  /** Path without the query, as it came. */
  path: string;
  /** Query string without the question mark. */
  query: string;
  contentType: string | undefined;
  authorization: string | undefined;
  /** Of a browser that is signed in and may be believed; see {@link sessionOf}. */
  session?: string | undefined;
  /** What proves that a page of ours calls, where it stands in the head. */
  csrf?: string | undefined;
  /** Tags of results that the caller has. */
  ifNoneMatch?: string | undefined;
  /** Empty for methods other than POST. */
  body: Uint8Array;
  /** What was taken out of a long body. */
  sifted?: Sifted | undefined;
  /** Whatever stands for the connection that it came on. */
  connection?: object;
  /** The address of the caller's machine. */
  source: string;
  /** Its bucket holds this call already. */
  counted?: true;
  /** Left by a short way that turned out not to be one. */
  begun?: Begun | undefined;
  /** Whether a long answer may be sent while it is made. */
  streams?: boolean;
  /** Scheme, host and port under which the caller reached the portal. */
  origin: string;
}

export interface Answered {
  response: RestResponse;
  /** The method's declared name, empty when there is none: safe for logs and metrics. */
  method: string;
  userId: number;
  /** What is to be written down of it; undefined where nothing is. */
  trace?: CallTrace | undefined;
}
