/** One thing that the vendor's clients are told, encoded once for all who are told it alike. */
import type { Zone } from '../../../base/dates.ts';

/** What clients have been made for: of another number they would ask for a reload. */
export const REVISION = { web: 19, mobile: 3 } as const;

/** Who a message is from where another client has sent it. Without one it is from the server. */
export interface Sender {
  /** A client. */
  type: 1;
  /** Hexadecimal. */
  id: string;
}

export interface EventParts {
  /** Lower case. */
  module: string;
  command: string;
  /** JSON of a map. */
  params: string;
  /** When it happened, milliseconds. */
  at: number;
  /** For how long it is worth something, seconds; 0 for ever. */
  expiry?: number;
  sender?: Sender | undefined;
  /** For those who look on as no members. */
  isShared?: boolean;
}

/** Ends a frame of text, or a line, beyond which clients do not look for that end: neither may be within one. */
const FRAME_BREAKERS = /#(?=!NGINX)|[\u2028\u2029]/g;

export class PullEvent {
  readonly at: number;
  readonly expiry: number;
  readonly sender: Sender | undefined;
  /** JSON of `{module_id, command, params, extra}`. */
  readonly body: string;
  #key = '';
  #frame: Uint8Array | undefined;

  constructor({ module, command, params, at, expiry = 0, sender, isShared = false }: EventParts, zone: Zone) {
    this.at = at;
    this.expiry = expiry;
    this.sender = sender;
    const body = `{"module_id":${JSON.stringify(module)},"command":${JSON.stringify(command)},"params":${params},"extra":${extraOf(at, zone, isShared)}}`;
    this.body = body.replace(FRAME_BREAKERS, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }

  /** The same frame for the same key as long as no other is asked for. */
  framed(key: string, make: () => Uint8Array): Uint8Array {
    if (this.#key !== key || !this.#frame) {
      this.#frame = make();
      this.#key = key;
    }
    return this.#frame;
  }
}

function extraOf(at: number, zone: Zone, isShared: boolean): string {
  return JSON.stringify({
    server_time: zone.atom(at), server_time_unix: at / 1000, server_name: 'tidemark', revision_web: REVISION.web, revision_mobile: REVISION.mobile,
    ...(isShared && { is_shared_event: true }),
  });
}

/** An event as one client gets it. */
export interface Numbered {
  /** Hexadecimal: by it the client goes on after a reconnect. */
  mid: string;
  event: PullEvent;
}
