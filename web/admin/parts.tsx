/** What the sections are put together of: tables, tool bars, pages, states. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../lib/icons.tsx';
import { lang } from '../lib/i18n.ts';
import type { Loaded } from './calls.ts';
import { t } from './words.ts';

export interface Column<T> {
  name: string;
  show(row: T): ComponentChildren;
  /** Numbers stand at the end of their column. */
  number?: boolean;
  /** It is what the row is called by. */
  main?: boolean;
  /** Buttons: without a heading that is seen. */
  actions?: boolean;
}

interface TableProps<T> {
  label: string;
  columns: ReadonlyArray<Column<T>>;
  loaded: Loaded<readonly T[]>;
  keyOf(row: T): string | number;
  empty: string;
  /** What is said of a row in its class. */
  classOf?(row: T): string;
}

/** On a phone each row is a card, with the columns' names before what stands in them. */
export function Table<T>({ label, columns, loaded, keyOf, empty, classOf }: TableProps<T>) {
  const { data, loading, problem, again } = loaded;
  if (problem) return <State icon="failed" text={problem}><button type="button" class="button" onClick={again}>{t('retry')}</button></State>;
  if (!data) return <Skeleton />;
  if (data.length === 0) return <State icon="search" text={empty} />;
  return (
    <div class="table-box" aria-busy={loading}>
      <table aria-label={label}>
        <thead><tr>{columns.map(({ name, number, actions }) => <th key={name} scope="col" class={number ? 'number' : ''}>{actions ? <span class="hidden-text">{name}</span> : name}</th>)}</tr></thead>
        <tbody>
          {data.map((row) => (
            <tr key={keyOf(row)} class={classOf?.(row) ?? ''}>
              {columns.map(({ name, show, number, main, actions }) => main
                ? <th key={name} scope="row" class="main">{show(row)}</th>
                : <td key={name} class={actions ? 'actions' : number ? 'number' : ''} data-name={actions ? undefined : name}>{show(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Skeleton() {
  return <div class="skeleton" role="status" aria-label={t('loading')}>{Array.from({ length: 6 }, (_, i) => <span key={i} />)}</div>;
}

export function State({ icon, text, children }: { icon: IconName; text: string; children?: ComponentChildren }) {
  return <div class="state" role="status"><Icon name={icon} size={28} /><p>{text}</p>{children}</div>;
}

const TYPING_MS = 250;

/** Says what was typed once it has not been added to for a moment. */
export function Search({ label, onFind }: { label: string; onFind(text: string): void }) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="search">
      <span class="hidden-text">{label}</span>
      <Icon name="search" size={18} />
      <input type="search" placeholder={label} autocomplete="off" spellcheck={false} onInput={(event) => {
        const text = event.currentTarget.value;
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => onFind(text), TYPING_MS);
      }} />
    </label>
  );
}

export type Options = ReadonlyArray<readonly [value: string, text: string]>;

export function Choice({ label, options, value, onChoose }: { label: string; options: Options; value: string; onChoose(value: string): void }) {
  const id = useId();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([key, text]) => <option key={key} value={key}>{text}</option>)}
      </select>
    </span>
  );
}

export const PAGE = 50;

export function Pages({ total, offset, onTurn }: { total: number; offset: number; onTurn(offset: number): void }) {
  if (total === 0) return null;
  const last = Math.min(total, offset + PAGE);
  return (
    <nav class="pages" aria-label={t('pages')}>
      <span>{t('rows', { from: count(offset + 1), to: count(last), total: count(total) })}</span>
      {total > PAGE && <>
        <button type="button" class="button" disabled={offset === 0} onClick={() => onTurn(Math.max(0, offset - PAGE))}>{t('earlier')}</button>
        <button type="button" class="button" disabled={last >= total} onClick={() => onTurn(offset + PAGE)}>{t('later')}</button>
      </>}
    </nav>
  );
}

/** A page that begins anew whenever what is looked for changes. */
export function usePage(key: string): [number, (offset: number) => void] {
  const [page, setPage] = useState({ key, offset: 0 });
  return [page.key === key ? page.offset : 0, (offset) => setPage({ key, offset })];
}

export function Badge({ kind = '', children }: { kind?: '' | 'good' | 'bad' | 'warn'; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}

export function Head({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  return <header class="section-head"><div><h1 tabIndex={-1}>{title}</h1><p>{text}</p></div>{children && <div class="section-actions">{children}</div>}</header>;
}

/** That of the browser where it is one of the language: it says how dates and numbers are written. */
export function locale(): string {
  return navigator.languages.find((each) => each.toLowerCase().startsWith(lang.value)) ?? (lang.value === 'ru' ? 'ru' : 'en-GB');
}

export function count(value: number): string {
  return value.toLocaleString(locale());
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const number = value / 1000 ** power;
  return `${number.toLocaleString(locale(), { maximumFractionDigits: number < 10 && power > 0 ? 1 : 0 })} ${UNITS[power]}`;
}

/** A date as the server gives it; a dash for none. */
export function When({ at }: { at: string | false }) {
  if (!at) return <span class="quiet">–</span>;
  const date = new Date(at);
  return <time dateTime={at} title={date.toLocaleString(locale())}>{date.toLocaleString(locale(), { day: '2-digit', month: '2-digit', year: '2-digit', hour: '2-digit', minute: '2-digit' })}</time>;
}
