/** What was told outside of chats: what asks for an answer first, then the rest, newest first. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { listTime } from '../../lib/time.ts';
import { Attachments } from '../conversation/attach.tsx';
import { isLooking } from '../conversation/talks.ts';
import { nameOf } from '../conversation/people.ts';
import { Text } from '../conversation/text.tsx';
import { onEvent } from '../store/events.ts';
import { Latest } from '../store/latest.ts';
import { learnPeople, userOf, type UserView } from '../store/people.ts';
import { goTo } from '../store/route.ts';
import { toast } from '../store/toast.ts';
import { t } from './words.ts';
import './notifications.css';

interface Notice {
  id: number;
  author_id: number;
  date: string;
  notify_type: number;
  text: string;
  notify_read: 'Y' | 'N';
  notify_buttons?: string;
  params: Record<string, unknown> | null;
}

interface Page {
  notifications: Notice[];
  users: UserView[];
}

const PAGE = 50;
const QUESTION = 1;

export function Notifications() {
  const [notices, setNotices] = useState<Notice[]>();
  const [state, setState] = useState<'loading' | 'more' | 'all' | 'failed'>('loading');
  const asked = useRef(new Latest());
  const load = async (after?: Notice) => {
    const isLatest = asked.current.ask();
    setState('loading');
    try {
      const page = await call<Page>('im.notify.get', { LIMIT: PAGE, ...(after && { LAST_ID: after.id, LAST_TYPE: after.notify_type === QUESTION ? QUESTION : 2 }) });
      if (!isLatest()) return;
      learnPeople(page.users);
      setNotices((before) => [...(after ? (before ?? []) : []), ...page.notifications]);
      setState(page.notifications.length < PAGE ? 'all' : 'more');
    } catch {
      if (isLatest()) setState('failed');
    }
  };
  useEffect(() => {
    void load();
    return onEvent('notification', () => void load());
  }, []);
  useReading(notices);
  const drop = (id: number) => setNotices((before) => before?.filter((notice) => notice.id !== id));
  return (
    <div class="talk notices">
      <header class="talk-header">
        <button type="button" class="icon-button back" aria-label={t('back')} title={t('back')} onClick={() => goTo('')}><Icon name="back" /></button>
        <span class="notices-sign"><Icon name="bell" /></span>
        <div class="talk-words"><h2>{t('notifications')}</h2></div>
      </header>
      <div class="notices-box">
        {notices?.length === 0 && state === 'all' && <div class="hint"><h2>{t('noNotifications')}</h2><p>{t('noNotificationsHint')}</p></div>}
        <ul class="notices-list">{(notices ?? []).map((notice) => <NoticeRow key={notice.id} notice={notice} onGone={() => drop(notice.id)} />)}</ul>
        {state === 'failed' && <p class="edge" role="alert">{t('loadFailed')} <button type="button" class="button" onClick={() => void load(notices?.at(-1))}>{t('retry')}</button></p>}
        {state === 'more' && <button type="button" class="button" onClick={() => void load(notices?.at(-1))}>{t('more')}</button>}
      </div>
    </div>
  );
}

/** Whoever looks at them has read them, those that ask for an answer apart: they stay until it is given. */
function useReading(notices: readonly Notice[] | undefined): void {
  const told = useRef(new Set<number>());
  useEffect(() => {
    const look = () => {
      if (!isLooking()) return;
      const ids = (notices ?? []).filter(({ id, notify_read: read, notify_type: type }) => read === 'N' && type !== QUESTION && !told.current.has(id)).map(({ id }) => id);
      if (ids.length === 0) return;
      for (const id of ids) told.current.add(id);
      void call('im.notify.read.list', { IDS: ids }).catch(() => undefined);
    };
    look();
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [notices]);
}

function NoticeRow({ notice, onGone }: { notice: Notice; onGone: () => void }) {
  const user = userOf(notice.author_id).value;
  const name = notice.author_id > 0 ? nameOf(notice.author_id) : '';
  const remove = () => void call('im.notify.delete', { ID: notice.id }).then(onGone, failed);
  return (
    <li class={notice.notify_read === 'N' ? 'notice is-new' : 'notice'}>
      {notice.author_id > 0 ? <Avatar name={name} src={user?.avatar} color={user?.color} id={notice.author_id} size={40} /> : <span class="notices-sign"><Icon name="bell" /></span>}
      <div class="notice-body">
        <p class="notice-head">
          <bdi>{name || t('notifications')}</bdi>
          {notice.notify_read === 'N' && <span class="hidden-text">{t('unread')}</span>}
          <time>{listTime(Date.parse(notice.date))}</time>
        </p>
        <Text text={notice.text} />
        <Attachments value={notice.params?.['ATTACH']} actions={{}} />
        <Buttons notice={notice} onGone={onGone} />
      </div>
      {notice.notify_type !== QUESTION && <button type="button" class="icon-button" aria-label={t('removeNotice')} title={t('removeNotice')} onClick={remove}><Icon name="close" size={16} /></button>}
    </li>
  );
}

function failed(error: unknown): void {
  toast(t('failed', { why: (error as Error).message }), { kind: 'bad' });
}

interface Button {
  TITLE: string;
  VALUE: string;
}

function Buttons({ notice, onGone }: { notice: Notice; onGone: () => void }) {
  const [busy, setBusy] = useState(false);
  const buttons = buttonsOf(notice);
  if (buttons.length === 0) return null;
  const choose = async ({ TITLE: answer, VALUE: value }: Button) => {
    setBusy(true);
    try {
      await call('im.notify.confirm', { NOTIFY_ID: notice.id, NOTIFY_VALUE: value });
      toast(t('confirmed', { answer }));
      onGone();
    } catch (error) {
      setBusy(false);
      failed(error);
    }
  };
  return <div class="notice-buttons">{buttons.map((button, at) => <button key={button.VALUE} type="button" class={at === 0 ? 'button main' : 'button'} disabled={busy} onClick={() => void choose(button)}>{button.TITLE}</button>)}</div>;
}

function buttonsOf({ notify_buttons: given }: Notice): Button[] {
  try {
    return given ? (JSON.parse(given) as Button[]) : [];
  } catch {
    return [];
  }
}
