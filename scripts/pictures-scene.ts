/** What is said in front of the camera: a chat with messages of every kind, and a program that writes with buttons. */
import sharp from 'sharp';
import type { Context } from '../src/context.ts';
import { addWebhook, SCOPES } from '../src/identity/webhooks.ts';

export interface Scene {
  /** Who looks. */
  me: number;
  /** The group that is talked in. */
  chat: string;
  /** Somebody in private. */
  peer: string;
  /** Whoever writes with attachments and buttons. */
  program: string;
}

type Call = <T>(method: string, params?: Record<string, unknown>) => Promise<T>;

const ME = 1;

async function callerFor(context: Context, origin: string, userId: number): Promise<Call> {
  const webhook = await addWebhook(context.db, context.clock, { userId, scopes: SCOPES, title: 'pictures' });
  return async <T>(method: string, params: Record<string, unknown> = {}) => {
    const response = await fetch(`${origin}/rest/${userId}/${webhook!.code}/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
    const body = (await response.json()) as { result: T; error?: string };
    if (body.error !== undefined) throw new Error(`${method}: ${JSON.stringify(body)}`);
    return body.result;
  };
}

interface Person {
  ID: number | string;
  NAME: string;
  LAST_NAME: string;
}

export async function setTheScene(context: Context, origin: string): Promise<Scene> {
  const me = await callerFor(context, origin, ME);
  const people = (await me<Person[]>('user.get', { FILTER: { USER_TYPE: 'employee' } })).filter(({ ID }) => Number(ID) !== ME).slice(0, 4);
  const [anna, boris, clara] = await Promise.all(people.map(({ ID }) => callerFor(context, origin, Number(ID))));
  const ids = people.map(({ ID }) => Number(ID));
  const chatId = await me<number>('im.chat.add', { TITLE: 'Spring launch', USERS: ids, COLOR: 'AZURE', DESCRIPTION: 'Everything about the launch on the first of April' });
  const chat = `chat${chatId}`;
  await talk({ me, anna: anna!, boris: boris!, clara: clara! }, chat, people);
  await inPrivate(me, anna!, String(ids[0]));
  await byProgram(boris!, ME);
  await boris!('im.notify.personal.add', { USER_ID: ME, MESSAGE: 'The [b]release notes[/b] wait for your approval.', BUTTONS: [{ TITLE: 'Approve', VALUE: 'Y' }, { TITLE: 'Send back', VALUE: 'N' }] });
  await clara!('im.notify.system.add', { USER_ID: ME, MESSAGE: 'The nightly backup is done: 2.1 GB in 38 seconds.' });
  await clara!('im.notify.personal.add', { USER_ID: ME, MESSAGE: 'Your holiday in May has been approved. Enjoy!' });
  return { me: ME, chat, peer: String(ids[0]), program: String(ids[1]) };
}

async function talk({ me, anna, boris, clara }: Record<'me' | 'anna' | 'boris' | 'clara', Call>, chat: string, people: readonly Person[]): Promise<void> {
  const say = (who: Call, MESSAGE: string, more: Record<string, unknown> = {}) => who<number>('im.message.add', { DIALOG_ID: chat, MESSAGE, ...more });
  const name = ({ ID, NAME, LAST_NAME }: Person) => `[USER=${ID}]${NAME} ${LAST_NAME}[/USER]`;
  const plan = await say(anna, 'Morning! The landing page is up on staging. Who has half an hour to look at it before we show it to sales?');
  await say(anna, 'What still needs eyes:\n[LIST][*]prices in the table[*]the [b]sign-up form[/b] on phones[*]the German texts[/LIST]');
  await say(me, 'I can take the form. It was slow on my phone yesterday.', { REPLY_ID: plan });
  const picture = await photograph(boris, chat, 'harbour.png');
  await say(boris, 'And this could be the picture at the top. Taken from the office roof this morning.', { FILE_ID: [picture] });
  for (const who of [anna, me, clara]) await who('tidemark.message.react', { MESSAGE_ID: (await lastOf(me, chat)), REACTION: 'redHeart' });
  await anna('tidemark.message.react', { MESSAGE_ID: await lastOf(me, chat), REACTION: 'fire' });
  const decided = await say(clara, `Decided with ${name(people[0]!)}: we go live on [b]1 April at 9:00[/b]. The press release follows an hour later.`);
  await me('tidemark.message.pin', { MESSAGE_ID: decided });
  await say(me, 'Great. I have put the checklist into the wiki: https://wiki.example.org/launch/checklist');
  await say(me, 'For the log, this is how the counters look now:\n[CODE]GET /rest/im.counters.get\n{ "TYPE": { "ALL": 12, "CHAT": 9 } }[/CODE]');
  await say(boris, 'Nice!');
  await anna('im.dialog.read', { DIALOG_ID: chat });
}

const lastOf = async (who: Call, chat: string): Promise<number> => (await who<{ messages: Array<{ id: number }> }>('im.dialog.messages.get', { DIALOG_ID: chat, LIMIT: 1 })).messages[0]!.id;

/** A picture of our own drawing, put among the files of the chat. */
async function photograph(who: Call, chat: string, name: string): Promise<number> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="720"><defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#16456f"/><stop offset=".55" stop-color="#f2a65a"/><stop offset="1" stop-color="#f7d9a8"/></linearGradient></defs>
    <rect width="1200" height="720" fill="url(#sky)"/><circle cx="820" cy="400" r="70" fill="#fff3d1"/><path d="M0 470 220 330 380 440 560 300 800 460 980 360 1200 470V720H0z" fill="#27425e"/>
    <path d="M0 520h1200v200H0z" fill="#14304a"/><path d="M760 520h120l-20 200h-80z" fill="#f2a65a" opacity=".35"/><path d="M250 560h190l-30 46H285zM338 560V420l84 124zM330 560V440l-60 104z" fill="#fdf6e6"/></svg>`;
  const content = (await sharp(Buffer.from(svg)).png().toBuffer()).toString('base64');
  const { ID: folder } = await who<{ ID: number }>('im.disk.folder.get', { DIALOG_ID: chat });
  const { ID: file } = await who<{ ID: number }>('disk.folder.uploadFile', { id: folder, data: { NAME: name }, fileContent: [name, content], generateUniqueName: 'Y' });
  return Number(file);
}

async function inPrivate(me: Call, anna: Call, annaId: string): Promise<void> {
  await me('im.message.add', { DIALOG_ID: annaId, MESSAGE: 'Привет! Посмотрела макеты?' });
  await anna('im.message.add', { DIALOG_ID: ME, MESSAGE: 'Да, очень нравится. Особенно тёмная тема 🌙' });
  await anna('im.message.add', { DIALOG_ID: ME, MESSAGE: '🎉' });
  await me('im.message.add', { DIALOG_ID: annaId, MESSAGE: 'Тогда отдаю в работу. Созвонимся в [b]15:00[/b]?' });
  await anna('im.dialog.read', { DIALOG_ID: ME });
}

/** What applications send: blocks, a table, buttons. */
async function byProgram(boris: Call, to: number): Promise<void> {
  await boris('im.message.add', {
    DIALOG_ID: to,
    MESSAGE: 'Build [b]#2417[/b] of the shop is ready to be released.',
    ATTACH: { COLOR_TOKEN: 'primary', BLOCKS: [
      { GRID: [{ DISPLAY: 'ROW', NAME: 'Branch', VALUE: 'release/4.2' }, { DISPLAY: 'ROW', NAME: 'Tests', VALUE: '1 284 passed' }, { DISPLAY: 'ROW', NAME: 'Duration', VALUE: '6 min 12 s' }] },
      { DELIMITER: { SIZE: 200 } },
      { LINK: { NAME: 'What has changed', DESC: 'Faster checkout, gift cards, and forty small repairs.', LINK: 'https://ci.example.org/2417' } },
    ] },
    KEYBOARD: [{ TEXT: 'Release', ACTION: 'SEND', ACTION_VALUE: 'release 2417', BG_COLOR_TOKEN: 'primary', DISPLAY: 'LINE' }, { TEXT: 'Not now', ACTION: 'SEND', ACTION_VALUE: 'not now', DISPLAY: 'LINE' }, { TYPE: 'NEWLINE' }, { TEXT: 'Open the build', LINK: 'https://ci.example.org/2417', DISPLAY: 'LINE' }],
  });
}
