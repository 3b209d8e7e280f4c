/** Applications: the secret of each is shown once. */
import { Icon } from '../lib/icons.tsx';
import { popUp } from '../lib/menu.tsx';
import { change, useCall } from './calls.ts';
import { ask, attempt, confirm, type Field, showOnce, type Values } from './forms.tsx';
import { Badge, Head, Table, When } from './parts.tsx';
import { Scopes } from './webhooks.tsx';
import { t } from './words.ts';

export interface Application {
  client_id: string;
  title: string;
  scopes: string[];
  redirect_uri: string;
  handler: string;
  users: number[];
  held: boolean;
  created: string;
}

const FOR_NO_APPLICATION = 'tidemark.admin';

export function Applications() {
  const loaded = useCall<Application[]>('tidemark.applications.list');
  const { data = [] } = useCall<string[]>('scope', { FULL: 'Y' });
  const scopes = data.filter((code) => code !== FOR_NO_APPLICATION);
  return (
    <section>
      <Head title={t('section.applications')} text={t('applications.text')}>
        <button type="button" class="button main" onClick={() => add(scopes)}><Icon name="plus" size={18} />{t('applications.add')}</button>
      </Head>
      <Table label={t('section.applications')} loaded={loaded} keyOf={(app) => app.client_id} empty={t('applications.none')} classOf={({ held }) => (held ? 'off' : '')} columns={[
        { name: t('webhooks.title'), main: true, show: (app) => <span class="two"><bdi>{app.title}</bdi><small class="mono">{app.client_id}</small></span> },
        { name: t('scopes'), show: (app) => <Scopes codes={app.scopes} /> },
        { name: t('applications.redirect'), show: (app) => <Address text={app.redirect_uri} /> },
        { name: t('applications.users'), show: ({ users }) => (users.length === 0 ? t('everybody') : t('applications.someUsers', { n: users.length })) },
        { name: t('created'), show: ({ created }) => <When at={created} /> },
        { name: t('state'), show: ({ held }) => (held ? <Badge kind="warn">{t('held')}</Badge> : <Badge kind="good">{t('works')}</Badge>) },
        { name: t('actions'), actions: true, show: (app) => (
          <button type="button" class="icon-button" aria-haspopup="menu" aria-label={t('people.actionsOf', { name: app.title })} onClick={(event) => menu(app, scopes, event.currentTarget.getBoundingClientRect())}><Icon name="more" /></button>
        ) },
      ]} />
    </section>
  );
}

export function Address({ text }: { text: string }) {
  return text ? <span class="address" title={text}>{text}</span> : <span class="quiet">–</span>;
}

function fieldsFor(scopes: readonly string[], app?: Application): Field[] {
  return [
    { name: 'TITLE', label: t('webhooks.title'), value: app?.title ?? '', required: true },
    { name: 'REDIRECT_URI', label: t('applications.redirect'), value: app?.redirect_uri ?? '', hint: t('applications.redirectHint') },
    { name: 'HANDLER', label: t('applications.handler'), value: app?.handler ?? '', hint: t('applications.handlerHint') },
    { name: 'USERS', label: t('applications.users'), value: app?.users.join(', ') ?? '', hint: t('applications.usersHint') },
    { name: 'SCOPES', label: t('scopes'), kind: 'many', options: scopes.map((code) => [code, code] as const), value: app?.scopes ?? ['im', 'user'] },
  ];
}

function paramsOf({ USERS, ...values }: Values): Record<string, unknown> {
  return { ...values, USERS: String(USERS).split(/[\s,;]+/).filter(Boolean) };
}

function add(scopes: readonly string[]): void {
  ask({
    title: t('applications.add'), fields: fieldsFor(scopes), submit: t('add'),
    async run(values) {
      const { client_id: id, client_secret: secret } = await change<{ client_id: string; client_secret: string }>('tidemark.applications.add', paramsOf(values));
      showOnce({ title: t('applications.added'), text: t('shownOnce'), values: [['client_id', id], ['client_secret', secret]] });
    },
  });
}

function menu(app: Application, scopes: readonly string[], at: DOMRect): void {
  const { client_id: CLIENT_ID, title, held } = app;
  popUp(t('people.actionsOf', { name: title }), [
    { text: t('change'), icon: 'pencil', run: () => ask({ title, fields: fieldsFor(scopes, app), submit: t('save'), run: (values) => change('tidemark.applications.change', { CLIENT_ID, ...paramsOf(values) }) }) },
    { text: t(held ? 'release' : 'hold'), icon: 'lock', run: () => attempt(() => change('tidemark.applications.change', { CLIENT_ID, HELD: held ? 'N' : 'Y' })) },
    { text: t('applications.newSecret'), icon: 'lock', run: () => confirm(t('applications.newSecret'), t('applications.newSecretText', { name: title }), t('applications.newSecret'), async () => {
      const { client_secret: secret } = await change<{ client_secret: string }>('tidemark.applications.secret', { CLIENT_ID });
      showOnce({ title: t('applications.newSecret'), text: t('shownOnce'), values: [['client_secret', secret]] });
    }) },
    { group: '' },
    { text: t('remove'), icon: 'trash', danger: true, run: () => confirm(t('applications.remove'), t('applications.removeText', { name: title }), t('remove'), () => change('tidemark.applications.delete', { CLIENT_ID })) },
  ], at);
}
