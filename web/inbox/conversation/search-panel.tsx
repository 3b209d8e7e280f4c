/** Search in the open chat: words, and the messages that have them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { listTime } from '../../lib/time.ts';
import { learnPeople, type UserView } from '../store/people.ts';
import { toast } from '../store/toast.ts';
import { plainText } from './bb.ts';
import { nameOrYou } from './people.ts';
import type { Talk } from './talk.ts';
import { t } from './words.ts';
import './search-panel.css';

interface Found {
  messages: Array<{ id: number; author_id: number; date: string; text: string }>;
  usersShort: Array<{ id: number; name: string; avatar: string }>;
}

const SHORTEST = 3;
/** Milliseconds after the last letter. */
const AFTER_MS = 250;
const PAGE = 30;

export function SearchPanel({ talk, onClose }: { talk: Talk; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Found['messages']>();
  useEffect(() => field.current!.focus(), []);
  useEffect(() => {
    setFound(undefined);
    const sought = words.trim();
    if ([...sought].length < SHORTEST) return undefined;
    const ended = new AbortController();
    const timer = setTimeout(() => void search(talk, sought, ended.signal).then(setFound, () => undefined), AFTER_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [words]);
  const short = [...words.trim()].length < SHORTEST;
  return (
    <search class="search-panel">
      <div class="search-line">
        <Icon name="search" size={18} />
        <input ref={field} type="search" value={words} placeholder={t('searchHint')} aria-label={t('search')} dir="auto" onInput={({ currentTarget }) => setWords(currentTarget.value)} />
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={onClose}><Icon name="close" size={18} /></button>
      </div>
      <p class="search-state" role="status">{short ? (words === '' ? '' : t('shortest')) : found ? (found.length === 0 ? t('noneFound') : t('found', { n: found.length })) : ''}</p>
      {found && found.length > 0 && (
        <ul class="search-found">
          {found.map((message) => (
            <li key={message.id}>
              <button type="button" onClick={() => void talk.jumpTo(message.id).then((there) => !there && toast(t('gone')))}>
                <span class="search-who"><bdi>{message.author_id > 0 ? nameOrYou(message.author_id) : ''}</bdi><time>{listTime(Date.parse(message.date))}</time></span>
                <span class="search-text" dir="auto"><Marked text={plainText(message.text, 400)} words={words.trim()} /></span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}

async function search(talk: Talk, words: string, signal: AbortSignal): Promise<Found['messages']> {
  const chatId = talk.card.value?.id ?? 0;
  const found = await call<Found>('im.dialog.messages.search', { CHAT_ID: chatId, SEARCH_MESSAGE: words, LIMIT: PAGE }, { signal });
  learnPeople(found.usersShort.map((user): UserView => ({ ...user, color: '' })).filter(({ id }) => talk.person(id) === undefined));
  return found.messages;
}

/** What was sought, marked, with a little before it. */
function Marked({ text, words }: { text: string; words: string }) {
  const at = text.toLocaleLowerCase().indexOf(words.toLocaleLowerCase());
  if (at === -1) return <>{text.slice(0, 160)}</>;
  const from = Math.max(0, at - 40);
  return <>{from > 0 && '…'}{text.slice(from, at)}<mark>{text.slice(at, at + words.length)}</mark>{text.slice(at + words.length, at + words.length + 120)}</>;
}
