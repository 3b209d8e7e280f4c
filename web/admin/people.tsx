/** Everybody there is. */
import { useState } from 'preact/hooks';
import { Avatar } from '../lib/avatar.tsx';
import { Icon } from '../lib/icons.tsx';
import { popUp } from '../lib/menu.tsx';
import { userId } from '../lib/told.ts';
import { change, useCall } from './calls.ts';
import { ask, attempt, confirm, say, showOnce, type Field, type Values } from './forms.tsx';
import { Badge, Choice, Head, PAGE, Pages, Search, Table, usePage, When } from './parts.tsx';
import { t } from './words.ts';

export interface Person {
  id: number;
  name: string;
  first_name: string;
  last_name: string;
  email: string;
  position: string;
  departments: number[];
  avatar: string;
  color: string;
  admin: boolean;
  active: boolean;
  guest: boolean;
  bot: boolean;
  has_password: boolean;
  sessions: number;
  webhooks: number;
  last_activity: string | false;
}

const STATES = ['active', 'administrators', 'guests', 'bots', 'dismissed', 'all'] as const;

export function People() {
  const [find, setFind] = useState('');
  const [state, setState] = useState<string>('active');
  const [offset, turn] = usePage(`${find} ${state}`);
  const loaded = useCall<Person[]>('tidemark.people.list', { FIND: find, STATE: state, OFFSET: offset, LIMIT: PAGE });
  const { data: departments = [] } = useCall<Array<{ ID: string; NAME: string }>>('department.get', { SORT: 'NAME', ORDER: 'ASC' });
  const names = departments.map(({ ID, NAME }) => [ID, NAME] as const);
  return (
    <section>
      <Head title={t('section.people')} text={t('people.text')}>
        <button type="button" class="button main" onClick={() => add(names)}><Icon name="plus" size={18} />{t('people.add')}</button>
      </Head>
      <div class="tools">
        <Search label={t('people.find')} onFind={setFind} />
        <Choice label={t('show')} value={state} onChoose={setState} options={STATES.map((each) => [each, t(`people.${each}`)] as const)} />
      </div>
      <Table label={t('section.people')} loaded={loaded} keyOf={({ id }) => id} empty={t('people.none')} classOf={({ active }) => (active ? '' : 'off')} columns={[
        { name: t('name'), main: true, show: (person) => <span class="who"><Avatar name={person.name} src={person.avatar} color={person.color} size={32} /><span><bdi>{person.name}</bdi><small>{person.email || `#${person.id}`}</small></span></span> },
        { name: t('people.position'), show: ({ position }) => position || <span class="quiet">–</span> },
        { name: t('people.kind'), show: (person) => <Kinds {...person} /> },
        { name: t('people.signIn'), show: (person) => <SignIn {...person} /> },
        { name: t('people.lastActivity'), show: ({ last_activity: at }) => <When at={at} /> },
        { name: t('actions'), actions: true, show: (person) => (
          <button type="button" class="icon-button" aria-haspopup="menu" aria-label={t('people.actionsOf', { name: person.name })} onClick={(event) => menu(person, names, event.currentTarget.getBoundingClientRect())}><Icon name="more" /></button>
        ) },
      ]} />
      <Pages total={loaded.total} offset={offset} onTurn={turn} />
    </section>
  );
}

function Kinds({ admin, guest, bot, active }: Person) {
  return (
    <span class="badges">
      {admin && <Badge kind="good">{t('people.isAdmin')}</Badge>}
      {guest && <Badge>{t('people.isGuest')}</Badge>}
      {bot && <Badge>{t('people.isBot')}</Badge>}
      {!active && <Badge kind="bad">{t('people.isDismissed')}</Badge>}
      {!admin && !guest && !bot && active && <span class="quiet">{t('people.isMember')}</span>}
    </span>
  );
}

function SignIn({ has_password: password, sessions }: Person) {
  return <span>{password ? t('people.hasPassword') : <span class="quiet">{t('people.noPassword')}</span>}{sessions > 0 && <small class="line">{t('people.sessions', { n: sessions })}</small>}</span>;
}

