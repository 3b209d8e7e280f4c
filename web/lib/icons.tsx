/** Icons of our own drawing, on a grid of 24 with lines of 1.75. They say nothing by themselves: whatever holds one has a name. */
import type { ComponentChild } from 'preact';

const DRAWN = {
  search: <><circle cx="10.5" cy="10.5" r="6.25" /><path d="m15.25 15.25 5 5" /></>,
  menu: <path d="M4 7h16M4 12h16M4 17h16" />,
  more: <><circle cx="5.5" cy="12" r="1" /><circle cx="12" cy="12" r="1" /><circle cx="18.5" cy="12" r="1" /></>,
  pin: <path d="M9 3.5h6l-.75 5.75 3.25 3.25v1.75h-11V12.5l3.25-3.25zM12 14.25v6.25" />,
  muted: <path d="M9.5 6.4A5.25 5.25 0 0 1 17.25 11c0 1.9.4 3.3.9 4.3M6.75 11c0 4-1.75 5.5-1.75 5.5h11M10 19.25a2.2 2.2 0 0 0 4 0M4 4l16 16" />,
  bell: <path d="M6.75 10.5a5.25 5.25 0 0 1 10.5 0c0 4.3 1.75 6 1.75 6H5s1.75-1.7 1.75-6zM10 19.25a2.2 2.2 0 0 0 4 0" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  back: <path d="M15 5.5 8.5 12l6.5 6.5" />,
  down: <path d="m5.5 9 6.5 6.5L18.5 9" />,
  up: <path d="M12 19V5M6 11l6-6 6 6" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  checks: <path d="m2.5 12.5 4.5 4.5L16.5 7.5M11.5 16l1 1L22 7.5" />,
  clock: <><circle cx="12" cy="12" r="8" /><path d="M12 7.5V12l3 2" /></>,
  failed: <><circle cx="12" cy="12" r="8.25" /><path d="M12 7.5v5.25M12 16v.25" /></>,
  pencil: <path d="M4.5 19.5 5.5 15 15.75 4.75a1.75 1.75 0 0 1 2.5 0l1 1a1.75 1.75 0 0 1 0 2.5L9 18.5zM14 6.5l3.5 3.5" />,
  plus: <path d="M12 5v14M5 12h14" />,
  group: <><circle cx="9" cy="8.5" r="3.25" /><path d="M3 19c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5M15.5 5.6a3.25 3.25 0 0 1 0 5.8M17.5 14.2c2.1.8 3.5 2.5 3.5 4.8" /></>,
  person: <><circle cx="12" cy="8" r="3.75" /><path d="M4.5 20c0-3.9 3.3-6.5 7.5-6.5s7.5 2.6 7.5 6.5" /></>,
  channel: <path d="M4 10v4h3l8 4.5v-13L7 10zM18 9.5c1.3 1.3 1.3 3.7 0 5M8 14.5l1 5h2.5l-1-3.5" />,
  line: <path d="M12 3.5c4.7 0 8.5 3.1 8.5 7s-3.8 7-8.5 7c-.9 0-1.8-.1-2.6-.3L5 20v-4.5c-.9-1.3-1.5-3-1.5-5 0-3.9 3.8-7 8.5-7zM8.5 10.5h7" />,
  unread: <><path d="M12 4H6.5A2.5 2.5 0 0 0 4 6.5v8A2.5 2.5 0 0 0 6.5 17H8v3.5L12.5 17h5a2.5 2.5 0 0 0 2.5-2.5V12" /><circle cx="18.5" cy="5.5" r="2" /></>,
  read: <path d="M6.5 4h11A2.5 2.5 0 0 1 20 6.5v8a2.5 2.5 0 0 1-2.5 2.5h-5L8 20.5V17H6.5A2.5 2.5 0 0 1 4 14.5v-8A2.5 2.5 0 0 1 6.5 4zM8.5 10.5l2.5 2.5 4.5-4.5" />,
  hide: <path d="M4 4l16 16M9.9 6a9 9 0 0 1 2.1-.25c4.5 0 7.5 3.3 9 6.25a13 13 0 0 1-2.6 3.5M6.3 8A13 13 0 0 0 3 12c1.5 2.95 4.5 6.25 9 6.25a9 9 0 0 0 3.7-.8M10 10.2a2.75 2.75 0 0 0 3.8 3.9" />,
  reply: <path d="M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19" />,
  forward: <path d="M14.5 6l5.5 5.5-5.5 5.5M19.5 11.5H10a6 6 0 0 0-6 6V19" />,
  send: <path d="M4 5l16.5 7L4 19l2.5-7zM6.5 12h6.5" />,
  attach: <path d="m19.5 11-7.7 7.7a4.7 4.7 0 0 1-6.6-6.6l8-8a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.9a1.5 1.5 0 0 1-2.2-2.2l7.2-7.2" />,
  smile: <><circle cx="12" cy="12" r="8.25" /><path d="M8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.5v.25M15 9.5v.25" /></>,
  file: <path d="M7.5 3.5h6l5 5v10a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2zM13.5 3.5v5h5" />,
  picture: <><rect x="3.5" y="4.5" width="17" height="15" rx="2.5" /><circle cx="9" cy="10" r="1.5" /><path d="m4 17 5-4 4 3 3.5-3 4 3.5" /></>,
  download: <path d="M12 4v11.5M6.5 10.5 12 16l5.5-5.5M4.5 20h15" />,
  trash: <path d="M4.5 6.5h15M9.5 6.5V4.5h5v2M6.5 6.5l1 13h9l1-13M10 10v6M14 10v6" />,
  copy: <><rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2.5" /><path d="M15.5 8.5v-2A2.5 2.5 0 0 0 13 4H6.5A2.5 2.5 0 0 0 4 6.5V13a2.5 2.5 0 0 0 2.5 2.5h2" /></>,
  link: <path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1" />,
  at: <><circle cx="12" cy="12" r="3.5" /><path d="M15.5 8.5V13a2.4 2.4 0 0 0 4.75 0v-1a8.25 8.25 0 1 0-3.25 6.55" /></>,
  lock: <><rect x="5" y="10.5" width="14" height="9.5" rx="2.5" /><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" /></>,
  gear: <><circle cx="12" cy="12" r="3" /><path d="M12 3.5v2.25M12 18.25v2.25M3.5 12h2.25M18.25 12h2.25M6 6l1.6 1.6M16.4 16.4 18 18M6 18l1.6-1.6M16.4 7.6 18 6" /></>,
  book: <path d="M12 6.5C10.5 5 8 4.5 4 4.5v13c4 0 6.5.5 8 2 1.5-1.5 4-2 8-2v-13c-4 0-6.5.5-8 2zM12 6.5v13" />,
  apps: <><rect x="4" y="4" width="6.5" height="6.5" rx="1.5" /><rect x="13.5" y="4" width="6.5" height="6.5" rx="1.5" /><rect x="4" y="13.5" width="6.5" height="6.5" rx="1.5" /><rect x="13.5" y="13.5" width="6.5" height="6.5" rx="1.5" /></>,
  leave: <path d="M14 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h7M10.5 12H20M16.5 8.5 20 12l-3.5 3.5" />,
  sun: <><circle cx="12" cy="12" r="4" /><path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" /></>,
  globe: <><circle cx="12" cy="12" r="8.25" /><path d="M3.75 12h16.5M12 3.75c2.3 2.3 3.4 5 3.4 8.25s-1.1 5.95-3.4 8.25c-2.3-2.3-3.4-5-3.4-8.25s1.1-5.95 3.4-8.25z" /></>,
  rows: <><rect x="4" y="4.5" width="16" height="6" rx="1.5" /><rect x="4" y="13.5" width="16" height="6" rx="1.5" /></>,
  keyboard: <><rect x="3" y="6" width="18" height="12" rx="2.5" /><path d="M7 10v.1M11 10v.1M15 10v.1M17.5 10v.1M8 14h8" /></>,
  offline: <path d="M4 4l16 16M8.5 8.5A8 8 0 0 1 18.5 9.5M5 11.5a11 11 0 0 1 1.5-1.7M8.5 14.5a5 5 0 0 1 6-.7M12 18.5v.1M16.5 8.2a11 11 0 0 1 4 2.5" />,
} as const satisfies Record<string, ComponentChild>;

export type IconName = keyof typeof DRAWN;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon" viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"
      stroke-linejoin="round" aria-hidden="true" focusable="false"
    >
      {DRAWN[name]}
    </svg>
  );
}
