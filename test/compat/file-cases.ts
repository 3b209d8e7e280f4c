/** The errors of the methods about files. See error-cases.ts. */
import { chatIdEmpty, dialogIdEmpty, each, type ErrorCase, type ErrorCases, given, NO_DIALOGS, NO_IDS, noDialogAccess, type Params, type Unreachable } from './error-kit.ts';
import { NOBODY, type Scene } from './scene.ts';

const CONTENT = { name: 'said.txt', content: 'c2FpZA==' };
const LIMITED: Unreachable = { unreachable: 'only on a portal with limits: test/http/file-limits.test.ts leads to it' };

const chatNotFound = (rest: (scene: Scene) => Params): ErrorCase => ({
  status: 400, code: 'CHAT_NOT_FOUND', text: 'CHAT_NOT_FOUND',
  given: (scene) => each('DIALOGID', [...NO_DIALOGS.filter((value) => typeof value !== 'number'), -5], rest(scene)),
});
const accessDenied = (given: (scene: Scene) => Params[]): ErrorCase => ({ status: 403, code: 'ACCESS_DENIED', text: 'Access denied', given });
const notFound = (rest: (scene: Scene) => Params, wrong: (scene: Scene) => unknown[]): ErrorCase => ({
  status: 400, code: 'ERROR_NOT_FOUND', text: 'Could not find entity with the given id', given: (scene) => each('ID', [NOBODY, ...wrong(scene)], rest(scene)),
});
const couldNotSave = (why: string, given: (scene: Scene) => Params[]): ErrorCase => ({ status: 400, code: 'ERROR_COULD_NOT_SAVE_FILE', text: `Could not save file: ${why}`, given });

/** Of a message that is to show a file. */
export const noFile = (rest: (scene: Scene) => Params): ErrorCase => ({
  status: 400, code: 'FILE_NOT_FOUND', text: 'FILE_ID names a file that does not exist or that you may not see',
  given: (scene) => each('FILE_ID', [[NOBODY], [scene.files.claras], [scene.files.annas, NOBODY], [scene.files.folder]], rest(scene)),
});

const BROKEN = ['x', 'c2F pZA==', 'c2FpZA==c2FpZA==', 'data:text/plain;base64,c2FpZA==', 'c2FpZA=', '====', 'ü'];

/** @param target the folder or storage that Anna may use */
function uploadCases(target: (scene: Scene) => number): ErrorCases[string] {
  const file: Params = { DATA: { NAME: 'new.txt' }, FILECONTENT: ['x', 'c2FpZA=='] };
  return {
    ERROR_NOT_FOUND: notFound(() => file, ({ files }) => [files.annas]),
    ACCESS_DENIED: accessDenied(({ files }) => [...each('ID', [files.clarasFolder], file), ...each('ID', [files.clarasFolder])]),
    NAME_MISSING: {
      status: 400, code: 'DISK_BASE_SERVICE_22001', text: 'Error: required parameter NAME (DISK_BASE_SERVICE_22001)',
      given: (scene) => each('FILECONTENT', [['', 'c2FpZA=='], ['..', 'c2FpZA=='], ['a/', 'c2FpZA=='], ['x'.repeat(256), 'c2FpZA=='], 'c2FpZA=='], { ID: target(scene) }),
    },
    NAME_TAKEN: {
      status: 400, code: 'DISK_OBJ_22000', text: 'A file or folder with this name already exists',
      before: (scene) => scene.anna.raw('disk.folder.uploadFile', { ID: target(scene), DATA: { NAME: 'taken.txt' }, FILECONTENT: ['x', 'c2FpZA=='] }),
      given: (scene) => [{ ID: target(scene), DATA: { NAME: 'taken.txt' }, FILECONTENT: ['x', 'c2FpZA=='] }],
    },
    BROKEN: couldNotSave('its content is not base64', (scene) => each('FILECONTENT', BROKEN.map((text) => ['new.txt', text]), { ID: target(scene) })),
    TOO_LARGE: LIMITED,
    NO_ROOM: LIMITED,
  };
}

const objects = (rest: Params = {}): ErrorCases[string] => ({
  ERROR_NOT_FOUND: notFound(() => rest, ({ files }) => [files.annas]),
  ACCESS_DENIED: accessDenied(({ files }) => each('ID', [files.clarasFolder], rest)),
});
const files = (denied: (scene: Scene) => unknown[]): ErrorCases[string] => ({
  ERROR_NOT_FOUND: notFound(() => ({}), ({ files: { folder } }) => [folder]),
  ACCESS_DENIED: accessDenied((scene) => each('ID', denied(scene))),
});
const fileIdEmpty = (rest: (scene: Scene) => Params): ErrorCase => ({
  status: 400, code: 'FILE_ID_EMPTY', text: "File ID can't be empty", given: (scene) => each('FILE_ID', NO_IDS, rest(scene)),
});
const LINK: ErrorCases[string] = { ACCESS_DENIED: { status: 403, code: 'ACCESS_DENIED', text: 'Access denied! Link check failed', given: () => [{}, { id: 1 }] } };

