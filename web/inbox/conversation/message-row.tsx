/** One message, or the echo of one that is on its way. */
import type { ComponentChild } from 'preact';
import { Avatar } from '../../lib/avatar.tsx';
import { Icon } from '../../lib/icons.tsx';
import { format } from '../../lib/time.ts';
import { userId as me } from '../../lib/told.ts';
import { userOf } from '../store/people.ts';
import { plainText } from './bb.ts';
import { Files } from './files.tsx';
import { Attachments, Keyboard } from './lazy-blocks.tsx';
import { memo } from './memo.tsx';
import { fileIdsOf, type FileInfo, type Message, repliedTo } from './message.ts';
import type { Echo } from './outbox.ts';
import { nameOf, nameOrYou } from './people.ts';
import { signOf } from './reactions.ts';
import { Text, type TextActions } from './text.tsx';
import { t } from './words.ts';

/** What can be done with a message from its row. */
export interface RowActions extends TextActions {
  reply: (message: Message) => void;
  menu: (message: Message, at: HTMLElement, event?: MouseEvent) => void;
  react: (message: Message, code: string) => void;
  pickReaction: (message: Message, at: HTMLElement) => void;
  jump: (id: number) => void;
  retry: () => void;
  discard: (uuid: string) => void;
}

export interface MessageRowProps {
  message: Message;
  own: boolean;
  first: boolean;
  last: boolean;
  /** Whether names and pictures tell several authors apart. */
  grouped: boolean;
  /** Whether it is the one row that Tab reaches. */
  stop: boolean;
  marked: boolean;
  /** Whether another has read it; only of one's own. */
  seen: boolean;
  answered: Message | undefined;
  files: readonly FileInfo[];
  mayWrite: boolean;
  actions: RowActions;
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, own, first, last, grouped, stop, marked, seen, answered, mayWrite, actions } = props;
  const classes = ['msg', own ? 'own' : 'other', first && 'first', last && 'last', marked && 'marked', message.deleted && 'gone', grouped && 'grouped'];
  return (
    <div
      class={classes.filter(Boolean).join(' ')} role="article" tabIndex={stop ? 0 : -1} data-id={message.id} data-key={message.uuid || `m${message.id}`} aria-label={summaryOf(message, own, seen, answered)}
      onContextMenu={(event) => openMenu(event, message, actions)} onDblClick={() => mayWrite && actions.reply(message)}
    >
      {grouped && !own && <Side id={message.authorId} last={last} />}
      <div class="bubble">
        {grouped && !own && first && <Author id={message.authorId} />}
        {message.forward && <p class="forwarded"><Icon name="forward" size={14} /><bdi>{t('forwardedFrom', { name: nameOf(message.forward.userId) })}</bdi></p>}
        {repliedTo(message) > 0 && <Answered message={answered} onJump={() => actions.jump(repliedTo(message))} />}
        <Body {...props} />
        <Meta at={message.at} edited={message.edited}>{own && <Tick seen={seen} />}</Meta>
        <Reactions message={message} actions={actions} />
      </div>
      {!message.deleted && <Tools message={message} mayWrite={mayWrite} actions={actions} />}
      {!message.deleted && <Keyboard value={message.params['KEYBOARD']} actions={mayWrite ? actions : {}} />}
    </div>
  );
});

/** Text can be selected, and links followed, with the browser's own menu. */
function openMenu(event: MouseEvent, message: Message, actions: RowActions): void {
  const target = event.target as Element;
  if (target.closest('a, input, video, audio') || (getSelection()?.toString() ?? '') !== '') return;
  event.preventDefault();
  actions.menu(message, event.currentTarget as HTMLElement, event);
}

function Body({ message, files, mayWrite, actions }: MessageRowProps) {
  if (message.deleted) return <p class="gone-text">{t('deletedMessage')}</p>;
  const only = message.params['URL_ONLY'] === 'Y' && Array.isArray(message.params['ATTACH']);
  return (
    <>
      {files.length > 0 && <Files files={files} />}
      {message.params['STICKER_ID'] !== undefined && <p class="gone-text">{t('sticker')}</p>}
      {message.text !== '' && !only && <Text text={message.text} actions={mayWrite ? actions : {}} />}
      <Attachments value={message.params['ATTACH']} actions={mayWrite ? actions : {}} />
    </>
  );
}

/** What is said of a message in one go: who, what, when, and how far it has come. */
function summaryOf(message: Message, own: boolean, seen: boolean, answered: Message | undefined): string {
  const parts = [
    own ? t('you') : nameOf(message.authorId),
    answered && t('replyIn', { name: nameOrYou(answered.authorId) }),
    message.deleted ? t('deletedMessage') : plainText(message.text, 300),
    ...fileIdsOf(message).slice(0, 1).map(() => t('files', { n: fileIdsOf(message).length })),
    message.edited && t('edited'),
    format('clock', message.at),
    own && (seen ? t('stateRead') : t('stateSent')),
    ...Object.entries(message.reactions).map(([code, users]) => `${signOf(code)} ${users.length}`),
  ];
  return parts.filter(Boolean).join(', ');
}

