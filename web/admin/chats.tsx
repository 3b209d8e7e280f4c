/** All chats there are. */
import { useState } from 'preact/hooks';
import { call } from '../lib/api.ts';
import { Dialog } from '../lib/dialog.tsx';
import { change, useCall } from './calls.ts';
import { confirm } from './forms.tsx';
import { Badge, bytes, Choice, count, Head, PAGE, Pages, Search, Table, usePage, When } from './parts.tsx';
import { t } from './words.ts';

interface Chat {
  id: number;
  kind: string;
  title: string;
  owner: { id: number; name: string } | false;
  entity: string;
  members: number;
  messages: number;
  file_bytes: number;
  last_activity: string | false;
}

interface Member {
  id: number;
  name: string;
  role: string;
  active: boolean;
  guest: boolean;
  joined: string;
}

const KINDS = ['dialog', 'group', 'open', 'channel', 'open_channel', 'comments', 'lines', 'collab', 'bound'] as const;
const SORTS = ['activity', 'messages', 'members', 'files', 'id'] as const;
const FOR_GOOD = new Set(['dialog', 'comments']);

export function Chats() {
  const [find, setFind] = useState('');
  const [kind, setKind] = useState('');
  const [sort, setSort] = useState<string>('activity');
  const [shown, setShown] = useState<Chat>();
  const [offset, turn] = usePage(`${find} ${kind} ${sort}`);
  const loaded = useCall<Chat[]>('tidemark.chats.list', { FIND: find, KIND: kind, SORT: sort, OFFSET: offset, LIMIT: PAGE });
  return (
    <section>
      <Head title={t('section.chats')} text={t('chats.text')} />
      <div class="tools">
        <Search label={t('chats.find')} onFind={setFind} />
        <Choice label={t('chats.kind')} value={kind} onChoose={setKind} options={[['', t('all')], ...KINDS.map((each) => [each, t(`chats.${each}`)] as const)]} />
        <Choice label={t('sort')} value={sort} onChoose={setSort} options={SORTS.map((each) => [each, t(`chats.by.${each}`)] as const)} />
      </div>
      <Table label={t('section.chats')} loaded={loaded} keyOf={({ id }) => id} empty={t('chats.none')} columns={[
        { name: t('chats.title'), main: true, show: (chat) => <span class="two"><bdi>{chat.title || `#${chat.id}`}</bdi><small>#{chat.id}{chat.entity && ` · ${chat.entity}`}</small></span> },
        { name: t('chats.kind'), show: (chat) => <Badge>{t(`chats.${chat.kind}`)}</Badge> },
        { name: t('chats.owner'), show: ({ owner }) => (owner ? <bdi>{owner.name}</bdi> : <span class="quiet">–</span>) },
        { name: t('chats.by.members'), number: true, show: (chat) => <button type="button" class="link" aria-label={t('chats.membersOf', { name: chat.title, n: chat.members })} onClick={() => setShown(chat)}>{count(chat.members)}</button> },
        { name: t('chats.by.messages'), number: true, show: ({ messages }) => count(messages) },
        { name: t('chats.by.files'), number: true, show: ({ file_bytes: size }) => bytes(size) },
        { name: t('chats.lastActivity'), show: ({ last_activity: at }) => <When at={at} /> },
        { name: t('actions'), actions: true, show: (chat) => !FOR_GOOD.has(chat.kind) && (
          <button type="button" class="button small danger" aria-label={t('deleteOf', { name: chat.title })} onClick={() =>
            confirm(t('chats.delete'), t('chats.deleteText', { name: chat.title, members: count(chat.members), messages: count(chat.messages) }), t('delete'), () => remove(chat.id))}>{t('delete')}</button>
        ) },
      ]} />
      <Pages total={loaded.total} offset={offset} onTurn={turn} />
      {shown && <Members chat={shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}

/** Of a large one each call takes a part. */
async function remove(id: number): Promise<void> {
  while ((await call<{ left: number }>('tidemark.chats.delete', { CHAT_ID: id })).left > 0);
  await change('tidemark.chats.delete', { CHAT_ID: id });
}

function Members({ chat, onClose }: { chat: Chat; onClose(): void }) {
  const [offset, turn] = usePage(String(chat.id));
  const loaded = useCall<Member[]>('tidemark.chats.members', { CHAT_ID: chat.id, OFFSET: offset, LIMIT: PAGE });
  return (
    <Dialog title={t('chats.membersTitle', { name: chat.title })} closeText={t('close')} onClose={onClose} wide>
      <div class="scrolls">
        <Table label={t('chats.by.members')} loaded={loaded} keyOf={({ id }) => id} empty={t('chats.nobody')} columns={[
          { name: t('name'), main: true, show: ({ name }) => <bdi>{name}</bdi> },
          { name: t('chats.role'), show: ({ role, active, guest }) => <span class="badges"><Badge>{t(`chats.role.${role}`)}</Badge>{guest && <Badge>{t('people.isGuest')}</Badge>}{!active && <Badge kind="bad">{t('people.isDismissed')}</Badge>}</span> },
          { name: t('chats.joined'), show: ({ joined }) => <When at={joined} /> },
        ]} />
        <Pages total={loaded.total} offset={offset} onTurn={turn} />
      </div>
    </Dialog>
  );
}
