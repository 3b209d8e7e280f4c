/** Webhooks: the address of each is shown once. */
import { Icon } from '../lib/icons.tsx';
import { change, useCall } from './calls.ts';
import { ask, attempt, confirm, showOnce } from './forms.tsx';
import { Badge, Head, PAGE, Pages, Table, usePage, When } from './parts.tsx';
import { t } from './words.ts';

interface Webhook {
  id: number;
  user_id: number;
  user_name: string;
  user_active: boolean;
  title: string;
  scopes: string[];
  held: boolean;
  created: string;
  last_used: string | false;
}

export function Webhooks() {
  const [offset, turn] = usePage('');
  const loaded = useCall<Webhook[]>('tidemark.webhooks.list', { OFFSET: offset, LIMIT: PAGE });
  const { data: scopes = [] } = useCall<string[]>('scope', { FULL: 'Y' });
  const { data: people = [] } = useCall<Array<{ id: number; name: string }>>('tidemark.people.list', { LIMIT: 200 });
  return (
    <section>
      <Head title={t('section.webhooks')} text={t('webhooks.text')}>
        <button type="button" class="button main" onClick={() => add(scopes, people)}><Icon name="plus" size={18} />{t('webhooks.add')}</button>
      </Head>
      <Table label={t('section.webhooks')} loaded={loaded} keyOf={({ id }) => id} empty={t('webhooks.none')} classOf={({ held }) => (held ? 'off' : '')} columns={[
        { name: t('webhooks.title'), main: true, show: ({ title, id }) => <span class="two"><bdi>{title || t('untitled')}</bdi><small>#{id}</small></span> },
        { name: t('webhooks.user'), show: ({ user_name: name, user_id: id, user_active: active }) => <span><bdi>{name || `#${id}`}</bdi>{!active && <> <Badge kind="bad">{t('people.isDismissed')}</Badge></>}</span> },
        { name: t('scopes'), show: ({ scopes: own }) => <Scopes codes={own} /> },
        { name: t('webhooks.lastUsed'), show: ({ last_used: at }) => <When at={at} /> },
        { name: t('state'), show: ({ held }) => (held ? <Badge kind="warn">{t('held')}</Badge> : <Badge kind="good">{t('works')}</Badge>) },
        { name: t('actions'), actions: true, show: ({ id: ID, title, held }) => <>
          <button type="button" class="button small" aria-label={t(held ? 'releaseOf' : 'holdOf', { name: title || `#${ID}` })} onClick={() => attempt(() => change('tidemark.webhooks.hold', { ID, HELD: held ? 'N' : 'Y' }))}>{t(held ? 'release' : 'hold')}</button>
          <button type="button" class="button small danger" aria-label={t('revokeOf', { name: title || `#${ID}` })} onClick={() =>
            confirm(t('webhooks.revoke'), t('webhooks.revokeText', { name: title || `#${ID}` }), t('revoke'), () => change('tidemark.webhooks.delete', { ID }))}>{t('revoke')}</button>
        </> },
      ]} />
      <Pages total={loaded.total} offset={offset} onTurn={turn} />
    </section>
  );
}

const FEW = 4;

export function Scopes({ codes }: { codes: readonly string[] }) {
  if (codes.length === 0) return <span class="quiet">–</span>;
  const more = codes.length - FEW;
  return <span class="badges" title={codes.join(', ')}>{codes.slice(0, more > 1 ? FEW : codes.length).map((code) => <code key={code}>{code}</code>)}{more > 1 && <span class="quiet">+{more}<span class="hidden-text"> {codes.slice(FEW).join(', ')}</span></span>}</span>;
}

function add(scopes: readonly string[], people: ReadonlyArray<{ id: number; name: string }>): void {
  ask({
    title: t('webhooks.add'), submit: t('add'),
    fields: [
      { name: 'TITLE', label: t('webhooks.title'), hint: t('webhooks.titleHint') },
      { name: 'USER_ID', label: t('webhooks.user'), kind: 'choice', options: people.map(({ id, name }) => [String(id), `${name} (#${id})`] as const), hint: t('webhooks.userHint') },
      { name: 'SCOPES', label: t('scopes'), kind: 'many', options: scopes.map((code) => [code, code] as const), value: ['im', 'user'] },
    ],
    async run(values) {
      const { url } = await change<{ url: string }>('tidemark.webhooks.add', values);
      showOnce({ title: t('webhooks.added'), text: t('shownOnce'), values: [[t('webhooks.address'), url]] });
    },
  });
}
