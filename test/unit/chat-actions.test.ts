/** Who may do what to which kind of chat: the whole table, written out here and not taken from the rules. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChatAction, hindrance } from '../../src/messenger/access/actions.ts';
import { permissionsOf, ROLE } from '../../src/messenger/access/rights.ts';

type Lowest = keyof typeof ROLE | 'nobody';

const COLUMNS = ['addMembers', 'removeMembers', 'rename', 'recolour', 'passOn', 'appoint', 'setPermissions', 'post', 'deleteMessages', 'pinMessages', 'leave', 'leaveOwn', 'mute', 'listMembers', 'upload', 'deleteFiles'] as const satisfies readonly ChatAction[];

/** The lowest role for each of {@link COLUMNS}; `-` where the kind of chat has no such thing for anybody. */
const TABLE: Array<[type: string, entityType: string, lowest: string]> = [
  ['C', '', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['O', '', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['N', '', 'member manager manager manager owner owner owner manager manager manager member owner member guest manager manager'],
  ['J', '', 'member manager manager manager owner owner owner manager manager manager member owner member guest manager manager'],
  ['P', '', '- - - - - - - member - member - - - - member -'],
  ['L', 'LINES', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['X', 'TASKS_TASK', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['C', 'TASKS', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['C', 'VIDEOCONF', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['O', 'GENERAL', '- - - - - owner owner member manager member - - member guest member manager'],
  ['C', 'SONET_GROUP', '- - - - - owner owner member manager member - - member guest member manager'],
  ['C', 'CRM', 'member manager - - - owner owner member manager member member - member guest member manager'],
  ['C', 'CALL', '- - member member - owner owner member manager member - - - guest member manager'],
  ['C', 'ANNOUNCEMENT', 'member manager manager manager owner owner owner manager manager manager member owner member guest manager manager'],
  ['C', 'SUPPORT24_QUESTION', '- - member - - owner owner member manager member - - - - member manager'],
  ['C', 'NETWORK_DIALOG', '- - member - - owner owner member manager member - - - - member manager'],
  ['B', 'SONET_GROUP', '- - - - - - - member manager member - - member guest member manager'],
  ['T', '', '- - - - - - - member manager member - - member guest member manager'],
  ['C', 'SUPPORT24_NOTIFIER', 'member manager - - - owner owner member manager member member - member guest member manager'],
  ['C', 'CALENDAR', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
  ['C', 'MY_THING', 'member manager member member owner owner owner member manager member member owner member guest member manager'],
];

const cells = TABLE.flatMap(([type, entityType, row]) =>
  row.split(' ').map((lowest, column) => ({ type, entityType, action: COLUMNS[column]!, lowest: (lowest === '-' ? 'nobody' : lowest) as Lowest })),
);

test('the table is whole', () => {
  for (const [, , row] of TABLE) expect(row.split(' ')).toHaveLength(COLUMNS.length);
});

describe.each(cells)('$action in $type $entityType', ({ type, entityType, action, lowest }) => {
  const chat = { type, entity_type: entityType, permissions: '' };
  test.each(Object.entries(ROLE))('as a %s', (name, role) => {
    const expected = lowest === 'nobody' ? 'kind' : ROLE[lowest] <= ROLE[name as keyof typeof ROLE] ? undefined : 'role';
    expect(hindrance(action, chat, role)).toBe(expected);
  });
});

/** Which setting an action follows. */
const FOLLOWS = {
  addMembers: 'manage_users_add', removeMembers: 'manage_users_delete', rename: 'manage_ui', recolour: 'manage_ui',
  setPermissions: 'manage_settings', post: 'can_post', upload: 'can_post', pinMessages: 'manage_messages',
} as const;

describe.each(Object.entries(FOLLOWS))('%s', (action, permission) => {
  test.each(['guest', 'member', 'manager', 'owner', 'none'] as const)(`follows ${permission} set to %s`, (lowest) => {
    const chat = { type: 'C', entity_type: '', permissions: JSON.stringify({ [permission]: lowest }) };
    for (const role of Object.values(ROLE)) {
      const allowed = lowest !== 'none' && role >= ROLE[lowest];
      expect(hindrance(action as ChatAction, chat, role)).toBe(allowed ? undefined : 'role');
    }
  });

  test('is not let in by a setting where the kind has no such thing', () => {
    const chat = { type: 'P', entity_type: '', permissions: JSON.stringify({ [permission]: 'member' }) };
    expect(hindrance(action as ChatAction, chat, ROLE.owner)).toBe(['post', 'upload', 'pinMessages'].includes(action) ? undefined : 'kind');
  });
});

test('whatever is stored as settings, each is a role that clients know', () => {
  const known = ['none', 'guest', 'member', 'manager', 'owner'];
  const given = fc.oneof(fc.string(), fc.json(), fc.dictionary(fc.constantFrom('can_post', 'manage_ui', '__proto__', 'x'), fc.oneof(fc.constantFrom(...known), fc.jsonValue())).map((map) => JSON.stringify(map)));
  fc.assert(fc.property(given, (permissions) => {
    const shown = permissionsOf({ type: 'C', entity_type: '', permissions });
    expect(Object.keys(shown)).toHaveLength(6);
    for (const role of Object.values(shown)) expect(known).toContain(role);
  }));
});
