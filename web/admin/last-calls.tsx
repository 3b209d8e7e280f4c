/** The last calls, as they come. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../lib/api.ts';
import { change, inWords } from './calls.ts';
import { attempt } from './forms.tsx';
import { Badge, Head, locale, Search, State } from './parts.tsx';
import { t } from './words.ts';

interface Call {
  id: number;
  at: string;
  user_id: number;
  webhook_id: number;
  client_id: string;
  method: string;
  command: boolean;
  params: string;
  status: number;
  code: string;
  why: string;
  rehearsed: string;
  ms: number;
  statements: number;
}

interface Answer {
  on: boolean;
  node: string;
  calls: Call[];
}

const LOOK_EVERY_MS = 1500;
const MOST_SHOWN = 300;

interface Shown {
  on: boolean | undefined;
  calls: readonly Call[];
  problem: string;
}

/** What has come since the last look is put on top. */
function useCalls(method: string, errors: boolean, running: boolean): Shown & { again(): void } {
  const [shown, setShown] = useState<Shown>({ on: undefined, calls: [], problem: '' });
  const [turn, setTurn] = useState(0);
  const since = useRef(0);
  useEffect(() => {
    let stopped = false;
    since.current = 0;
    const look = async (): Promise<void> => {
      try {
        const first = since.current === 0;
        const { on, calls } = await call<Answer>('tidemark.calls.list', { METHOD: method.trim(), ERRORS: errors ? 'Y' : 'N', SINCE: since.current, LIMIT: MOST_SHOWN });
        if (stopped) return;
        since.current = calls.at(-1)?.id ?? since.current;
        setShown((before) => ({ on, problem: '', calls: [...calls.toReversed(), ...(first || !on ? [] : before.calls)].slice(0, MOST_SHOWN) }));
      } catch (error) {
        if (!stopped) setShown((before) => ({ ...before, problem: inWords(error) }));
      }
    };
    void look();
    const timer = running ? setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_EVERY_MS) : 0;
    return () => {
      stopped = true;
      clearInterval(timer);
    };
  }, [method, errors, running, turn]);
  return { ...shown, again: () => setTurn((now) => now + 1) };
}

export function Calls() {
  const [method, setMethod] = useState('');
  const [errors, setErrors] = useState(false);
  const [running, setRunning] = useState(true);
  const { on, calls, problem, again } = useCalls(method, errors, running);
  const switchTo = (value: 'Y' | 'N'): void => attempt(() => change('tidemark.settings.set', { SETTINGS: { calls: value } }).then(again));
  return (
    <section>
      <Head title={t('section.calls')} text={t('calls.text')}>
        {on && <button type="button" class="button" aria-pressed={!running} onClick={() => setRunning(!running)}>{t(running ? 'calls.pause' : 'calls.go')}</button>}
        {on && <button type="button" class="button" onClick={() => switchTo('N')}>{t('switchOff')}</button>}
      </Head>
      {on === false && <p class="banner">{t('calls.off')} <button type="button" class="button small" onClick={() => switchTo('Y')}>{t('switchOn')}</button></p>}
      <div class="tools">
        <Search label={t('calls.method')} onFind={setMethod} />
        <label class="check"><input type="checkbox" checked={errors} onChange={(event) => setErrors(event.currentTarget.checked)} /> {t('calls.errors')}</label>
      </div>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {on !== undefined && calls.length === 0 ? <State icon="clock" text={t('calls.none')} /> : (
        <ol class="calls" aria-label={t('section.calls')}>{calls.map((each) => <li key={each.id}><One call={each} /></li>)}</ol>
      )}
    </section>
  );
}

function One({ call: each }: { call: Call }) {
  const bad = each.code !== '' || each.status >= 400;
  return (
    <details class={bad ? 'call bad' : 'call'}>
      <summary>
        <time dateTime={each.at}>{new Date(each.at).toLocaleTimeString(locale())}</time>
        <Badge kind={bad ? 'bad' : 'good'}>{each.status}</Badge>
        <code class="call-method">{each.command ? '↳ ' : ''}{each.method || '?'}</code>
        {each.code && <code class="call-code">{each.code}</code>}
        {each.rehearsed && <Badge kind="warn">{t('calls.rehearsed')}</Badge>}
        <span class="call-who">{whose(each)}</span>
        <span class="call-cost">{each.ms.toLocaleString(locale(), { maximumFractionDigits: 1 })} {t('unit.ms')} · {t('calls.statements', { n: each.statements })}</span>
      </summary>
      <div class="call-more">
        {each.why && <p class="problem">{each.why}</p>}
        <pre tabIndex={0}>{each.params}</pre>
      </div>
    </details>
  );
}

function whose({ user_id: user, webhook_id: webhook, client_id: client }: Call): string {
  const by = client || (webhook > 0 ? `${t('rehearsals.webhook')} #${webhook}` : user > 0 ? t('calls.page') : t('calls.nobody'));
  return user > 0 ? `${t('calls.user', { id: user })}, ${by}` : by;
}
