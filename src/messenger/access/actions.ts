/** Who may do what to a chat: one table of what each action asks of the kind of chat and of the role. */
import { allows, type Governed, type NeededRole, type Permissions, permissionsOf, type Restrictions, restrictionsOf } from './rights.ts';

interface Needs {
  /** What the kind of chat must allow; without it every kind does. Some types of chats allow no more than {@link ONLY} says. */
  kind?: keyof Restrictions;
  /** What must not be set higher than the role, or a role that no setting changes. */
  role: keyof Permissions | { fixed: NeededRole };
}

const NEEDS = {
  addMembers: { kind: 'extend', role: 'manage_users_add' },
  removeMembers: { kind: 'leave', role: 'manage_users_delete' },
  rename: { kind: 'rename', role: 'manage_ui' },
  // The picture as well: the colour stands for it where there is none.
  recolour: { kind: 'avatar', role: 'manage_ui' },
  // Where the owner may not leave, nobody else becomes the owner.
  passOn: { kind: 'leave_owner', role: { fixed: 'owner' } },
  appoint: { role: { fixed: 'owner' } },
  setPermissions: { role: 'manage_settings' },
  post: { kind: 'send', role: 'can_post' },
  // Whoever may say nothing does not fill the chat's folder either.
  upload: { kind: 'send', role: 'can_post' },
  // Those of others, as the messages that show them.
  deleteFiles: { role: { fixed: 'manager' } },
  leave: { kind: 'leave', role: { fixed: 'member' } },
  // Whoever owns it.
  leaveOwn: { kind: 'leave_owner', role: { fixed: 'owner' } },
  mute: { kind: 'mute', role: { fixed: 'member' } },
  // Who is in a private dialog is clear.
  listMembers: { kind: 'user_list', role: { fixed: 'guest' } },
  // Those of others.
  deleteMessages: { role: { fixed: 'manager' } },
  pinMessages: { role: 'manage_messages' },
} as const satisfies Record<string, Needs>;

export type ChatAction = keyof typeof NEEDS;

/** All that there is to do in private dialogs, threads of comments, and chats of collabs, whose people the collab decides about. */
const ONLY: Readonly<Record<string, ReadonlySet<ChatAction>>> = {
  P: new Set(['post', 'upload', 'pinMessages']),
  T: new Set(['post', 'upload', 'deleteFiles', 'deleteMessages', 'pinMessages', 'mute', 'listMembers']),
  B: new Set(['post', 'upload', 'deleteFiles', 'deleteMessages', 'pinMessages', 'mute', 'listMembers']),
};

/** Why not: the kind of chat has no such thing, or the role is too low. */
export type Hindrance = 'kind' | 'role';

/** What keeps somebody of this role from an action; undefined for nothing. */
export function hindrance(action: ChatAction, chat: Governed, role: number): Hindrance | undefined {
  const needs: Needs = NEEDS[action];
  if (Object.hasOwn(ONLY, chat.type) && !ONLY[chat.type]!.has(action)) return 'kind';
  if (needs.kind && !restrictionsOf(chat)[needs.kind]) return 'kind';
  const needed = typeof needs.role === 'string' ? permissionsOf(chat)[needs.role] : needs.role.fixed;
  return allows(needed, role) ? undefined : 'role';
}
