/** Dialogs: forms whose errors stand where they belong, questions before what cannot be undone, and secrets that are shown once. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Dialog } from '../lib/dialog.tsx';
import { Icon } from '../lib/icons.tsx';
import { argumentOf, inWords } from './calls.ts';
import type { Options } from './parts.tsx';
import { t } from './words.ts';

export interface Field {
  /** The parameter of the method. */
  name: string;
  label: string;
  kind?: 'text' | 'email' | 'password' | 'number' | 'check' | 'choice' | 'many';
  value?: string | boolean | readonly string[];
  /** What there is to choose from. */
  options?: Options;
  hint?: string;
  required?: boolean;
}

export type Values = Readonly<Record<string, string | boolean | string[]>>;

interface Form {
  title: string;
  intro?: string;
  fields: readonly Field[];
  submit: string;
  /** It cannot be undone. */
  danger?: boolean;
  run(values: Values): Promise<unknown>;
}

interface Shown {
  title: string;
  text: string;
  values: ReadonlyArray<readonly [label: string, value: string]>;
}

/** What stands in front of the page; one at a time. */
const open = signal<{ form: Form } | { shown: Shown } | undefined>(undefined);
const note = signal('');
let noteTimer = 0;

export function ask(form: Form): void {
  open.value = { form };
}

/** A question before something that cannot be undone. */
export function confirm(title: string, intro: string, submit: string, run: () => Promise<unknown>): void {
  ask({ title, intro, submit, danger: true, fields: [], run });
}

/** Secrets are shown this once. */
export function showOnce(shown: Shown): void {
  open.value = { shown };
}

/** Says at the edge of the page what was done. */
export function say(text: string): void {
  note.value = text;
  clearTimeout(noteTimer);
  noteTimer = window.setTimeout(() => (note.value = ''), 5000);
}

/** Does something at once, and says how it went. */
export function attempt(work: () => Promise<unknown>, done = t('done')): void {
  Promise.resolve().then(work).then(() => say(done), (error: unknown) => say(inWords(error)));
}

/** Stands once in the page. */
export function Front() {
  const now = open.value;
  return (
    <>
      {now && ('form' in now ? <FormDialog key={now.form.title} {...now.form} /> : <Once {...now.shown} />)}
      <p class={note.value ? 'note' : 'note hidden-text'} role="status">{note.value}</p>
    </>
  );
}

function close(): void {
  open.value = undefined;
}

function FormDialog({ title, intro, fields, submit, danger, run }: Form) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState({ text: '', field: '' });
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const before = open.peek();
    try {
      await run(valuesOf(form.current!, fields));
      // What was run may have something to show instead.
      if (open.peek() === before) close();
    } catch (error) {
      const field = argumentOf(error);
      setProblem({ text: inWords(error), field: fields.some(({ name }) => name === field) ? field : '' });
      form.current?.querySelector<HTMLElement>(`[name="${field || '-'}"]`)?.focus();
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} closeText={t('close')} onClose={close}>
      <form ref={form} class="form" onSubmit={(event) => void send(event)}>
        {intro && <p>{intro}</p>}
        {problem.text && !problem.field && <p class="problem" role="alert">{problem.text}</p>}
        {fields.map((field) => <FieldRow key={field.name} field={field} problem={problem.field === field.name ? problem.text : ''} />)}
        <div class="form-actions">
          <button type="button" class="button" onClick={close}>{t('cancel')}</button>
          <button type="submit" class={danger ? 'button danger' : 'button main'} disabled={busy}>{submit}</button>
        </div>
      </form>
    </Dialog>
  );
}

function valuesOf(form: HTMLFormElement, fields: readonly Field[]): Values {
  const data = new FormData(form);
  return Object.fromEntries(fields.map(({ name, kind }) => {
    if (kind === 'check') return [name, data.has(name)];
    return [name, kind === 'many' ? data.getAll(name).map(String) : String(data.get(name) ?? '')];
  }));
}

function FieldRow({ field, problem }: { field: Field; problem: string }) {
  const id = useId();
  const { name, label, kind = 'text', value = '', hint, required } = field;
  const about = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;
  const shared = { id, name, 'aria-describedby': about, 'aria-invalid': problem ? true : undefined } as const;
  const notes: ComponentChildren = <>
    {hint && <p id={`${id}-hint`} class="hint">{hint}</p>}
    {problem && <p id={`${id}-problem`} class="problem" role="alert">{problem}</p>}
  </>;
  if (kind === 'check') return <div class="field"><label class="check"><input type="checkbox" {...shared} defaultChecked={value === true} /> {label}</label>{notes}</div>;
  if (kind === 'many') return <Many field={field} notes={notes} />;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {kind === 'choice'
        ? <select {...shared} defaultValue={String(value)}>{field.options!.map(([key, text]) => <option key={key} value={key} selected={key === value}>{text}</option>)}</select>
        : <input type={kind as 'text'} {...shared} defaultValue={String(value)} required={required} autocomplete={kind === 'password' ? 'new-password' : 'off'} spellcheck={false} />}
      {notes}
    </div>
  );
}

function Many({ field: { name, label, value, options = [] }, notes }: { field: Field; notes: ComponentChildren }) {
  const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
  return (
    <fieldset class="field many">
      <legend>{label}</legend>
      <div>{options.map(([key, text]) => <label key={key} class="check"><input type="checkbox" name={name} value={key} defaultChecked={chosen.includes(key)} /> {text}</label>)}</div>
      {notes}
    </fieldset>
  );
}

function Once({ title, text, values }: Shown) {
  return (
    <Dialog title={title} closeText={t('close')} onClose={close}>
      <p class="banner"><Icon name="lock" size={18} />{text}</p>
      {values.map(([label, value]) => (
        <div key={label} class="secret">
          <span>{label}</span>
          <code>{value}</code>
          <button type="button" class="button" onClick={() => attempt(() => navigator.clipboard.writeText(value), t('copied'))}><Icon name="copy" size={16} />{t('copy')}</button>
        </div>
      ))}
      <div class="form-actions"><button type="button" class="button main" onClick={close}>{t('gotIt')}</button></div>
    </Dialog>
  );
}
