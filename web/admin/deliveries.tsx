/** Events to applications. */
import { useState } from 'preact/hooks';
import { Address } from './applications.tsx';
import { change, useCall } from './calls.ts';
import { attempt } from './forms.tsx';
import { Badge, Choice, count, Head, PAGE, Pages, Table, usePage, When } from './parts.tsx';
import { t } from './words.ts';

interface AddressRow {
  client_id: string;
  application: string;
  url: string;
  waiting: number;
  failed: number;
  done: number;
  failed_at: string | false;
}

interface Delivery {
  id: number;
  application: string;
  event: string;
  url: string;
  state: 'waiting' | 'done' | 'failed';
  attempts: number;
  status: number;
  problem: string;
  created: string;
  next: string | false;
}

const KINDS = { waiting: 'warn', done: 'good', failed: 'bad' } as const;

export function Deliveries() {
  const [state, setState] = useState('');
  const [url, setUrl] = useState('');
  const [offset, turn] = usePage(`${state} ${url}`);
  const addresses = useCall<AddressRow[]>('tidemark.deliveries.addresses');
  const loaded = useCall<Delivery[]>('tidemark.deliveries.list', { STATE: state, URL: url, OFFSET: offset, LIMIT: PAGE });
  const replay = (params: Record<string, unknown>): void => attempt(() => change('tidemark.deliveries.replay', params), t('deliveries.replayed'));
  return (
    <section>
      <Head title={t('section.deliveries')} text={t('deliveries.text')}>
        <button type="button" class="button" onClick={() => { addresses.again(); loaded.again(); }}>{t('refresh')}</button>
      </Head>
      <h2>{t('deliveries.addresses')}</h2>
      <Table label={t('deliveries.addresses')} loaded={addresses} keyOf={(row) => `${row.client_id} ${row.url}`} empty={t('deliveries.noAddresses')} columns={[
        { name: t('deliveries.address'), main: true, show: (row) => <span class="two"><Address text={row.url} /><small>{row.application || t('deliveries.gone')}</small></span> },
        { name: t('deliveries.failed'), number: true, show: ({ failed }) => (failed > 0 ? <Badge kind="bad">{count(failed)}</Badge> : '0') },
        { name: t('deliveries.waiting'), number: true, show: ({ waiting }) => count(waiting) },
        { name: t('deliveries.done'), number: true, show: ({ done }) => count(done) },
        { name: t('deliveries.failedAt'), show: ({ failed_at: at }) => <When at={at} /> },
        { name: t('actions'), actions: true, show: (row) => row.failed + row.waiting > 0 && (
          <button type="button" class="button small" aria-label={t('deliveries.replayOf', { name: row.url })} onClick={() => replay({ URL: row.url, CLIENT_ID: row.client_id })}>{t('deliveries.replayAll')}</button>
        ) },
      ]} />
      <h2>{t('deliveries.events')}</h2>
      <div class="tools">
        <Choice label={t('state')} value={state} onChoose={setState} options={[['', t('all')], ...(['failed', 'waiting', 'done'] as const).map((each) => [each, t(`deliveries.${each}`)] as const)]} />
        <Choice label={t('deliveries.address')} value={url} onChoose={setUrl} options={[['', t('all')], ...[...new Set((addresses.data ?? []).map((row) => row.url))].map((each) => [each, each] as const)]} />
      </div>
      <Table label={t('deliveries.events')} loaded={loaded} keyOf={({ id }) => id} empty={t('deliveries.none')} columns={[
        { name: t('deliveries.event'), main: true, show: ({ event, id }) => <span class="two"><code>{event}</code><small>#{id}</small></span> },
        { name: t('deliveries.address'), show: (row) => <span class="two"><Address text={row.url} /><small>{row.application}</small></span> },
        { name: t('state'), show: ({ state: own }) => <Badge kind={KINDS[own]}>{t(`deliveries.${own}`)}</Badge> },
        { name: t('deliveries.why'), show: (row) => <span class="two"><span>{row.status > 0 ? `HTTP ${row.status}` : row.problem || '–'}</span><small>{t('deliveries.attempts', { n: row.attempts })}</small></span> },
        { name: t('created'), show: ({ created }) => <When at={created} /> },
        { name: t('deliveries.next'), show: ({ next }) => <When at={next} /> },
        { name: t('actions'), actions: true, show: ({ id: ID, event }) => <button type="button" class="button small" aria-label={t('deliveries.replayOf', { name: `${event} #${ID}` })} onClick={() => replay({ ID })}>{t('deliveries.replay')}</button> },
      ]} />
      <Pages total={loaded.total} offset={offset} onTurn={turn} />
    </section>
  );
}
