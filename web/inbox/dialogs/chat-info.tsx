/** What a chat is, who is in it, and what may be changed of it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../../lib/avatar.tsx';
import { call, callFull } from '../../lib/api.ts';
import { Dialog } from '../../lib/dialog.tsx';
import { Icon } from '../../lib/icons.tsx';
import { userId as me } from '../../lib/told.ts';
import { type Card, isPrivate, may } from '../conversation/card.ts';
import type { User } from '../conversation/message.ts';
import type { Talk } from '../conversation/talk.ts';
import { goTo } from '../store/route.ts';
import { toast } from '../store/toast.ts';
import { closeDialogs } from './open.ts';
import { PeoplePicker } from './people-picker.tsx';
import { squarePicture } from './square-picture.ts';
import { t } from './words.ts';

type Step = 'main' | 'add' | 'leave';

export function ChatInfo({ talk }: { talk: Talk }) {
  const card = talk.card.value;
  const [step, setStep] = useState<Step>('main');
  if (!card) return null;
  const isGroup = !isPrivate(talk.dialogId);
  const back = () => setStep('main');
  return (
    <Dialog title={step === 'add' ? t('add') : step === 'leave' ? t('leaveAsk') : t('info')} closeText={t('close')} onClose={closeDialogs}>
      {step === 'add' && <AddPeople talk={talk} card={card} onDone={back} />}
      {step === 'leave' && <Leave talk={talk} card={card} onBack={back} />}
      {step === 'main' && (
        <>
          <Head talk={talk} card={card} />
          {card.description && <p class="description" dir="auto">{card.description}</p>}
          <div class="info-actions">
            {isGroup && may(card, 'manage_users_add') && card.restrictions.extend && <Action icon="plus" text={t('add')} run={() => setStep('add')} />}
            {card.restrictions.mute && <Mute talk={talk} card={card} />}
            {isGroup && card.restrictions.leave && (card.owner !== me || card.restrictions.leave_owner) && <Action icon="leave" text={t('leave')} danger run={() => setStep('leave')} />}
          </div>
          {isGroup && card.restrictions.user_list && <Members talk={talk} card={card} />}
        </>
      )}
    </Dialog>
  );
}

function Action({ icon, text, danger = false, run }: { icon: 'plus' | 'leave' | 'bell' | 'muted'; text: string; danger?: boolean; run: () => void }) {
  return <button type="button" class={danger ? 'info-action danger' : 'info-action'} onClick={run}><Icon name={icon} />{text}</button>;
}

/** Does something to the chat, and shows it as it is afterwards. */
async function change(talk: Talk, method: string, params: Record<string, unknown>): Promise<boolean> {
  try {
    await call(method, params);
    await talk.readCard();
    return true;
  } catch (error) {
    toast(t('failed', { why: (error as Error).message }), { kind: 'bad' });
    return false;
  }
}

function Head({ talk, card }: { talk: Talk; card: Card }) {
  const picker = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState<string>();
  const mayShape = !isPrivate(talk.dialogId) && may(card, 'manage_ui');
  const rename = async () => {
    const next = title?.trim() ?? '';
    if (next !== '' && next !== card.name && !(await change(talk, 'im.chat.updateTitle', { CHAT_ID: card.id, TITLE: next }))) return;
    setTitle(undefined);
  };
  const setPicture = async (file: File | undefined) => {
    if (!file) return;
    const picture = await squarePicture(file).catch((error: unknown) => void toast(t('tooLarge', { why: (error as Error).message }), { kind: 'bad' }));
    if (picture) await change(talk, 'im.chat.updateAvatar', { CHAT_ID: card.id, AVATAR: picture });
  };
  return (
    <div class="info-head">
      <Avatar name={card.name} src={card.avatar} color={card.color} id={card.id} size={72} />
      {title === undefined ? (
        <div class="info-name">
          <h3><bdi>{card.name}</bdi></h3>
          {mayShape && card.restrictions.rename && <button type="button" class="icon-button" aria-label={t('rename')} title={t('rename')} onClick={() => setTitle(card.name)}><Icon name="pencil" size={18} /></button>}
          {mayShape && card.restrictions.avatar && <button type="button" class="icon-button" aria-label={t('picture')} title={t('picture')} onClick={() => picker.current!.click()}><Icon name="picture" size={18} /></button>}
          <input ref={picker} type="file" accept="image/*" hidden onChange={({ currentTarget }) => void setPicture(currentTarget.files?.[0])} />
        </div>
      ) : (
        <form class="info-name" onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}>
          <input class="field" value={title} maxLength={255} aria-label={t('title')} dir="auto" autofocus onInput={({ currentTarget }) => setTitle(currentTarget.value)} />
          <button type="submit" class="button main">{t('save')}</button>
        </form>
      )}
    </div>
  );
}

