/**
 * The tables as the query builder sees them. Flags are 0/1, instants are milliseconds since 1970 UTC, absent numbers
 * are 0 rather than null, so that one declaration serves SQLite and PostgreSQL alike.
 */
import type { Generated } from 'kysely';
import type { Flag } from './flag.ts';
import type { IntakeSourceTable, IntakeTable } from './schema-intake.ts';
import type { BlobTable, PortraitTable } from './schema-blobs.ts';
import type { DiskObjectTable, DiskUsageTable, MessageFileTable } from './schema-files.ts';
import type { EventSubscriberTable, OfflineEventTable, UserEventTable } from './schema-queues.ts';
import type { LinkPreviewTable, MessagePinTable, MessageReactionTable } from './schema-messages.ts';
import type { LastSearchTable, MessageTextTable, NotificationTable, TextIndexTable } from './schema-notices.ts';
import type { GenerationTable, JournalReaderTable, JournalTable, SnapshotView, TickTable, WalkedPageTable, WatchTable } from './schema-sync.ts';
import type {
  AppOptionTable, AppTable, AppVisitTable, DeliveryTable, EventHandlerTable, LoginSessionTable, OauthCodeTable, OauthTokenTable,
  PasswordTable, RehearsalTable, SignInLinkTable,
} from './schema-apps.ts';

export interface PortalTable {
  key: string;
  value: string;
}

export interface UserTable {
  id: Generated<number>;
  active: Flag;
  admin: Flag;
  email: string;
  first_name: string;
  last_name: string;
  work_position: string;
  gender: string;
  /** `DD-MM`, or empty. */
  birthday: string;
  color: string;
  avatar: string;
  extranet: Flag;
  external_auth_id: string;
  website: string;
  time_zone: string;
  /** JSON: work_phone, personal_mobile, personal_phone, inner_phone. */
  phones: string;
  /** JSON list of department ids. */
  departments: string;
  /** JSON map of the profile fields that only `user.*` shows. */
  profile: string;
  last_activity_at: number;
  /** 0 while not absent: written when the time has come. */
  absent_until: number;
  /** What the user has said they do: online, dnd, away or break; empty for nothing. */
  status: Generated<string>;
  /** Since when the user says they are idle; 0 for not. */
  idle_at: Generated<number>;
  created_at: number;
  updated_at: number;
  /** Revision of the last change that others are shown, activity aside. */
  rev: Generated<number>;
  /** Which reading of the row `user_field` and `user_department` hold; 0 for none yet. */
  index_version: Generated<number>;
}

/** What a user is found and sorted by: folded text, no row where there is none. */
export interface UserFieldTable {
  /** A column of `user`, a key of its `phones` or `profile`, or `search`. */
  field: string;
  user_id: number;
  value: string;
}

/** The list in `user.departments`, so that it can be searched. */
export interface UserDepartmentTable {
  user_id: number;
  department_id: number;
}

export interface DepartmentTable {
  id: Generated<number>;
  name: string;
  /** The name folded, to find and sort by. */
  name_key: string;
  sort: number;
  /** 0 for the root. */
  parent_id: number;
  /** User; 0 for nobody. */
  head_id: number;
  created_at: number;
}

export interface WebhookTable {
  id: Generated<number>;
  user_id: number;
  /** SHA-256 of the code, hexadecimal. The code itself is shown once and never stored. */
  code_hash: string;
  /** Comma-separated scope codes. */
  scope: string;
  title: string;
  active: Flag;
  /** Blocked by the administrator until released. */
  held: Flag;
  created_at: number;
  last_used_at: number;
}

export interface ChatTable {
  id: Generated<number>;
  /** P private, C group, O open, L open line, N channel, J open channel, T comments on a post, B collab, X bound to an external entity. */
  type: string;
  title: string;
  description: string;
  owner_id: number;
  /** Palette code such as RED. */
  color: string;
  avatar: string;
  entity_type: string;
  entity_id: string;
  entity_data_1: string;
  entity_data_2: string;
  entity_data_3: string;
  parent_chat_id: number;
  parent_message_id: number;
  /** `low:high` user ids of a private dialog; null for every other chat. */
  pair_key: string | null;
  /** JSON list of the ids of owner and managers. */
  manager_ids: string;
  /** JSON map of the lowest roles that have been set; empty where its kind decides. */
  permissions: Generated<string>;
  extranet: Flag;
  member_count: number;
  message_count: number;
  /** Grows by one with each message that counts as unread. */
  count_seq: number;
  /** Highest count_seq of a deleted message: readers behind it subtract what is gone. */
  gone_seq: number;
  /** Newest message ever posted; unlike last_message_id it never goes back. */
  top_message_id: number;
  last_message_id: number;
  last_message_at: number;
  /** Last change that all members see: message, edit, deletion, rename. */
  bumped_at: number;
  /** What happens in a wide chat never moves into its members' rows. */
  wide: Flag;
  /** The last change that all members see is not yet in their rows. Never with `wide`. */
  warm: Generated<Flag>;
  created_at: number;
  /** Revision of the last change that all members see. */
  rev: Generated<number>;
  /** What the transaction of `rev` had seen of others. */
  rev_seen: Generated<string>;
}

