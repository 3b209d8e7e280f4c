/** People to mention, as their name is begun after an @. */
import { useEffect, useState } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { call } from '../../lib/api.ts';
import { userId as me } from '../../lib/told.ts';
import { isPrivate } from '../conversation/card.ts';
import type { User } from '../conversation/message.ts';
import type { Talk } from '../conversation/talk.ts';
import { t } from '../conversation/words.ts';
import type { MentionsHandle } from './mention-at.ts';

const MOST = 8;

interface Choice {
  id: number | 'all';
  name: string;
  user: User | undefined;
}

export function Mentions({ talk, words, handle, onChoose, onNone }: {
  talk: Talk; words: string; handle: { current: MentionsHandle | undefined }; onChoose: (text: string) => void; onNone: () => void;
}) {
  const members = useMembers(talk);
  const [at, setAt] = useState(0);
  const choices = choicesOf(talk, members, words);
  const chosen = Math.min(at, choices.length - 1);
  const choose = ({ id, name }: Choice) => onChoose(`[USER=${id}]${name.replace(/[[\]]/g, '')}[/USER] `);
  useEffect(() => setAt(0), [words]);
  useEffect(() => {
    if (members && choices.length === 0 && words.includes(' ')) onNone();
  });
  handle.current = {
    key: (event) => {
      if (choices.length === 0) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) setAt((chosen + step + choices.length) % choices.length);
      else if (event.key === 'Enter' || event.key === 'Tab') choose(choices[chosen]!);
      else return false;
      event.preventDefault();
      return true;
    },
  };
  if (choices.length === 0) return null;
  return (
    <div class="mentions" id="mentions" role="listbox" aria-label={t('mentions')}>
      {choices.map((choice, index) => (
        <button key={choice.id} type="button" role="option" tabIndex={-1} aria-selected={index === chosen} class={index === chosen ? 'mention-choice on' : 'mention-choice'} onPointerDown={(event) => {
          event.preventDefault();
          choose(choice);
        }}>
          <Avatar name={choice.name} src={choice.user?.avatar} color={choice.user?.color} id={Number(choice.id) || 0} size={24} />
          <bdi>{choice.name}</bdi>
          {choice.user?.work_position && <small dir="auto">{choice.user.work_position}</small>}
        </button>
      ))}
    </div>
  );
}

/** Those of a chat, asked for once while it is open. */
const known = new WeakMap<Talk, User[]>();

function useMembers(talk: Talk): User[] | undefined {
  const [members, setMembers] = useState(known.get(talk));
  useEffect(() => {
    if (members) return;
    call<User[]>('im.dialog.users.list', { DIALOG_ID: talk.dialogId, LIMIT: 200 }).then((users) => {
      known.set(talk, users);
      setMembers(users);
    }, () => undefined);
  }, []);
  return members;
}

function choicesOf(talk: Talk, members: readonly User[] | undefined, words: string): Choice[] {
  const sought = words.toLocaleLowerCase();
  const matches = (name: string) => name.toLocaleLowerCase().startsWith(sought) || name.toLocaleLowerCase().split(/\s+/).some((part) => part.startsWith(sought));
  const people = (members ?? []).filter(({ id, name, active }) => id !== me && active !== false && matches(name)).slice(0, MOST).map((user): Choice => ({ id: user.id, name: user.name, user }));
  const all: Choice[] = !isPrivate(talk.dialogId) && sought !== '' && t('sendToAll').startsWith(sought) ? [{ id: 'all', name: t('mentionAll'), user: undefined }] : [];
  return [...people, ...all];
}