function Side({ id, last }: { id: number; last: boolean }) {
  const user = userOf(id).value;
  return <a class="side" href={`#/${id}`} tabIndex={-1} aria-hidden="true">{last && <Avatar name={user?.name ?? '?'} src={user?.avatar} color={user?.color} id={id} size={32} />}</a>;
}

/** Colours for names: each can be read on the ground of a bubble, in both themes. */
const HUES = 8;

function Author({ id }: { id: number }) {
  const user = userOf(id).value;
  return (
    <p class={`author hue-${id % HUES}`}>
      <bdi>{nameOf(id)}</bdi>
      {user?.bot && <small class="tag">{t('bot')}</small>}
      {user?.guest && <small class="tag">{t('guest')}</small>}
    </p>
  );
}

export function Answered({ message, onJump }: { message: Message | undefined; onJump: () => void }) {
  return (
    <button type="button" class="answered" tabIndex={-1} onClick={onJump}>
      <bdi class="answered-name">{message ? nameOrYou(message.authorId) : t('quoteFrom')}</bdi>
      <span class="answered-text" dir="auto">{message ? shortOf(message) : '…'}</span>
    </button>
  );
}

/** A message in a few words. */
export function shortOf(message: Message): string {
  if (message.deleted) return t('deletedMessage');
  const words = plainText(message.text, 160);
  if (words !== '') return words;
  return fileIdsOf(message).length > 0 ? t('files', { n: fileIdsOf(message).length }) : t('attachment');
}

function Meta({ at, edited, children }: { at: number; edited?: boolean; children?: ComponentChild }) {
  return (
    <span class="meta" aria-hidden="true">
      {edited && <span>{t('edited')}</span>}
      <time dateTime={new Date(at).toISOString()} title={format('full', at)}>{format('clock', at)}</time>
      {children}
    </span>
  );
}

function Tick({ seen }: { seen: boolean }) {
  return <span class={seen ? 'tick is-seen' : 'tick'} title={seen ? t('read') : t('sent')}><Icon name={seen ? 'checks' : 'check'} size={16} /></span>;
}

function Reactions({ message, actions }: { message: Message; actions: RowActions }) {
  const codes = Object.entries(message.reactions);
  if (codes.length === 0) return null;
  return (
    <div class="reactions">
      {codes.map(([code, users]) => {
        const names = users.slice(0, 20).map(nameOrYou).join(', ');
        const mine = users.includes(me);
        return (
          <button
            key={code} type="button" tabIndex={-1} class={mine ? 'reaction mine' : 'reaction'} aria-pressed={mine} title={names} aria-label={t('reacted', { names, emoji: signOf(code) })}
            onClick={() => actions.react(message, code)}
          >
            <span aria-hidden="true">{signOf(code)}</span> {users.length}
          </button>
        );
      })}
    </div>
  );
}

/** For the mouse alone: the menu has all of it. */
function Tools({ message, mayWrite, actions }: { message: Message; mayWrite: boolean; actions: RowActions }) {
  const tool = (name: 'smile' | 'reply' | 'more', label: string, run: (at: HTMLElement) => void) => (
    <button type="button" tabIndex={-1} title={label} onClick={({ currentTarget }) => run(currentTarget as HTMLElement)}><Icon name={name} size={18} /></button>
  );
  return (
    <div class="tools" aria-hidden="true">
      {tool('smile', t('react'), (at) => actions.pickReaction(message, at))}
      {mayWrite && tool('reply', t('reply'), () => actions.reply(message))}
      {tool('more', t('more'), (at) => actions.menu(message, at))}
    </div>
  );
}

export const EchoRow = memo(function EchoRow({ echo, first, last, answered, files, actions }: { echo: Echo; first: boolean; last: boolean; answered: Message | undefined; files: ComponentChild; actions: RowActions }) {
  const { state } = echo;
  const sign = { queued: 'clock', sending: 'clock', failed: 'failed' } as const;
  return (
    <div
      class={`msg own echo ${state}${first ? ' first' : ''}${last ? ' last' : ''}`} role="article" data-key={echo.uuid} tabIndex={-1}
      aria-label={[t('you'), plainText(echo.text, 300), t(state)].join(', ')}
    >
      <div class="bubble">
        {echo.replyId > 0 && <Answered message={answered} onJump={() => actions.jump(echo.replyId)} />}
        {files}
        {echo.text !== '' && <Text text={echo.text} />}
        <Meta at={echo.at}><span class={`tick is-${state}`} title={t(state)}><Icon name={sign[state]} size={16} /></span></Meta>
      </div>
      {state === 'failed' && (
        <p class="not-sent">
          <span>{t('failed')}{echo.error && `: ${echo.error}`}</span>
          <button type="button" onClick={() => actions.retry()}>{t('retryAll')}</button>
          <button type="button" onClick={() => actions.discard(echo.uuid)}>{t('discard')}</button>
        </p>
      )}
    </div>
  );
});

export const ServiceRow = memo(function ServiceRow({ message, stop }: { message: Message; stop: boolean }) {
  return (
    <div class="msg service" role="article" tabIndex={stop ? 0 : -1} data-id={message.id} data-key={message.uuid || `m${message.id}`}>
      <div class="service-text">
        <Text text={message.text} />
        <Attachments value={message.params['ATTACH']} actions={{}} />
      </div>
    </div>
  );
});
