/** Own messages that the server has not taken yet, as far as the list shows them. */
import { Keyed } from '../../lib/keyed.ts';

export interface Echo {
  text: string;
  state: 'queued' | 'sending' | 'failed';
}

const echoes = new Keyed<string, Echo>();

export const echoOf = (dialogId: string) => echoes.signal(dialogId);

export function setEcho(dialogId: string, echo: Echo | undefined): void {
  if (echo) echoes.set(dialogId, echo);
  else echoes.delete(dialogId);
}
