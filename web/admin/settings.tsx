/** Plan and switches. */
import { useState } from 'preact/hooks';
import { change, inWords, useCall } from './calls.ts';
import { attempt, confirm, say } from './forms.tsx';
import { Head, State } from './parts.tsx';
import { hasWord, t } from './words.ts';

interface Setting {
  name: string;
  kind: 'switch' | 'choice' | 'text';
  description: string;
  value: string;
  usual: string;
  unit: string;
  options: string[];
}

const GROUPS: ReadonlyArray<readonly [name: string, settings: readonly string[]]> = [
  ['portal', ['name', 'url', 'timezone', 'docs', 'link-previews']],
  ['plan', ['plan', 'rest-plan', 'operating-limit', 'edit-limit']],
  ['files', ['file-limit', 'user-quota', 'portal-quota']],
  ['testing', ['rehearsals', 'private-handlers', 'calls', 'movable-clock', 'code-ttl', 'access-ttl', 'refresh-ttl']],
  ['closing', ['require-https', 'closed']],
];
/** Whoever sets them may find this page closed to themselves. */
const LOCKS_OUT = new Set(['closed', 'require-https']);

export function Settings() {
  const loaded = useCall<Setting[]>('tidemark.settings.get');
  const { data, problem, again } = loaded;
  if (problem) return <State icon="failed" text={problem}><button type="button" class="button" onClick={again}>{t('retry')}</button></State>;
  const named = new Set(GROUPS.flatMap(([, names]) => names));
  const others = (data ?? []).filter(({ name }) => !named.has(name)).map(({ name }) => name);
  return (
    <section>
      <Head title={t('section.settings')} text={t('settings.text')} />
      {[...GROUPS, ...(others.length > 0 ? [['others', others] as const] : [])].map(([group, names]) => (
        <fieldset key={group} class="card settings">
          <legend>{t(`settings.${group}`)}</legend>
          {data && names.map((name) => {
            const setting = data.find((each) => each.name === name);
            return setting && <Row key={`${name} ${setting.value}`} setting={setting} />;
          })}
        </fieldset>
      ))}
    </section>
  );
}

function Row({ setting }: { setting: Setting }) {
  const { name, kind, description } = setting;
  const id = `setting-${name}`;
  const key = `setting.${name}`;
  return (
    <div class="setting">
      <div><label for={id}>{hasWord(key) ? t(key) : name}</label><p id={`${id}-about`}>{hasWord(`${key}.about`) ? t(`${key}.about`) : description}</p></div>
      {kind === 'switch' ? <Switch id={id} setting={setting} /> : kind === 'choice' ? <Select id={id} setting={setting} /> : <Text id={id} setting={setting} />}
    </div>
  );
}

function set(name: string, value: string): Promise<unknown> {
  return change('tidemark.settings.set', { SETTINGS: { [name]: value } });
}

function Switch({ id, setting: { name, value, usual } }: { id: string; setting: Setting }) {
  const on = (value || usual) === 'Y';
  const flip = (): void => {
    if (!on && LOCKS_OUT.has(name)) confirm(t(`setting.${name}`), t(`settings.sure.${name}`), t('switchOn'), () => set(name, 'Y'));
    else attempt(() => set(name, on ? 'N' : 'Y'), t('saved'));
  };
  return <button type="button" id={id} class="switch" role="switch" aria-checked={on} aria-describedby={`${id}-about`} onClick={flip}><span /></button>;
}

function Select({ id, setting: { name, value, usual, options } }: { id: string; setting: Setting }) {
  return (
    <select id={id} aria-describedby={`${id}-about`} value={value || usual} onChange={(event) => attempt(() => set(name, event.currentTarget.value), t('saved'))}>
      {options.map((each) => <option key={each} value={each}>{each}</option>)}
    </select>
  );
}

function Text({ id, setting: { name, value, usual, unit } }: { id: string; setting: Setting }) {
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState('');
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await set(name, text);
      say(t('saved'));
    } catch (error) {
      setProblem(inWords(error));
    }
  };
  return (
    <form class="setting-text" onSubmit={(event) => void save(event)}>
      <span>
        <input
          id={id} value={text} placeholder={usual || undefined} aria-describedby={`${id}-about${problem ? ` ${id}-problem` : ''}`} aria-invalid={problem ? true : undefined} spellcheck={false}
          onInput={(event) => { setText(event.currentTarget.value); setProblem(''); }}
        />
        <small>{['seconds', 'MB'].includes(unit) ? t(`unit.${unit}`) : ''}</small>
        <button type="submit" class="button small" disabled={text === value} aria-label={t('saveOf', { name: hasWord(`setting.${name}`) ? t(`setting.${name}`) : name })}>{t('save')}</button>
      </span>
      {problem && <p id={`${id}-problem`} class="problem" role="alert">{problem}</p>}
    </form>
  );
}
