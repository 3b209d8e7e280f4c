import type { APPLICATION_SCOPES } from '../identity/webhooks.ts';

const WORDS: Record<(typeof APPLICATION_SCOPES)[number], string> = {
  im: 'Read and write messages in your chats',
  imbot: 'Run chat bots',
  imopenlines: 'Work with open lines',
  imconnector: 'Connect other messengers to open lines',
  user: 'See everybody’s profile, and change those you may change',
  user_basic: 'See everybody’s name, position and contacts',
  user_brief: 'See everybody’s name and position',
  'user.userfield': 'See additional profile fields',
  department: 'See the departments',
  disk: 'Read and write your files',
  mobile: 'Use what the mobile application uses',
  placement: 'Add itself to the pages of this portal',
  pull: 'Be told of changes as they happen',
  pull_channel: 'Listen to the channels of changes',
};

/** What a scope lets an application do. */
export function inWords(code: string): string {
  const known: Readonly<Record<string, string>> = WORDS;
  return known[code] ?? code;
}
