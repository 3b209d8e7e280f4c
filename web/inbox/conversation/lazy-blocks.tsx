/** Attachments and buttons, which come when the first message has some. */
import { lazy } from '../../lib/lazy.tsx';
import type { TextActions } from './text.tsx';

interface BlockProps {
  value: unknown;
  actions: TextActions;
}

const load = () => import('./blocks.ts');
const LazyAttachments = lazy<BlockProps, 'Attachments'>(load, 'Attachments');
const LazyKeyboard = lazy<BlockProps, 'Keyboard'>(load, 'Keyboard');

const isThere = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

export const Attachments = (props: BlockProps) => (isThere(props.value) ? <LazyAttachments {...props} /> : null);
export const Keyboard = (props: BlockProps) => (isThere(props.value) ? <LazyKeyboard {...props} /> : null);
