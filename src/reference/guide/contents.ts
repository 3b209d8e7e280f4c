/** The pages of the guide, in the order in which they are read. Each is a file of `docs/`, whose first heading is its title. */

export interface GuidePage {
  /** Its file without the ending, and the last part of its address. */
  name: string;
  /** What it is good for, in a line. */
  about: string;
}

export interface GuidePart {
  title: string;
  pages: readonly GuidePage[];
}

export const GUIDE: readonly GuidePart[] = [
  {
    title: 'Start here',
    pages: [
      { name: 'quick-start', about: 'A running portal, the first call and the inbox, in a few minutes.' },
      { name: 'testing', about: 'From nothing to a green test of your own integration in five commands, and on from there.' },
      { name: 'clients', about: 'How to point each client and SDK here, and which commands show that it works.' },
      { name: 'errors', about: 'Every error of the system, its cause, and how to bring it about.' },
    ],
  },
  {
    title: 'Build on it',
    pages: [
      { name: 'push', about: 'Being told at once: server-sent events, WebSocket, and a cursor by which nothing is missed.' },
      { name: 'frames', about: 'Applications with a page of their own inside the portal, and BX24.' },
    ],
  },
  {
    title: 'Beside the original',
    pages: [
      { name: 'differences', about: 'What is different on purpose, and what that means for your code.' },
      { name: 'compatibility', about: 'Every method with its status and tests, and every single departure with its reason.' },
    ],
  },
  {
    title: 'Run it',
    pages: [
      { name: 'inbox', about: 'The page for people: what it does, and how that is known.' },
      { name: 'admin', about: 'The page, the methods and the commands of administrators.' },
      { name: 'operations', about: 'Start, back up, upgrade, watch, rotate secrets, several nodes.' },
      { name: 'scaling', about: 'How large it gets, and when to do what.' },
    ],
  },
  {
    title: 'How it is made',
    pages: [
      { name: 'architecture', about: 'The parts, and one call from wire to storage.' },
      { name: 'decisions', about: 'Why it is as it is, and what was given up for it.' },
    ],
  },
];

export const GUIDE_PAGES: readonly GuidePage[] = GUIDE.flatMap(({ pages }) => pages);

export const GUIDE_PATH = '/docs/guide/';
