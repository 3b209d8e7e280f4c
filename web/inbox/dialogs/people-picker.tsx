/** People to choose several of. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { userId as me } from '../../lib/told.ts';
import type { User } from '../conversation/message.ts';
import { t } from './words.ts';

const AFTER_MS = 200;
const SHORTEST = 2;
const MOST = 30;

export function PeoplePicker({ chosen, onChange, except = [] }: { chosen: readonly User[]; onChange: (chosen: User[]) => void; except?: readonly number[] }) {
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState('');
  const [found, setFound] = useState<User[]>();
  useEffect(() => field.current!.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => void find(words.trim()).then(setFound, () => undefined), words === '' ? 0 : AFTER_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const shown = (found ?? []).filter(({ id }) => id !== me && !except.includes(id)).slice(0, MOST);
  const toggle = (user: User) => {
    onChange(chosen.some(({ id }) => id === user.id) ? chosen.filter(({ id }) => id !== user.id) : [...chosen, user]);
    field.current!.select();
  };
  return (
    <>
      <input ref={field} class="field" type="search" value={words} placeholder={t('find')} aria-label={t('find')} dir="auto" onInput={({ currentTarget }) => setWords(currentTarget.value)} />
      {chosen.length > 0 && (
        <ul class="picked">
          {chosen.map((user) => (
            <li key={user.id}><button type="button" class="picked-one" aria-label={t('takeOff', { name: user.name })} onClick={() => toggle(user)}><bdi>{user.name}</bdi><Icon name="close" size={14} /></button></li>
          ))}
        </ul>
      )}
      <ul class="people" aria-label={t('people')}>
        {shown.map((user) => {
          const on = chosen.some(({ id }) => id === user.id);
          return (
            <li key={user.id}>
              <button type="button" class="person" role="checkbox" aria-checked={on} onClick={() => toggle(user)}>
                <Avatar name={user.name} src={user.avatar} color={user.color} id={user.id} size={36} />
                <span class="person-words"><bdi>{user.name}</bdi>{user.work_position && <small dir="auto">{user.work_position}</small>}</span>
                <span class={on ? 'check on' : 'check'}>{on && <Icon name="check" size={16} />}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {found && shown.length === 0 && <p class="dialog-none">{t('noneFound')}</p>}
    </>
  );
}

/** Without words, the nearest colleagues. */
async function find(words: string): Promise<User[]> {
  if ([...words].length >= SHORTEST) return Object.values(await call<Record<string, User>>('im.search.user.list', { FIND: words, LIMIT: MOST }));
  const colleagues = await call<User[]>('im.department.colleagues.list', { USER_DATA: 'Y', LIMIT: MOST }).catch(() => []);
  const sought = words.toLocaleLowerCase();
  return colleagues.filter(({ name }) => name.toLocaleLowerCase().startsWith(sought));
}
