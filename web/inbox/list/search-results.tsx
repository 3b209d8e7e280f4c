/** What a search has found: chats, people, messages; one list for the keyboard. */
import { useEffect } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { listTime } from '../../lib/time.ts';
import { say } from '../store/announce.ts';
import { goTo, openDialog, openMessage } from '../store/route.ts';
import { query } from './query.ts';
import { type Found, found, type FoundChat, type FoundMessage } from './search.ts';
import { t } from './words.ts';

export function SearchResults() {
  const result = found.value;
  const n = result.chats.length + result.people.length + result.messages.length;
  useEffect(() => {
    if (result.state === 'done') say(n > 0 ? t('foundCount', { n }) : t('nothingFound', { text: result.text }));
  }, [result]);
  return (
    <div class="found" id="found" onKeyDown={onKeyDown}>
      {n > 0 && <Groups {...result} />}
      {n === 0 && result.state === 'searching' && <p class="list-note small">{t('searching')}</p>}
      {n === 0 && result.state === 'done' && (
        <div class="list-note"><span class="list-note-icon"><Icon name="search" size={28} /></span><p>{t('nothingFound', { text: result.text })}</p></div>
      )}
      {result.state === 'failed' && (
        <div class="list-note small">
          <p>{t('loadFailed')}</p>
          <button type="button" class="button" onClick={() => { query.value = `${query.peek()} `; }}>{t('retry')}</button>
        </div>
      )}
    </div>
  );
}

function Groups({ text, chats, people, messages }: Found) {
  return (
    <div role="listbox" aria-label={t('found')}>
      <Group name={t('foundChats')} isShown={chats.length > 0}>{chats.map((chat, at) => <ChatRow key={chat.id} {...chat} text={text} isFirst={at === 0} />)}</Group>
      <Group name={t('foundPeople')} isShown={people.length > 0}>
        {people.map((person, at) => <ChatRow key={person.id} {...person} text={text} isFirst={at === 0 && chats.length === 0} />)}
      </Group>
      <Group name={t('foundMessages')} isShown={messages.length > 0}>
        {messages.map((message, at) => <MessageRow key={message.id} {...message} words={text} isFirst={at === 0 && chats.length + people.length === 0} />)}
      </Group>
    </div>
  );
}

function Group({ name, isShown, children }: { name: string; isShown: boolean; children: preact.ComponentChildren }) {
  if (!isShown) return null;
  return <div role="group" aria-label={name}><div class="found-head" aria-hidden="true">{name}</div>{children}</div>;
}

function open(id: string, message = 0): void {
  goTo(id, { message });
  void call('im.search.last.add', { DIALOG_ID: id }).catch(() => undefined);
}

function ChatRow({ id, title, avatar, color, about, text, isFirst }: FoundChat & { text: string; isFirst: boolean }) {
  return (
    <div class="found-row" role="option" tabIndex={isFirst ? 0 : -1} aria-selected={openDialog.value === id} onClick={() => open(id)}>
      <span class="hidden-text">{[title, about].filter(Boolean).join(', ')}</span>
      <Avatar name={title} src={avatar} color={color} id={Number(id.replace('chat', ''))} size={32} />
      <span class="found-text" aria-hidden="true">
        <bdi class="row-title"><Marked text={title} words={text} /></bdi>
        {about !== '' && <bdi class="row-preview">{about}</bdi>}
      </span>
    </div>
  );
}

function MessageRow({ id, dialogId, title, avatar, color, text, at, words, isFirst }: FoundMessage & { words: string; isFirst: boolean }) {
  const isOpen = openDialog.value === dialogId && openMessage.value === id;
  return (
    <div class="found-row" role="option" tabIndex={isFirst ? 0 : -1} aria-selected={isOpen} onClick={() => open(dialogId, id)}>
      <span class="hidden-text">{`${title}, ${text.slice(0, 100)}, ${listTime(at)}`}</span>
      <Avatar name={title} src={avatar} color={color} id={Number(dialogId.replace('chat', ''))} size={32} />
      <span class="found-text" aria-hidden="true">
        <span class="row-line"><bdi class="row-title">{title}</bdi><span class="row-when">{listTime(at)}</span></span>
        <bdi class="row-preview" dir="auto"><Marked text={around(text, words)} words={words} /></bdi>
      </span>
    </div>
  );
}

/** The part of a long text that holds what was looked for. */
function around(text: string, words: string): string {
  const at = text.toLowerCase().indexOf(words.toLowerCase());
  return at > 40 ? `…${text.slice(at - 24)}` : text;
}

function Marked({ text, words }: { text: string; words: string }) {
  const parts = words.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (parts.length === 0) return <>{text}</>;
  const pieces = text.split(new RegExp(`(${parts.join('|')})`, 'iu'));
  return <>{pieces.map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece))}</>;
}

function onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const options = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="option"]')];
  const at = options.indexOf(document.activeElement as HTMLElement);
  const field = document.getElementById('search')!;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
  if (event.key === 'Enter' && at >= 0) options[at]!.click();
  else if (event.key === 'Escape') {
    query.value = '';
    field.focus();
  } else if (to === undefined) return;
  else if (to < 0) field.focus();
  else options[Math.min(to, options.length - 1)]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
