/** Chats and people to choose one of: those of the list at first, others as they are sought. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { batch } from '../../lib/api.ts';
import { knownRows } from '../store/chats.ts';
import { inOrder } from '../store/row.ts';
import { t } from './words.ts';

export interface Choice {
  dialogId: string;
  title: string;
  avatar: string;
  color: string;
}

const AFTER_MS = 200;
const SHORTEST = 2;
const MOST = 30;

export function ChatPicker({ onChoose }: { onChoose: (choice: Choice) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Choice[]>([]);
  useEffect(() => field.current!.focus(), []);
  useEffect(() => {
    setFound([]);
    if ([...words.trim()].length < SHORTEST) return undefined;
    const timer = setTimeout(() => void search(words.trim()).then(setFound, () => undefined), AFTER_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const near = [...knownRows()].sort(inOrder).filter(({ title, kind }) => kind !== 'lines' && title.toLocaleLowerCase().includes(words.trim().toLocaleLowerCase())).slice(0, MOST);
  const known = near.map(({ id, title, avatar, color }): Choice => ({ dialogId: id, title, avatar, color }));
  const choices = [...known, ...found.filter(({ dialogId }) => !known.some((choice) => choice.dialogId === dialogId))];
  return (
    <>
      <input ref={field} class="field" type="search" value={words} placeholder={t('findChat')} aria-label={t('findChat')} dir="auto" onInput={({ currentTarget }) => setWords(currentTarget.value)} />
      <ul class="people tall">
        {choices.map((choice) => (
          <li key={choice.dialogId}>
            <button type="button" class="person" onClick={() => onChoose(choice)}>
              <Avatar name={choice.title} src={choice.avatar} color={choice.color} size={36} />
              <span class="person-words"><bdi>{choice.title}</bdi></span>
            </button>
          </li>
        ))}
      </ul>
      {choices.length === 0 && <p class="dialog-none">{t('noChatFound')}</p>}
    </>
  );
}

interface FoundUser {
  id: number;
  name: string;
  avatar: string;
  color: string;
}

async function search(words: string): Promise<Choice[]> {
  const { results } = await batch({ users: ['im.search.user.list', { FIND: words, LIMIT: MOST }], chats: ['im.search.chat.list', { FIND: words, LIMIT: MOST }] });
  const users = Object.values((results.users ?? {}) as Record<string, FoundUser>);
  const chats = (results.chats ?? []) as FoundUser[];
  return [
    ...users.map(({ id, name, avatar, color }) => ({ dialogId: String(id), title: name, avatar, color })),
    ...chats.map(({ id, name, avatar, color }) => ({ dialogId: `chat${id}`, title: name, avatar, color })),
  ];
}
