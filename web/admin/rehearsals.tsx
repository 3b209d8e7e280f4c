/** Errors on purpose. */
import { Icon } from '../lib/icons.tsx';
import type { Application } from './applications.tsx';
import { change, useCall } from './calls.ts';
import { ask, attempt } from './forms.tsx';
import { Head, Table, When } from './parts.tsx';
import { t } from './words.ts';

interface Rehearsal {
  id: number;
  webhook_id: number;
  client_id: string;
  error: string;
  method: string;
  left: number;
  rate: number;
  delay: number;
  created: string;
}

type Webhooks = ReadonlyArray<{ id: number; title: string; user_name: string }>;

export function Rehearsals() {
  const loaded = useCall<Rehearsal[]>('tidemark.rehearsals.list');
  const { data: webhooks = [] } = useCall<Webhooks>('tidemark.webhooks.list', { LIMIT: 200 });
  const { data: applications = [] } = useCall<Application[]>('tidemark.applications.list');
  const { data: settings = [] } = useCall<Array<{ name: string; value: string }>>('tidemark.settings.get');
  const on = settings.some(({ name, value }) => name === 'rehearsals' && value === 'Y');
  const nameOf = ({ webhook_id: id, client_id: clientId }: Rehearsal) => {
    const webhook = webhooks.find((each) => each.id === id);
    return id > 0 ? `${t('rehearsals.webhook')} ${webhook?.title || `#${id}`}` : (applications.find((app) => app.client_id === clientId)?.title ?? clientId);
  };
  return (
    <section>
      <Head title={t('section.rehearsals')} text={t('rehearsals.text')}>
        <button type="button" class="button main" disabled={!on} onClick={() => add(webhooks, applications)}><Icon name="plus" size={18} />{t('rehearsals.add')}</button>
      </Head>
      {settings.length > 0 && !on && <p class="banner">{t('rehearsals.off')} <button type="button" class="button small" onClick={() => attempt(() => change('tidemark.settings.set', { SETTINGS: { rehearsals: 'Y' } }))}>{t('switchOn')}</button></p>}
      <Table label={t('section.rehearsals')} loaded={loaded} keyOf={({ id }) => id} empty={t('rehearsals.none')} columns={[
        { name: t('rehearsals.whose'), main: true, show: (row) => <bdi>{nameOf(row)}</bdi> },
        { name: t('rehearsals.what'), show: ({ error, delay }) => <span class="badges">{error && <code>{error}</code>}{delay > 0 && <span>{t('rehearsals.waits', { ms: delay })}</span>}</span> },
        { name: t('method'), show: ({ method }) => (method ? <code>{method}</code> : <span class="quiet">{t('everyMethod')}</span>) },
        { name: t('rehearsals.left'), show: ({ left, rate }) => <span>{left < 0 ? t('rehearsals.untilCleared') : t('rehearsals.calls', { n: left })}{rate < 1 && <small class="line">{Math.round(rate * 10_000) / 100} %</small>}</span> },
        { name: t('created'), show: ({ created }) => <When at={created} /> },
        { name: t('actions'), actions: true, show: (row) => <button type="button" class="button small" aria-label={t('endOf', { name: nameOf(row) })} onClick={() => attempt(() => change('tidemark.rehearsals.clear', { ID: row.id }))}>{t('rehearsals.end')}</button> },
      ]} />
    </section>
  );
}

const CODES = ['QUERY_LIMIT_EXCEEDED', 'OPERATION_TIME_LIMIT', 'OVERLOAD_LIMIT', 'INTERNAL_SERVER_ERROR', 'ERROR_UNEXPECTED_ANSWER', 'expired_token', 'ACCESS_DENIED', 'PORTAL_DELETED'];

function add(webhooks: Webhooks, applications: readonly Application[]): void {
  const callers = [
    ...webhooks.map(({ id, title, user_name: name }) => [`w${id}`, `${t('rehearsals.webhook')} ${title || `#${id}`} (${name})`] as const),
    ...applications.map((app) => [`a${app.client_id}`, app.title] as const),
  ];
  ask({
    title: t('rehearsals.add'), submit: t('begin'),
    fields: [
      { name: 'WEBHOOK', label: t('rehearsals.whose'), kind: 'choice', options: callers },
      { name: 'ERROR', label: t('rehearsals.error'), kind: 'choice', options: [...CODES.map((code) => [code, code] as const), ['', t('rehearsals.noError')]], value: CODES[0]! },
      { name: 'OWN', label: t('rehearsals.own'), hint: t('rehearsals.ownHint') },
      { name: 'METHOD', label: t('method'), hint: t('rehearsals.methodHint') },
      { name: 'NEXT', label: t('rehearsals.next'), kind: 'number', value: '1' },
      { name: 'RATE', label: t('rehearsals.rate'), hint: t('rehearsals.rateHint') },
      { name: 'DELAY', label: t('rehearsals.delay'), kind: 'number', value: '0' },
    ],
    run({ WEBHOOK, OWN, ERROR, RATE, NEXT, ...values }) {
      const caller = String(WEBHOOK);
      const whose = caller.startsWith('w') ? { WEBHOOK: caller.slice(1) } : { CLIENT_ID: caller.slice(1) };
      const rate = String(RATE).replace(',', '.');
      return change('tidemark.rehearsals.set', { ...whose, ...values, ERROR: OWN || ERROR, RATE: rate, NEXT: rate ? '' : NEXT });
    },
  });
}
