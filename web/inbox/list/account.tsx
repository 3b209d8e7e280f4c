/** Who is signed in, and a menu of what they may choose. */
import { Avatar } from '../../lib/avatar.tsx';
import { popUp } from '../../lib/menu.tsx';
import { userId } from '../../lib/told.ts';
import { me } from '../store/people.ts';
import { toast } from '../store/toast.ts';
import { t } from './words.ts';

export function Account() {
  const person = me.value;
  const name = person?.name ?? '';
  return (
    <button
      type="button" class="account" aria-label={`${t('account')}${name && `: ${name}`}`} title={name} aria-haspopup="menu"
      onClick={({ currentTarget }) => void open(currentTarget.getBoundingClientRect())}
    >
      <Avatar name={name} src={person?.avatar} color={person?.color} id={userId} size={32} />
    </button>
  );
}

async function open(at: DOMRect): Promise<void> {
  await import('./account-menu.ts').then(({ entries }) => popUp(t('account'), entries(), at), () => toast(t('failed'), { kind: 'bad' }));
}
