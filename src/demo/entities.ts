/** The demo portal's chats that belong to something else: a deal, a meeting, a workgroup, a task, a visitor's request. */
import type { Attach } from '../messenger/posting/attach.ts';
import { DAY, HOUR, idOf, type Room, type Script } from './data.ts';

function taskCard(id: string): Attach {
  return {
    ID: 1,
    BLOCKS: [
      { LINK: [{ NAME: 'Maximally Complete Task Template', LINK: `/company/personal/user/1/tasks/task/view/${id}/` }] },
      { DELIMITER: { SIZE: 200 } },
      {
        GRID: [
          { DISPLAY: 'LINE', NAME: 'Assignee', VALUE: 'Diego Ferreira', USER_ID: idOf('diego') },
          { DISPLAY: 'LINE', NAME: 'Deadline', VALUE: 'Friday, 17:00' },
          { DISPLAY: 'LINE', NAME: 'Priority', VALUE: 'High' },
        ],
      },
    ],
    COLOR: '#4ba5c3',
  };
}

/** The two chats that the page im.recent.get shows. */
function task(id: string, color: 'RED' | 'BROWN', ago: number): Script {
  const members = ['tom', 'mei', 'diego'] as const;
  const room: Room = { type: 'X', owner: 'nora', members, title: 'Maximally Complete Task Template', color, entity: { type: 'TASKS_TASK', id } };
  return { room, ago, lines: [['nora', '{nora} created a task', { system: true, params: { ATTACH: [taskCard(id)] } }]] };
}

const SECOND = 1 / 60;

export const ENTITIES: readonly Script[] = [
  task('8291', 'BROWN', 6 * HOUR + SECOND),
  task('8293', 'RED', 6 * HOUR),
  {
    room: { type: 'C', owner: 'clara', members: ['nora', 'tom', 'yusuf'], title: 'Port of Harrowby: ten gauges', entity: { type: 'CRM', id: 'DEAL|1663' } },
    ago: 4 * HOUR,
    acts: ['remind'],
    lines: [
      ['clara', 'They want ten gauges before the storm season', { pause: 4 * DAY }],
      ['tom', 'Eight weeks are doable if the housings come in time'],
      ['clara', 'Housings are ordered'],
      ['nora', 'What do they use today?'],
      ['clara', 'A pole with numbers on it, and a man with a torch 🔦'],
      ['yusuf', 'We can train their people in one day', { pause: DAY }],
      [
        'clara',
        'The offer as it stands',
        {
          pause: 30 * HOUR,
          params: {
            ATTACH: [{
              ID: 1,
              BLOCKS: [{ GRID: [{ DISPLAY: 'ROW', NAME: 'Gauges', VALUE: '10' }, { DISPLAY: 'ROW', NAME: 'Discount', VALUE: '8 %' }, { DISPLAY: 'ROW', NAME: 'Support', VALUE: '12 months' }] }],
              COLOR: '#64a513',
            }] satisfies Attach[],
          },
        },
      ],
      ['nora', 'Approved'],
      ['clara', 'Sent. They decide by the end of the week 🤞', { pause: 2 * HOUR }],
    ],
  },
  {
    room: { type: 'C', owner: 'nora', members: ['tom', 'mei', 'clara', 'priya'], title: 'Quarterly planning', color: 'LIGHT_BLUE', entity: { type: 'CALENDAR', id: '47' } },
    ago: 2 * DAY + 2 * HOUR,
    lines: [
      ['nora', '{nora} created a meeting', { system: true }],
      ['nora', 'Agenda: [b]1.[/b] numbers [b]2.[/b] roadmap [b]3.[/b] trade fair', { pause: 3 }],
      ['tom', 'I need twenty minutes for the roadmap'],
      ['priya', 'Ten for the fair are enough'],
      ['mei', 'It is past midnight for me, may I go first?', { pause: 3 * HOUR }],
      ['nora', 'Of course, {mei}', { reply: 1 }],
    ],
  },
  {
    room: { type: 'C', owner: 'mei', members: ['nora', 'diego', 'irina', 'tom', 'sofia'], title: 'Buoy field trial', color: 'AQUA', entity: { type: 'SONET_GROUP', id: '121' } },
    ago: 75,
    unread: 1,
    lines: [
      ['mei', 'Plan: three buoys, two weeks, one boat', { pause: 2 * DAY }],
      ['diego', 'Firmware for the trial is on all three'],
      ['irina', 'I watch the first night from here'],
      ['tom', 'The permit arrived 📜', { pause: 6 * DAY }],
      ['nora', 'Then nothing stops us but the weather'],
      ['mei', 'Forecast for week two: calm', { pause: 2 * DAY }],
      ['diego', 'Buoy 2 lost its radio link', { pause: 8 * HOUR }],
      ['mei', 'Gateway was too low. Moved it up, three metres'],
      ['sofia', 'Can I use the map of the three places for the site?', { pause: DAY }],
      ['nora', 'Yes, as soon as the trial is over', { reply: 1 }],
      ['diego', 'All three report every minute now 📡', { pause: 3 * HOUR }],
    ],
  },
  {
    room: {
      type: 'L',
      owner: 'nora',
      members: ['visitor', 'yusuf'],
      title: 'Jonas Vik - Web site',
      color: 'GREEN',
      entity: { type: 'LINES', id: 'livechat|2|70|2016', data: 'N|NONE|0|N|N|7|{start}|0|0|0' },
    },
    ago: 16,
    unread: 2,
    lines: [
      ['visitor', 'Hello, does the Heron gauge work in fresh water?', { pause: HOUR }],
      ['nora', 'Hello Jonas! Yes, lakes and rivers too. You set the density once.'],
      ['visitor', 'And in winter, under ice?'],
      ['yusuf', 'Down to minus twenty. The sensor has to sit below the ice.'],
      ['nora', 'Shall I send you the installation guide?'],
      ['visitor', 'Yes please!'],
      ['visitor', 'And what does it cost for a sailing club? ⛵'],
    ],
  },
];
