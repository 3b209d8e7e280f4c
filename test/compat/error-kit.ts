/** What the error cases are made of. */
import { NOBODY, type Scene } from './scene.ts';

export type Params = Record<string, unknown>;
type Who = 'admin' | 'anna' | 'boris' | 'clara' | 'guest' | 'annasApp' | 'adminsApp';

export interface ErrorCase {
  status: number;
  code: string;
  text: string;
  /** Who calls; Anna unless said otherwise. */
  as?: Who;
  /** Parameters of calls that must all end this way. */
  given: (scene: Scene) => Params[];
  /** What must happen before. */
  before?: (scene: Scene) => Promise<unknown>;
}

/** An error that no call leads to, and why it is declared all the same. */
export interface Unreachable {
  unreachable: string;
}

/** By method, then by the error's name in the declaration. */
export type ErrorCases = Readonly<Record<string, Readonly<Record<string, ErrorCase | Unreachable>>>>;

export const NO_DIALOGS = [undefined, null, '', ' ', '0', 0, -5, 'chat', 'chat0', 'chat-1', 'chat1x', 'x1', 1.5, true, [], {}, [1], { 0: 1 }];
export const NO_IDS = [undefined, null, '', ' ', 0, '0', -1, '-1', 1.5, '1.5', 'chat1', 'x', true, [], {}, [1]];

/** Each of the values as the parameter, beside what the call needs otherwise. */
export function each(name: string, values: readonly unknown[], rest: Params = {}): Params[] {
  return values.map((value) => ({ ...rest, [name]: value }));
}

/** Without the values that stand for a parameter left out. */
export const given = <T>(values: readonly T[]) => values.filter((value) => value !== undefined && value !== null);

export const dialogIdEmpty = (rest: (scene: Scene) => Params = () => ({})): ErrorCase => ({
  status: 400,
  code: 'DIALOG_ID_EMPTY',
  text: "Dialog ID can't be empty",
  given: (scene) => each('DIALOG_ID', NO_DIALOGS, rest(scene)),
});

export const chatIdEmpty = (rest: (scene: Scene) => Params = () => ({})): ErrorCase => ({
  status: 400,
  code: 'CHAT_ID_EMPTY',
  text: "Chat ID can't be empty",
  given: (scene) => each('CHAT_ID', NO_IDS, rest(scene)),
});

export const noDialogAccess: ErrorCase = {
  status: 403,
  code: 'ACCESS_ERROR',
  text: 'You do not have access to the specified dialog',
  given: ({ claras }) => each('DIALOG_ID', [`chat${claras}`, `chat${NOBODY}`, NOBODY, `sg${NOBODY}`]),
};

export const unavailable = (params: (scene: Scene) => Params[]): ErrorCase => ({
  status: 403, code: 'ACCESS_ERROR', text: 'Action unavailable', given: params,
});

export const messageIdError = (params: (scene: Scene) => Params = () => ({})): ErrorCase => ({
  status: 400,
  code: 'MESSAGE_ID_ERROR',
  text: "Message ID can't be empty",
  given: (scene) => each('MESSAGE_ID', [...NO_IDS, NOBODY, scene.messages.claras], params(scene)),
});

export const cantEdit = (as: Who, params: (scene: Scene) => Params[]): ErrorCase => ({
  status: 403,
  code: 'CANT_EDIT_MESSAGE',
  text: "Time has expired for modification or you don't have access",
  as,
  given: params,
});

export const entityNotAllowed: ErrorCase = {
  status: 403,
  code: 'ACCESS_ERROR',
  text: 'Only an administrator may create the chat of this entity',
  given: () => each('ENTITY_TYPE', ['SONET_GROUP', 'sonet_group', 'CALL', 'CALL_', 'GENERAL', 'SUPPORT24_QUESTION', 'NETWORK_DIALOG'], { ENTITY_ID: '17' }),
};

export const lastAdministrator: ErrorCase = {
  status: 400,
  code: 'LAST_ADMINISTRATOR',
  text: 'The last active administrator can not be dismissed',
  as: 'admin',
  given: ({ admin }) => each('ACTIVE', ['N', 0, false], { ID: admin.userId }),
};

/** What is wrong with the workgroups that somebody new is to be in. */
export const grouped = (code: string, text: string, values: readonly unknown[]): ErrorCase => ({
  status: 400, code, text, as: 'admin', given: () => each('SONET_GROUP_ID', values, { EMAIL: 'grouped@example.org' }),
});
