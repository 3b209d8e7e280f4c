/** A new chat: with one person a private one, with several a group, or a channel. */
import { useState } from 'preact/hooks';
import { call } from '../../lib/api.ts';
import { Dialog } from '../../lib/dialog.tsx';
import type { User } from '../conversation/message.ts';
import { goTo } from '../store/route.ts';
import { toast } from '../store/toast.ts';
import { closeDialogs } from './open.ts';
import { PeoplePicker } from './people-picker.tsx';
import { t } from './words.ts';

export function NewChat() {
  const [chosen, setChosen] = useState<User[]>([]);
  const [kind, setKind] = useState<'CHAT' | 'CHANNEL'>('CHAT');
  const [title, setTitle] = useState('');
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const isPrivate = kind === 'CHAT' && chosen.length === 1 && title.trim() === '';
  const ready = kind === 'CHANNEL' ? title.trim() !== '' : chosen.length > 0 || title.trim() !== '';
  const create = async () => {
    if (!ready || busy) return;
    if (isPrivate) {
      closeDialogs();
      return goTo(String(chosen[0]!.id));
    }
    setBusy(true);
    try {
      const type = `${open ? 'OPEN' : ''}${kind === 'CHANNEL' ? `${open ? '_' : ''}CHANNEL` : open ? '' : 'CHAT'}`;
      const id = await call<number>('im.chat.add', { TYPE: type, USERS: chosen.map((user) => user.id), ...(title.trim() && { TITLE: title.trim() }) });
      closeDialogs();
      goTo(`chat${id}`);
    } catch (error) {
      setBusy(false);
      toast(t('failed', { why: (error as Error).message }), { kind: 'bad' });
    }
  };
  return (
    <Dialog title={t('newChat')} closeText={t('close')} onClose={closeDialogs}>
      <form class="dialog-form" onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}>
        <div class="segments" role="radiogroup" aria-label={t('newChat')}>
          {(['CHAT', 'CHANNEL'] as const).map((one) => (
            <label key={one} class={kind === one ? 'segment on' : 'segment'}><input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />{one === 'CHAT' ? t('group') : t('channel')}</label>
          ))}
        </div>
        <label class="labelled">{t('title')}<input class="field" value={title} maxLength={255} placeholder={t('titleHint')} dir="auto" onInput={({ currentTarget }) => setTitle(currentTarget.value)} /></label>
        <PeoplePicker chosen={chosen} onChange={setChosen} />
        <label class="ticked"><input type="checkbox" checked={open} onChange={() => setOpen(!open)} />{t('open')}</label>
        {kind === 'CHAT' && <p class="dialog-hint">{t('private')}</p>}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={closeDialogs}>{t('cancel')}</button>
          <button type="submit" class="button main" disabled={!ready || busy}>{isPrivate ? t('openChat') : t('create')}</button>
        </div>
      </form>
    </Dialog>
  );
}
