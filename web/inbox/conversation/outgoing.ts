/** The one outbox of the page: what is written goes out by im.message.add, and waits in the browser's database until it has. */
import { effect, type Signal, signal } from '@preact/signals';
import { ApiError, call } from '../../lib/api.ts';
import { liveState } from '../../lib/live.ts';
import { say } from '../store/announce.ts';
import { cache } from '../store/cache.ts';
import { setEcho } from '../store/echo.ts';
import { type Attempt, type Echo, Outbox } from './outbox.ts';
import { talkOf } from './talks.ts';
import { t } from './words.ts';

const shown = new Map<string, Signal<readonly Echo[]>>();

/** What of a dialog is under way or waits. */
export function echoesOf(dialogId: string): Signal<readonly Echo[]> {
  const known = shown.get(dialogId) ?? signal<readonly Echo[]>([]);
  shown.set(dialogId, known);
  return known;
}

export const outbox = new Outbox({
  send: attempt,
  keep: (echo) => void cache.put('outbox', echo.uuid, echo),
  forget: (uuid) => void cache.put('outbox', uuid, undefined),
  changed: (dialogId) => {
    const echoes = outbox.of(dialogId);
    echoesOf(dialogId).value = echoes;
    const last = echoes.at(-1);
    setEcho(dialogId, last && { text: last.text, state: last.state });
  },
  now: () => Date.now(),
  uuid: () => crypto.randomUUID(),
});

/** Milliseconds until what nobody took is tried again by itself. */
const AGAIN_MS = 3000;

async function attempt(echo: Echo): Promise<Attempt> {
  try {
    const taken = await call<number>('im.message.add', {
      DIALOG_ID: echo.dialogId,
      TEMPLATE_ID: echo.uuid,
      ...(echo.forwardId ? { FORWARD_ID: echo.forwardId } : { MESSAGE: echo.text }),
      ...(echo.replyId ? { REPLY_ID: echo.replyId } : {}),
      ...(echo.fileIds.length > 0 ? { FILE_ID: echo.fileIds } : {}),
    });
    // Its row goes over into the message's without waiting for the event.
    await talkOf(echo.dialogId)?.accepted(echo, taken);
    return { taken };
  } catch (error) {
    if (error instanceof ApiError && !['NETWORK', 'SESSION', 'QUERY_LIMIT_EXCEEDED'].includes(error.code)) {
      say(t('notSentTo', { why: error.message }), 'assertive');
      return { refused: error.message };
    }
    setTimeout(() => (outbox.online = true), AGAIN_MS);
    return { later: true };
  }
}

/** Takes up what was left when the page was closed, and goes on whenever the server is there again. */
export async function startOutbox(): Promise<void> {
  outbox.restore(await cache.all<Echo>('outbox'));
  effect(() => {
    if (liveState.value === 'open') outbox.online = true;
  });
  window.addEventListener('online', () => (outbox.online = true));
}
