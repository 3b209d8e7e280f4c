/** Where one writes: text, files, what it answers or changes. Nothing that was begun is ever thrown away. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../lib/api.ts';
import { Icon } from '../../lib/icons.tsx';
import { userId as me } from '../../lib/told.ts';
import { lazy } from '../../lib/lazy.tsx';
import type { Message } from '../conversation/message.ts';
import { shortOf } from '../conversation/message-row.tsx';
import { outbox } from '../conversation/outgoing.ts';
import { nameOrYou } from '../conversation/people.ts';
import type { Talk } from '../conversation/talk.ts';
import { sendFiles } from '../conversation/uploads.ts';
import { t } from '../conversation/words.ts';
import { draftOf, flush, setDraft } from '../store/drafts.ts';
import { pushEscape } from '../store/keys.ts';
import { toast } from '../store/toast.ts';
import { mentionAt, type MentionsHandle } from './mention-at.ts';
import { composers } from './handle.ts';
import { TypingSign } from './typing-sign.ts';
import './composer.css';

const Mentions = lazy(() => import('./mentions.tsx'), 'Mentions');
const Tray = lazy(() => import('./tray.tsx'), 'Tray');
const EmojiPicker = lazy(() => import('./emoji.tsx'), 'EmojiPicker');

/** Pixels that the field grows to. */
const TALLEST = 220;
/** As many as the server takes in one message. */
const MOST_FILES = 100;

export function Composer({ talk }: { talk: Talk }) {
  const { dialogId } = talk;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const mentions = useRef<MentionsHandle | undefined>(undefined);
  const sign = useRef(new TypingSign(dialogId));
  const [text, setText] = useState(() => draftOf(dialogId).peek() ?? '');
  const [files, setFiles] = useState<readonly File[]>([]);
  const [emoji, setEmoji] = useState(false);
  const [mention, setMention] = useState<{ from: number; words: string }>();
  const [edited, answered] = [talk.editing.value, talk.answering.value];

  const change = (next: string) => {
    setText(next);
    if (!talk.editing.peek()) setDraft(dialogId, next);
  };
  const insert = (words: string, from?: number) => {
    const area = field.current!;
    const start = from ?? area.selectionStart;
    const next = area.value.slice(0, start) + words + area.value.slice(area.selectionEnd);
    change(next);
    caretTo(area, start + words.length);
  };

  useDraft(dialogId, edited, text, setText);
  useEditing(talk, setText, field);
  useLayoutEffect(() => grow(field.current!), [text]);
  useEffect(() => flush, []);
  useEffect(() => composers.register({
    focus: () => field.current?.focus(),
    put: (words) => insert(words),
    addFiles: (added) => setFiles((before) => [...before, ...added].slice(0, MOST_FILES)),
  }), [text]);
  useEscapes(talk, { emoji: emoji && (() => setEmoji(false)), mention: mention && (() => setMention(undefined)) });

  const submit = async () => {
    const words = field.current!.value.trim();
    if (edited) return void (await saveEdit(talk, edited, words));
    if (words === '' && files.length === 0) return;
    const reply = answered?.id ?? 0;
    change('');
    talk.answering.value = undefined;
    sign.current.stop();
    const sent = files;
    setFiles([]);
    if (sent.length > 0) {
      await sendFiles(dialogId, sent, words, reply).catch((error: Error) => {
        change(words);
        setFiles(sent);
        toast(t('failedAction', { why: error.message }), { kind: 'bad' });
      });
    } else outbox.add({ dialogId, text: words, replyId: reply });
  };

  const onInput = ({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => {
    change(currentTarget.value);
    setMention(mentionAt(currentTarget.value, currentTarget.selectionStart));
    if (!edited && currentTarget.value.trim() !== '') sign.current.typed();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (mention && mentions.current?.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey || !coarse())) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'ArrowUp' && text === '' && !edited && !event.ctrlKey && !event.altKey && !event.metaKey) upFromEmpty(event, talk);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0 || edited) return;
    event.preventDefault();
    setFiles([...files, ...pasted].slice(0, MOST_FILES));
  };
  const ready = text.trim() !== '' || files.length > 0;

  return (
    <form class="composer" aria-label={t('write')} onSubmit={(event) => {
      event.preventDefault();
      void submit();
    }}>
      <div class="composer-column">
        {(edited ?? answered) && <QuoteBar talk={talk} message={(edited ?? answered)!} isEdit={edited !== undefined} />}
        {files.length > 0 && <Tray files={files} onRemove={(file) => setFiles(files.filter((one) => one !== file))} />}
        {mention && <Mentions talk={talk} words={mention.words} handle={mentions} onChoose={(words) => {
          insert(words, mention.from);
          setMention(undefined);
        }} onNone={() => setMention(undefined)} />}
        <div class="composer-line">
          {!edited && <button type="button" class="icon-button" aria-label={t('attach')} title={t('attach')} onClick={() => picker.current!.click()}><Icon name="attach" /></button>}
          <input ref={picker} type="file" multiple hidden onChange={({ currentTarget }) => {
            setFiles([...files, ...(currentTarget.files ?? [])].slice(0, MOST_FILES));
            currentTarget.value = '';
            field.current!.focus();
          }} />
          <textarea
            ref={field} class="composer-field" rows={1} dir="auto" value={text} placeholder={files.length > 0 ? t('caption') : t('write')} aria-label={t('write')} enterkeyhint="send"
            aria-autocomplete="list" aria-controls={mention ? 'mentions' : undefined}
            onInput={onInput} onKeyDown={onKeyDown} onPaste={onPaste} onClick={({ currentTarget }) => setMention(mentionAt(text, currentTarget.selectionStart))} maxLength={20_000}
          />
          <button type="button" class="icon-button" aria-label={t('emoji')} title={t('emoji')} aria-expanded={emoji} onClick={() => setEmoji(!emoji)}><Icon name="smile" /></button>
          <button type="submit" class="send" aria-label={edited ? t('save') : t('send')} title={edited ? t('save') : t('send')} disabled={!ready}><Icon name={edited ? 'check' : 'send'} /></button>
        </div>
        {emoji && <EmojiPicker onChoose={(sign_) => insert(sign_)} onClose={() => {
          setEmoji(false);
          field.current!.focus();
        }} />}
      </div>
    </form>
  );
}

