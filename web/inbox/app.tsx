/** Two panes beside each other; on a phone one at a time. Around them whatever may appear in front. */
import { useEffect } from 'preact/hooks';
import { sessionLost } from '../lib/api.ts';
import { Dialog } from '../lib/dialog.tsx';
import { Icon } from '../lib/icons.tsx';
import { lazy } from '../lib/lazy.tsx';
import { Menus } from '../lib/menu.tsx';
import { Conversation } from './conversation/conversation.tsx';
import { keysOpen } from './list/keys-open.ts';
import { ListPane } from './list/list-pane.tsx';
import './list/sign-out.ts';
import { t } from './list/words.ts';
import { assertive, polite } from './store/announce.ts';
import { openDialog } from './store/route.ts';
import { start } from './store/sync.ts';
import { watchTitle } from './store/title.ts';
import { dropToast, toasts } from './store/toast.ts';
import './app.css';

const KeyHelp = lazy(() => import('./list/key-help.tsx'), 'KeyHelp');

export function App() {
  const open = openDialog.value;
  useEffect(() => {
    start();
    return watchTitle();
  }, []);
  return (
    <>
      <a class="skip" href="#conversation" onClick={skip}>{t('skip')}</a>
      <div class={open === '' ? 'panes' : 'panes opened'}>
        <div class="pane pane-list" data-pane="list"><ListPane /></div>
        <div class="pane pane-conversation" data-pane="conversation" id="conversation" tabIndex={-1}><Conversation dialogId={open} /></div>
      </div>
      <Menus />
      {keysOpen.value && <KeyHelp />}
      <SessionLost />
      <Toasts />
      <p class="hidden-text" aria-live="polite">{polite}</p>
      <p class="hidden-text" aria-live="assertive">{assertive}</p>
    </>
  );
}

/** Not by the address: it says which chat is open. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('conversation')!.focus();
}

function SessionLost() {
  if (!sessionLost.value) return null;
  return (
    <Dialog title={t('sessionLost')} closeText={t('close')} onClose={() => undefined} mayLeave={false}>
      <p>{t('sessionLostText')}</p>
      <div class="dialog-actions"><a class="button main" href="/sign-in/?return=/">{t('signIn')}</a></div>
    </Dialog>
  );
}

function Toasts() {
  return (
    <div class="toasts">
      {toasts.value.map(({ id, text, kind, action }) => (
        <div key={id} class={`toast ${kind}`}>
          <span>{text}</span>
          {action && <button type="button" class="toast-action" onClick={() => { dropToast(id); action.run(); }}>{action.text}</button>}
          <button type="button" class="icon-button" aria-label={t('close')} onClick={() => dropToast(id)}><Icon name="close" size={16} /></button>
        </div>
      ))}
    </div>
  );
}
