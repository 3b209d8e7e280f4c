/** Words from one tab of the inbox to the others of the same browser. */

type Word = 'signed out' | 'uploads';

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tidemark') : undefined;

export function tellTabs(word: Word): void {
  channel?.postMessage(word);
}

export function onTabs(word: Word, run: () => void): void {
  channel?.addEventListener('message', ({ data }) => data === word && run());
}