function Mute({ talk, card }: { talk: Talk; card: Card }) {
  const muted = card.mute_list.includes(me);
  return <Action icon={muted ? 'bell' : 'muted'} text={muted ? t('unmute') : t('mute')} run={() => void change(talk, 'im.chat.mute', { DIALOG_ID: talk.dialogId, MUTE: muted ? 'N' : 'Y' })} />;
}

function AddPeople({ talk, card, onDone }: { talk: Talk; card: Card; onDone: () => void }) {
  const [chosen, setChosen] = useState<User[]>([]);
  const [shows, setShows] = useState(false);
  const add = async () => {
    if (await change(talk, 'im.chat.user.add', { CHAT_ID: card.id, USERS: chosen.map(({ id }) => id), HIDE_HISTORY: shows ? 'N' : 'Y' })) onDone();
  };
  return (
    <div class="dialog-form">
      <PeoplePicker chosen={chosen} onChange={setChosen} except={card.readed_list.map(({ user_id: id }) => id)} />
      <label class="ticked"><input type="checkbox" checked={shows} onChange={() => setShows(!shows)} />{t('hideHistory')}</label>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onDone}>{t('cancel')}</button>
        <button type="button" class="button main" disabled={chosen.length === 0} onClick={() => void add()}>{t('add')}</button>
      </div>
    </div>
  );
}

function Leave({ talk, card, onBack }: { talk: Talk; card: Card; onBack: () => void }) {
  const leave = async () => {
    try {
      await call('im.chat.leave', { CHAT_ID: card.id });
      closeDialogs();
      goTo('');
      talk.deny();
    } catch (error) {
      toast(t('failed', { why: (error as Error).message }), { kind: 'bad' });
    }
  };
  return (
    <>
      <p>{t('leaveHint')}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onBack}>{t('cancel')}</button>
        <button type="button" class="button danger" onClick={() => void leave()}>{t('leave')}</button>
      </div>
    </>
  );
}

const PAGE = 50;

function Members({ talk, card }: { talk: Talk; card: Card }) {
  const [members, setMembers] = useState<User[]>([]);
  const [next, setNext] = useState<number>();
  const load = async (from: number) => {
    const { result, next: more } = await callFull<User[]>('im.dialog.users.list', { DIALOG_ID: talk.dialogId, LIMIT: PAGE, OFFSET: from });
    setMembers((before) => [...(from === 0 ? [] : before), ...result]);
    setNext(more);
  };
  useEffect(() => void load(0).catch(() => undefined), [card]);
  return (
    <>
      <h3 class="people-title">{t('members', { n: card.user_counter })}</h3>
      <ul class="people">{members.map((user) => <Member key={user.id} user={user} talk={talk} card={card} />)}</ul>
      {next !== undefined && <button type="button" class="button" onClick={() => void load(next)}>{t('more')}</button>}
    </>
  );
}

function Member({ user, talk, card }: { user: User; talk: Talk; card: Card }) {
  const [open, setOpen] = useState(false);
  const manages = card.manager_list.includes(user.id);
  const role = user.id === card.owner ? t('owner') : manages ? t('manager') : user.bot ? t('bot') : user.extranet ? t('guest') : '';
  const ofMember = { CHAT_ID: card.id, USER_ID: user.id };
  return (
    <li class="member">
      <div class="person">
        <Avatar name={user.name} src={user.avatar} color={user.color} id={user.id} size={36} />
        <span class="person-words"><bdi>{user.name}</bdi>{user.work_position && <small dir="auto">{user.work_position}</small>}</span>
        {role && <small class="tag">{role}</small>}
        {user.id !== me && <button type="button" class="icon-button" aria-expanded={open} aria-label={`${t('more')}: ${user.name}`} title={t('more')} onClick={() => setOpen(!open)}><Icon name="more" size={18} /></button>}
      </div>
      {open && (
        <div class="member-actions">
          <button type="button" class="button" onClick={() => {
            closeDialogs();
            goTo(String(user.id));
          }}>{t('write')}</button>
          {card.owner === me && <button type="button" class="button" onClick={() => void change(talk, 'im.chat.setManager', { ...ofMember, IS_MANAGER: manages ? 'N' : 'Y' })}>{manages ? t('takeManager') : t('makeManager')}</button>}
          {user.id !== card.owner && may(card, 'manage_users_delete') && <button type="button" class="button danger" onClick={() => void change(talk, 'im.chat.user.delete', ofMember)}>{t('kick')}</button>}
        </div>
      )}
    </li>
  );
}