export interface MessageTable {
  id: Generated<number>;
  chat_id: number;
  /** 0 for system messages of group chats. */
  author_id: number;
  /** Whose action it was, also where no author is shown; 0 for nobody's. */
  sender_id: number;
  text: string;
  /** JSON map of ATTACH, KEYBOARD, FILE_ID, CODE and the like; empty when there is none. */
  params: string;
  created_at: number;
  /** The chat's count_seq once this message was in. */
  count_seq: number;
  counts: Flag;
  system: Flag;
  /** Another member has read up to this message by its id. */
  seen: Flag;
  deleted: Flag;
  uuid: string | null;
}

export interface GoneMessageTable {
  chat_id: number;
  message_id: number;
  author_id: number;
  count_seq: number;
  counts: Flag;
}

export interface MemberTable {
  user_id: number;
  chat_id: number;
  /** The other user of a private dialog (oneself in the dialog with oneself), 0 elsewhere. */
  peer_id: number;
  /** The chat's type letter, which never changes: filters need no look at the chat. */
  type: string;
  /** 1 member, 2 manager, 3 owner. */
  role: number;
  muted: Flag;
  pinned: Flag;
  /** The mark set by hand; independent of the counter. */
  unread: Flag;
  /** Newest message read. */
  last_id: number;
  read_count_seq: number;
  /** Own messages up to this count_seq may lie after the read cursor (im.dialog.unread moved it back). */
  own_seq: number;
  viewed_id: number;
  /** First message this member may see (joined with hidden history), 0 for all. */
  start_id: number;
  /** Hidden from the list until the chat has a newer message than this. */
  hidden_to: number;
  /** Activity instant that orders the list, as of the last folding; 0 while hidden, left, never written to, or wide. */
  sort_at: number;
  updated_at: number;
  /** Hint, never a number: 0 proves that nothing was unread and no mark set at the last folding, or since one's own last change. */
  has_unread: Flag;
  wide: Flag;
  joined_at: number;
  /** 0 while a member; a tombstone otherwise. */
  left_at: number;
  /** Revision of the row's last change. */
  rev: Generated<number>;
}

export interface ReminderTable {
  id: Generated<number>;
  user_id: number;
  chat_id: number;
  message_id: number;
  remind_at: number;
  done_at: number;
  /** It has come due, and the row shows it: written when its time comes. */
  due: Flag;
}

export interface SequenceTable {
  name: string;
  value: number;
}

/** One row: what no stamp and no date that was told has passed, milliseconds. */
export interface ClockMarkTable {
  name: string;
  value: number;
}

export interface Schema {
  portal: PortalTable;
  user: UserTable;
  user_field: UserFieldTable;
  user_department: UserDepartmentTable;
  department: DepartmentTable;
  webhook: WebhookTable;
  chat: ChatTable;
  message: MessageTable;
  gone_message: GoneMessageTable;
  blob: BlobTable;
  portrait: PortraitTable;
  message_reaction: MessageReactionTable;
  message_pin: MessagePinTable;
  link_preview: LinkPreviewTable;
  disk_object: DiskObjectTable;
  message_file: MessageFileTable;
  disk_usage: DiskUsageTable;
  notification: NotificationTable;
  last_search: LastSearchTable;
  member: MemberTable;
  reminder: ReminderTable;
  sequence: SequenceTable;
  clock_mark: ClockMarkTable;
  message_text: MessageTextTable;
  text_index: TextIndexTable;
  journal: JournalTable;
  journal_reader: JournalReaderTable;
  generation: GenerationTable;
  tick: TickTable;
  snapshot: SnapshotView;
  walked_page: WalkedPageTable;
  watch: WatchTable;
  app: AppTable;
  oauth_code: OauthCodeTable;
  oauth_token: OauthTokenTable;
  password: PasswordTable;
  sign_in_link: SignInLinkTable;
  login_session: LoginSessionTable;
  app_option: AppOptionTable;
  app_visit: AppVisitTable;
  event_handler: EventHandlerTable;
  delivery: DeliveryTable;
  event_subscriber: EventSubscriberTable;
  user_event: UserEventTable;
  offline_event: OfflineEventTable;
  rehearsal: RehearsalTable;
  intake_source: IntakeSourceTable;
  intake: IntakeTable;
}