/** On a touch screen the Enter key makes a line. */
const coarse = (): boolean => matchMedia('(pointer: coarse)').matches;

function grow(area: HTMLTextAreaElement): void {
  area.style.blockSize = 'auto';
  area.style.blockSize = `${Math.min(TALLEST, area.scrollHeight)}px`;
}

/** Once the field has its new text. */
function caretTo(area: HTMLTextAreaElement, at: number): void {
  requestAnimationFrame(() => {
    area.focus();
    area.setSelectionRange(at, at);
  });
}

/** A draft that was kept comes a moment after the page, or from what another tab has left. */
function useDraft(dialogId: string, edited: Message | undefined, text: string, setText: (text: string) => void): void {
  const typed = useRef(text);
  typed.current = text;
  useSignalEffect(() => {
    const draft = draftOf(dialogId).value ?? '';
    if (!edited && typed.current === '' && draft !== '') setText(draft);
  });
}

/** What is to be changed takes the place of the draft, which comes back afterwards. */
function useEditing(talk: Talk, setText: (text: string) => void, field: { current: HTMLTextAreaElement | null }): void {
  const before = useRef<Message | undefined>(undefined);
  useSignalEffect(() => {
    const edited = talk.editing.value;
    if (edited === before.current) return;
    before.current = edited;
    setText(edited ? edited.text : (draftOf(talk.dialogId).peek() ?? ''));
    if (edited) caretTo(field.current!, edited.text.length);
  });
  useSignalEffect(() => {
    if (talk.answering.value) field.current!.focus();
  });
}

/** Esc takes back one thing at a time: the list of people or signs, then the change, then the answer. What is gone has let go of it before the next key. */
function useEscapes(talk: Talk, { emoji, mention }: { emoji: false | (() => void); mention: undefined | (() => void) }): void {
  const [edited, answered] = [talk.editing.value, talk.answering.value];
  useLayoutEffect(() => (answered ? pushEscape(() => (talk.answering.value = undefined)) : undefined), [answered]);
  useLayoutEffect(() => (edited ? pushEscape(() => (talk.editing.value = undefined)) : undefined), [edited]);
  useLayoutEffect(() => (emoji ? pushEscape(emoji) : undefined), [Boolean(emoji)]);
  useLayoutEffect(() => (mention ? pushEscape(mention) : undefined), [Boolean(mention)]);
}

/** The last message of one's own that can still be changed, also where others have written since; with Shift an answer to the last. */
function upFromEmpty(event: KeyboardEvent, talk: Talk): void {
  const messages = talk.shownWindow?.messages ?? [];
  const found = messages.findLast((message) => !message.deleted && (event.shiftKey ? message.authorId > 0 : message.authorId === me && message.text !== ''));
  if (!found) return;
  event.preventDefault();
  if (event.shiftKey) talk.answering.value = found;
  else talk.editing.value = found;
}

/** An empty text deletes; what was not changed is left alone. */
async function saveEdit(talk: Talk, message: Message, text: string): Promise<void> {
  if (text === '' || text === message.text) {
    if (text !== '') talk.editing.value = undefined;
    return;
  }
  try {
    await call('im.message.update', { MESSAGE_ID: message.id, MESSAGE: text });
    // What nobody has seen yet is changed without a word of it.
    talk.changed({ ...message, text, edited: message.edited || talk.receipts.highest.peek() >= message.id });
    talk.editing.value = undefined;
  } catch (error) {
    toast((error as { code?: string }).code === 'CANT_EDIT_MESSAGE' ? t('mayNotEdit') : t('failedAction', { why: (error as Error).message }), { kind: 'bad' });
  }
}

function QuoteBar({ talk, message, isEdit }: { talk: Talk; message: Message; isEdit: boolean }) {
  return (
    <div class="quote-bar">
      <Icon name={isEdit ? 'pencil' : 'reply'} size={18} />
      <button type="button" class="quote-words" onClick={() => void talk.jumpTo(message.id)}>
        <bdi class="answered-name">{isEdit ? t('editing') : t('replyTo', { name: nameOrYou(message.authorId) })}</bdi>
        <span class="answered-text" dir="auto">{shortOf(message)}</span>
      </button>
      <button type="button" class="icon-button" aria-label={t('cancel')} title={t('cancel')} onClick={() => {
        if (isEdit) talk.editing.value = undefined;
        else talk.answering.value = undefined;
      }}><Icon name="close" size={18} /></button>
    </div>
  );
}