export const fileCases: ErrorCases = {
  'im.v2.File.upload': {
    CHAT_NOT_FOUND: {
      ...chatNotFound(() => ({ FIELDS: CONTENT })),
      given: (scene) => [...chatNotFound(() => ({ FIELDS: CONTENT })).given(scene), ...each('DIALOGID', [`chat${NOBODY}`, String(NOBODY), 'sg17'], { FIELDS: CONTENT })],
    },
    FILE_EMPTY: {
      status: 400, code: 'FILE_EMPTY', text: 'File name and content are required',
      given: ({ chat }) => each('FIELDS', [undefined, null, {}, [], { name: 'a' }, { content: 'YQ==' }, { ...CONTENT, name: '' }, { ...CONTENT, name: '..' }, { ...CONTENT, content: '' }, { ...CONTENT, content: {} }], { DIALOGID: `chat${chat}` }),
    },
    FILE_INVALID_CONTENT: {
      status: 400, code: 'FILE_INVALID_CONTENT', text: 'Invalid base64 content',
      given: ({ chat }) => each('FIELDS', BROKEN.map((content) => ({ ...CONTENT, content })), { DIALOGID: `chat${chat}` }),
    },
    FILE_TOO_LARGE: LIMITED,
    UPLOAD_FAILED: LIMITED,
    ACCESS_DENIED: accessDenied(({ claras }) => [{ DIALOGID: `chat${claras}`, FIELDS: CONTENT }]),
  },
  'im.v2.File.download': {
    CHAT_NOT_FOUND: chatNotFound(({ files: { annas } }) => ({ FILEID: annas })),
    FILE_NOT_FOUND: {
      status: 400, code: 'FILE_NOT_FOUND', text: 'File not found',
      given: ({ chat, files: { claras, folder } }) => each('FILEID', [...NO_IDS, NOBODY, claras, folder], { DIALOGID: `chat${chat}` }),
    },
    ACCESS_DENIED: accessDenied(({ claras, files: f }) => each('DIALOGID', [`chat${claras}`, `chat${NOBODY}`], { FILEID: f.claras })),
  },
  'im.disk.folder.get': {
    CHAT_ID_EMPTY: chatIdEmpty(),
    DIALOG_ID_EMPTY: { ...dialogIdEmpty(), given: () => each('DIALOG_ID', given(NO_DIALOGS)) },
    ACCESS_ERROR: noDialogAccess,
  },
  'im.disk.file.commit': {
    CHAT_ID_EMPTY: chatIdEmpty(({ files: { annas } }) => ({ FILE_ID: [annas] })),
    DIALOG_ID_EMPTY: { ...dialogIdEmpty(), given: ({ files: { annas } }) => each('DIALOG_ID', given(NO_DIALOGS), { FILE_ID: [annas] }) },
    ACCESS_ERROR: { ...noDialogAccess, given: (scene) => noDialogAccess.given(scene).map((params) => ({ ...params, FILE_ID: [scene.files.annas] })) },
    FILES_ERROR: { status: 400, code: 'FILES_ERROR', text: 'List of files is not specified', given: ({ chat }) => [{ CHAT_ID: chat }, { CHAT_ID: chat, MESSAGE: 'x' }] },
    SAVE_ERROR: {
      status: 400, code: 'SAVE_ERROR', text: 'Error during saving file to chat',
      given: ({ chat, files: { annas, claras, folder } }) => [
        ...each('FILE_ID', [null, '', [], {}, 0, -1, 'x', [NOBODY], NOBODY, [claras], [annas, NOBODY], folder], { CHAT_ID: chat }), ...each('UPLOAD_ID', ['', [NOBODY], claras], { CHAT_ID: chat }),
      ],
    },
  },
  'im.disk.file.save': {
    FILE_ID_EMPTY: fileIdEmpty(() => ({})),
    FILE_SAVE_ERROR: {
      status: 400, code: 'FILE_SAVE_ERROR', text: "File ID can't be saved", given: ({ files: { claras, folder } }) => each('FILE_ID', [NOBODY, claras, folder]),
    },
  },
  'im.disk.file.delete': { CHAT_ID_EMPTY: chatIdEmpty(({ files: { annas } }) => ({ FILE_ID: annas })), FILE_ID_EMPTY: fileIdEmpty(({ chat }) => ({ CHAT_ID: chat })) },
  'disk.storage.getList': {},
  'disk.storage.uploadFile': uploadCases(({ files: { storage } }) => storage),
  'disk.folder.uploadFile': uploadCases(({ files: { folder } }) => folder),
  'disk.folder.getChildren': objects(),
  'disk.folder.addSubfolder': {
    ...objects({ DATA: { NAME: 'New' } }),
    DISK_OBJ_22000: {
      status: 400, code: 'DISK_OBJ_22000', text: 'A file or folder with this name already exists', given: ({ files: { folder } }) => [{ ID: folder, DATA: { NAME: 'said.txt' } }],
    },
  },
  'disk.file.get': files(({ files: { claras } }) => [claras]),
  'disk.file.delete': {
    ...files(({ files: { claras } }) => [claras]),
    ACCESS_DENIED: { ...accessDenied(({ files: f }) => each('ID', [f.annas, f.claras])), as: 'boris' },
  },
  'disk.file.getExternalLink': files(({ files: { claras } }) => [claras]),
  download: LINK,
  upload: LINK,
};