type Names = ReadonlyArray<readonly [string, string]>;

function fieldsFor(names: Names, person?: Person): Field[] {
  return [
    { name: 'NAME', label: t('people.first'), value: person?.first_name ?? '', required: true },
    { name: 'LAST_NAME', label: t('people.last'), value: person?.last_name ?? '' },
    { name: 'EMAIL', label: t('people.email'), kind: 'text', value: person?.email ?? '', hint: t('people.emailHint') },
    { name: 'POSITION', label: t('people.position'), value: person?.position ?? '' },
    { name: 'DEPARTMENTS', label: t('section.departments'), kind: 'many', options: names, value: person?.departments.map(String) ?? [] },
    { name: 'ADMIN', label: t('people.makeAdmin'), kind: 'check', value: person?.admin ?? false },
    { name: 'GUEST', label: t('people.makeGuest'), kind: 'check', value: person?.guest ?? false },
    ...(person ? [] : [{ name: 'BOT', label: t('people.makeBot'), kind: 'check' as const, value: false }]),
  ];
}

function add(names: Names): void {
  ask({
    title: t('people.add'), fields: fieldsFor(names), submit: t('add'),
    async run(values: Values) {
      const { id } = await change<{ id: number }>('tidemark.people.add', values);
      if (values['BOT'] === true) return say(t('done'));
      await linkFor(id, t('people.added'));
    },
  });
}

async function linkFor(id: number, title: string): Promise<void> {
  const { url } = await change<{ url: string }>('tidemark.people.link', { ID: id });
  showOnce({ title, text: t('people.linkText'), values: [[t('people.link'), url]] });
}

function menu(person: Person, names: Names, at: DOMRect): void {
  const { id: ID, name } = person;
  const set = (params: Record<string, unknown>) => () => change('tidemark.people.change', { ID, ...params });
  popUp(t('people.actionsOf', { name }), [
    { text: t('change'), icon: 'pencil', run: () => ask({ title: name, fields: fieldsFor(names, person), submit: t('save'), run: (values) => change('tidemark.people.change', { ID, ...values }) }) },
    person.active && !person.bot && { text: t('people.newLink'), icon: 'link', run: () => attempt(() => linkFor(ID, t('people.linkOf', { name })), '') },
    person.active && !person.bot && { text: t('people.newPassword'), icon: 'lock', run: () => ask({
      title: t('people.newPassword'), intro: t('people.passwordText', { name }), fields: [{ name: 'PASSWORD', label: t('people.password'), kind: 'text', hint: t('people.passwordHint') }], submit: t('set'),
      async run({ PASSWORD }) {
        const { password } = await change<{ password?: string }>('tidemark.people.password', { ID, PASSWORD });
        if (password !== undefined) showOnce({ title: t('people.newPassword'), text: t('shownOnce'), values: [[t('people.password'), password]] });
      },
    }) },
    person.sessions > 0 && { text: t('people.signOut'), icon: 'leave', run: () => confirm(t('people.signOut'), t('people.signOutText', { name }), t('people.signOut'), () => change('tidemark.people.signout', { ID })) },
    { group: '' },
    person.admin
      ? { text: t('people.noAdmin'), icon: 'person', run: () => confirm(t('people.noAdmin'), t('people.noAdminText', { name }), t('people.noAdmin'), set({ ADMIN: 'N' })) }
      : person.active && { text: t('people.makeAdmin'), icon: 'person', run: () => confirm(t('people.makeAdmin'), t('people.makeAdminText', { name }), t('people.makeAdmin'), set({ ADMIN: 'Y' })) },
    person.active
      ? { text: t('people.dismiss'), icon: 'trash', danger: true, run: () => confirm(t('people.dismiss'), t(ID === userId ? 'people.dismissSelf' : 'people.dismissText', { name }), t('people.dismiss'), set({ ACTIVE: 'N' })) }
      : { text: t('people.restore'), icon: 'check', run: () => attempt(set({ ACTIVE: 'Y' })) },
  ], at);
}
