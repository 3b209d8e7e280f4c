/** The dialogs of the right pane, in one part of the page that comes when the first is opened. */
import { useState } from 'preact/hooks';
import { call } from '../../lib/api.ts';
import { Avatar } from '../../lib/avatar.tsx';
import { Dialog } from '../../lib/dialog.tsx';
import { format } from '../../lib/time.ts';
import { userId as me } from '../../lib/told.ts';
import { type Message, toMessage } from '../conversation/message.ts';
import { outbox } from '../conversation/outgoing.ts';
import { pagesAt } from '../conversation/pages.ts';
import { nameOf } from '../conversation/people.ts';
import type { Talk } from '../conversation/talk.ts';
import { userOf } from '../store/people.ts';
import { toast } from '../store/toast.ts';
import { ChatInfo } from './chat-info.tsx';
import { ChatPicker } from './chat-picker.tsx';
import { NewChat } from './new-chat.tsx';
import { closeDialogs, dialogs } from './open.ts';
import { t } from './words.ts';
import './dialogs.css';

export function Dialogs() {
  const open = dialogs.value!;
  switch (open.kind) {
    case 'new':
      return <NewChat />;
    case 'info':
      return <ChatInfo talk={open.talk} />;
    case 'forward':
      return <Forward message={open.message} />;
    case 'readers':
      return <Readers talk={open.talk} message={open.message} />;
    case 'delete':
      return <Delete talk={open.talk} message={open.message} />;
  }
}

function Forward({ message }: { message: Message }) {
  return (
    <Dialog title={t('forwardTo')} closeText={t('close')} onClose={closeDialogs}>
      <ChatPicker onChoose={({ dialogId, title }) => {
        outbox.add({ dialogId, text: '', forwardId: message.id });
        closeDialogs();
        toast(t('forwarded', { name: title }));
      }} />
    </Dialog>
  );
}

function Readers({ talk, message }: { talk: Talk; message: Message }) {
  const readers = [...talk.receipts.byUser.value].filter(([id, { upTo }]) => id !== me && upTo >= message.id);
  return (
    <Dialog title={t('readers')} closeText={t('close')} onClose={closeDialogs}>
      {readers.length === 0 && <p class="dialog-none">{t('nobody')}</p>}
      <ul class="people">{readers.map(([id, { date }]) => <ReaderLine key={id} id={id} date={date} name={readerName(talk, id)} />)}</ul>
    </Dialog>
  );
}

const readerName = (talk: Talk, id: number): string => talk.card.value?.readed_list.find((reader) => reader.user_id === id)?.user_name ?? nameOf(id);

function ReaderLine({ id, date, name }: { id: number; date: string | null; name: string }) {
  const user = userOf(id).value;
  return (
    <li class="person">
      <Avatar name={name} src={user?.avatar} color={user?.color} id={id} size={36} />
      <span class="person-words"><bdi>{name}</bdi>{date && <small>{t('readAt', { when: format('full', Date.parse(date)) })}</small>}</span>
    </li>
  );
}

function Delete({ talk, message }: { talk: Talk; message: Message }) {
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await call('im.message.delete', { MESSAGE_ID: message.id });
      await showAsItIs(talk, message.id);
    } catch (error) {
      toast(t('failed', { why: (error as Error).message }), { kind: 'bad' });
    }
    closeDialogs();
  };
  return (
    <Dialog title={t('removeAsk')} closeText={t('close')} onClose={closeDialogs}>
      <p>{t('removeHint')}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={closeDialogs}>{t('cancel')}</button>
        <button type="button" class="button danger" disabled={busy} onClick={() => void remove()}>{t('remove')}</button>
      </div>
    </Dialog>
  );
}

/** Gone, or with a line in its place: the server decides. */
async function showAsItIs(talk: Talk, id: number): Promise<void> {
  const { newer } = await pagesAt(talk.dialogId, id, 1).catch(() => ({ newer: undefined }));
  const [wire] = newer?.messages ?? [];
  if (wire?.id === id) talk.changed(toMessage(wire));
  else talk.erased(id);
}
