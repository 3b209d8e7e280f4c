/** What programs put into messages: a part of the page of its own, as most messages have none of it. */
export { Attachments } from './attach.tsx';
export { Keyboard } from './keyboard.tsx';
