/** The right pane: the dialog that is open, the notifications, or a hint. */
import { effect, untracked, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { Icon } from '../../lib/icons.tsx';
import { Composer } from '../composer/composer.tsx';
import { composers } from '../composer/handle.ts';
import { dialogs } from '../dialogs/open.ts';
import { addShortcut, pushEscape } from '../store/keys.ts';
import { newChat } from '../store/new-chat.ts';
import { openDialog, openMessage } from '../store/route.ts';
import { toast } from '../store/toast.ts';
import { isPrivate, writeBar } from './card.ts';
import { Header } from './header.tsx';
import { lazy } from '../../lib/lazy.tsx';
import { actionsFor } from './message-actions.ts';
import { Messages } from './messages.tsx';
import { startOutbox } from './outgoing.ts';
import { Pinned } from './pinned.tsx';
import { reactionPicker } from './picking.ts';
import type { Talk } from './talk.ts';
import { followTalks, openTalk, renewReader } from './talks.ts';
import { startUploads } from './uploads.ts';
import { viewed } from './viewing.ts';
import { t } from './words.ts';
import './conversation.css';
import './messages.css';
import './content.css';

const ReactionPicker = lazy(() => import('./reaction-picker.tsx'), 'ReactionPicker');
const Viewer = lazy(() => import('./viewer.tsx'), 'Viewer');
const SearchPanel = lazy(() => import('./search-panel.tsx'), 'SearchPanel');
const Notifications = lazy(() => import('../dialogs/notifications.tsx'), 'Notifications');
const Dialogs = lazy(() => import('../dialogs/dialogs.tsx'), 'Dialogs');

followTalks();
void startOutbox();
startUploads();
// The list asks for it by a signal of its own.
effect(() => {
  if (!newChat.value) return;
  newChat.value = false;
  dialogs.value = { kind: 'new' };
});

export function Conversation({ dialogId }: { dialogId: string }) {
  return (
    <main class="conversation" aria-label={t('conversation')} tabIndex={-1}>
      {dialogId === '' ? <Nothing /> : dialogId === 'notify' ? <Notifications /> : <Open key={dialogId} dialogId={dialogId} />}
      {reactionPicker.value && <ReactionPicker />}
      {viewed.value && <Viewer />}
      {dialogs.value && <Dialogs />}
    </main>
  );
}

function Nothing() {
  return (
    <div class="hint">
      <span class="hint-sign"><Icon name="line" size={40} /></span>
      <h2>{t('noChat')}</h2>
      <p>{t('noChatHint')}</p>
      <button type="button" class="button" onClick={() => (dialogs.value = { kind: 'new' })}><Icon name="plus" size={18} /> {t('newChat')}</button>
    </div>
  );
}

function Open({ dialogId }: { dialogId: string }) {
  const talk = useMemo(() => openTalk(dialogId), []);
  const [searching, setSearching] = useState(false);
  useOpening(talk);
  useShortcuts(talk);
  useLayoutEffect(() => (searching ? pushEscape(() => setSearching(false)) : undefined), [searching]);
  const { state, card } = talk;
  const bar = card.value && writeBar(card.value, isPrivate(dialogId) ? talk.person(Number(dialogId)) : undefined);
  const mayWrite = card.value !== undefined && bar === undefined;
  const actions = useMemo(() => actionsFor(talk), []);
  const drop = useDrop(mayWrite);

  return (
    <div class="talk" {...drop.handlers}>
      <Header talk={talk} onInfo={() => (dialogs.value = { kind: 'info', talk })} onSearch={() => setSearching(!searching)} />
      {searching && <SearchPanel talk={talk} onClose={() => setSearching(false)} />}
      <Pinned talk={talk} />
      <Content talk={talk} mayWrite={mayWrite} actions={actions} />
      {bar && <p class="no-writing"><Icon name="lock" size={18} />{t(bar, { name: card.value!.name })}</p>}
      {mayWrite && state.value !== 'denied' && <Composer talk={talk} />}
      {drop.over && <div class="drop" aria-hidden="true"><span><Icon name="attach" size={32} />{t('dropFiles')}</span></div>}
    </div>
  );
}

function Content({ talk, mayWrite, actions }: { talk: Talk; mayWrite: boolean; actions: ReturnType<typeof actionsFor> }) {
  const state = talk.state.value;
  const empty = talk.history.value.every(({ messages }) => messages.length === 0);
  if (state === 'denied') return <div class="hint"><span class="hint-sign"><Icon name="lock" size={36} /></span><h2>{t('denied')}</h2><p>{t('deniedHint')}</p></div>;
  if (!empty) return <Messages talk={talk} mayWrite={mayWrite} actions={actions} />;
  if (state === 'loading') return <Skeleton />;
  if (state === 'failed') {
    return <div class="hint" role="alert"><p>{t('loadFailed')}</p><button type="button" class="button" onClick={() => void talk.open()}>{t('retry')}</button></div>;
  }
  return <Empty talk={talk} mayWrite={mayWrite} actions={actions} />;
}

/** Also where what was just written is the first there is. */
function Empty({ talk, mayWrite, actions }: { talk: Talk; mayWrite: boolean; actions: ReturnType<typeof actionsFor> }) {
  return (
    <div class="empty-talk">
      <div class="hint"><h2>{t('empty')}</h2>{mayWrite && <p>{t('emptyHint')}</p>}</div>
      <Messages talk={talk} mayWrite={mayWrite} actions={actions} />
    </div>
  );
}

/** Of true sizes, and not before a moment has passed. */
function Skeleton() {
  const widths = [52, 38, 61, 30, 47, 56, 34];
  return (
    <div class="talk-skeleton" role="status" aria-label={t('loading')}>
      {widths.map((width, at) => <span key={at} class={at % 3 === 2 ? 'own' : ''} style={{ inlineSize: `${width}%` }} />)}
    </div>
  );
}

function useOpening(talk: Talk): void {
  useEffect(() => {
    renewReader(talk);
    void talk.open();
    if (matchMedia('(pointer: fine)').matches) composers.current?.focus();
  }, []);
  useSignalEffect(() => {
    const [id, ready] = [openMessage.value, talk.state.value === 'ready'];
    if (id > 0 && ready && openDialog.peek() === talk.dialogId) {
      untracked(() => void talk.jumpTo(id).then((found) => !found && toast(t('gone'))));
      openMessage.value = 0;
    }
  });
}

function useShortcuts(talk: Talk): void {
  useEffect(() => {
    const ends = [
      addShortcut({ key: 'PageUp', shift: true, run: () => talk.divider.peek() > 0 && talk.show(talk.divider.peek(), 'divider'), help: () => t('firstUnread') }),
      pushEscape(() => {
        if (talk.slice.peek().around !== 'end' || talk.below.peek() > 0) void talk.toEnd();
        else composers.current?.focus();
      }),
    ];
    return () => ends.forEach((end) => end());
  }, []);
}

/** Files that are dragged over the pane. */
function useDrop(mayWrite: boolean) {
  const [over, setOver] = useState(0);
  const hasFiles = (event: DragEvent) => mayWrite && (event.dataTransfer?.types.includes('Files') ?? false);
  const handlers = {
    onDragEnter: (event: DragEvent) => hasFiles(event) && setOver(over + 1),
    onDragLeave: (event: DragEvent) => hasFiles(event) && setOver(Math.max(0, over - 1)),
    onDragOver: (event: DragEvent) => hasFiles(event) && event.preventDefault(),
    onDrop: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(0);
      composers.current?.addFiles([...event.dataTransfer!.files]);
    },
  };
  return { over: over > 0, handlers };
}

