import type { Command } from 'commander';
import type { AppRow } from '../db/stores/app-store.ts';
import type { Database } from '../db/database.ts';
import { findUser } from '../db/stores/user-store.ts';
import { MAX_HOPS } from '../base/caller.ts';
import { createMessenger, type Messenger } from '../messenger/messenger.ts';
import { addApplication, type Change, changeApplication, findActiveApp, listApplications, renewSecret, usersOf } from '../identity/applications.ts';
import { checkedDetails, LONGEST_ADDRESS, requireUsers } from '../identity/application-checks.ts';
import { tokenAnswer } from '../identity/token-fields.ts';
import { issueTokens, lifeNow, type TokenPair } from '../identity/tokens.ts';
import { APPLICATION_SCOPES } from '../identity/webhooks.ts';
import { CommandError, onPortal } from '../portal/open-portal.ts';
import { toPolicy } from '../portal/policy.ts';
import { queueInstalled, queueUninstalled } from '../delivery/handlers/outbox.ts';
import { addDeliveriesCommand } from './deliveries.ts';
import { asFlags, configOf, type Flags, print, scopesOf, serverAddress, storeCommand, userIdOf } from './kit.ts';

export function addAppCommands(program: Command): void {
  const app = program.command('app').description('applications that sign users in');
  addDeliveriesCommand(app);
  storeCommand(app, 'add', 'add an application and print its client id and secret, this once')
    .requiredOption('--title <text>', 'what users see when they sign in')
    .option('--scope <codes>', 'scopes, separated by commas', 'im,user')
    .option('--redirect-uri <address>', 'where a sign-in leads back to; without it the code is shown', '')
    .option('--handler <address>', 'where it is told of its installation', '')
    .option('--page <address>', 'its page, which the portal shows in a frame', '')
    .option('--install-page <address>', 'the page that an administrator sees first, until it says that all is set up', '')
    .option('--users <ids>', 'only these users may use it, besides administrators', '')
    .option('--user <id>', 'who installs it', '1')
    .action(add);
  storeCommand(app, 'list', 'show the applications without their secrets').action(list);
  changeCommand(app, 'hold', 'block an application until it is released: calls fail with OVERLOAD_LIMIT', async () => ({ held: true }));
  changeCommand(app, 'release', 'end the block of an application', async () => ({ held: false }));
  changeCommand(app, 'restrict', 'say who may use an application', (db, options) => restriction(db, options))
    .option('--users <ids>', 'these users and administrators')
    .option('--everybody', 'no restriction');
  changeCommand(app, 'page', 'say where the page of an application is', (db, { page = '' }) => asFlags(() => checkedDetails(db, { pageUrl: page })))
    .requiredOption('--page <address>', 'its page; empty for none');
  changeCommand(app, 'remove', 'remove an application: its tokens stop working', async () => ({ removed: true }));
  storeCommand(app, 'secret', 'give an application another secret and print it, this once')
    .requiredOption('--app <client id>', 'the application')
    .action(secret);
  storeCommand(app, 'token', 'print tokens of a user for an application, without a sign-in')
    .requiredOption('--app <client id>', 'the application')
    .requiredOption('--user <id>', 'whose rights they have')
    .action(token);
}

interface AddOptions extends Flags {
  title: string;
  scope: string;
  redirectUri: string;
  handler: string;
  page: string;
  installPage: string;
  users: string;
  user: string;
}

async function add(options: AddOptions): Promise<void> {
  const config = configOf(options);
  const createdBy = userIdOf('--user', options.user);
  const given = {
    title: options.title,
    scopes: scopesOf(options.scope, APPLICATION_SCOPES),
    redirectUri: options.redirectUri,
    handlerUrl: options.handler,
    pageUrl: options.page,
    installUrl: options.installPage,
    userIds: idsOf(options.users),
  };
  const { clientId, clientSecret } = await onPortal(config, async (db, clock) => {
    await asFlags(() => requireUsers(db, 'user', [createdBy]));
    const details = await asFlags(() => checkedDetails(db, given));
    return addApplication(db, clock, { ...details, createdBy }, (s, app) => queueInstalled(s, app, clock.now()));
  });
  const text = `Application added. Its secret is shown this once:\nclient_id      ${clientId}\nclient_secret  ${clientSecret}`;
  print(config, { client_id: clientId, client_secret: clientSecret }, text);
}

function idsOf(text: string): number[] {
  return text.split(',').map((id) => id.trim()).filter((id) => id !== '').map((id) => userIdOf('--users', id));
}

async function list(options: Flags): Promise<void> {
  const config = configOf(options);
  const shown = (await onPortal(config, listApplications)).map(toShown);
  const lines = shown.map((app) => `${app.client_id}\t${app.scope}\t${app.title}${app.held ? '\tON HOLD' : ''}`);
  print(config, shown, lines.join('\n'));
}

function toShown(app: AppRow) {
  const { id, client_id, title, scope, redirect_uri, handler_url, page_url, install_url, application_token, created_by } = app;
  const [held, installed] = [app.held === 1, app.installed === 1];
  return { id, client_id, title, scope, redirect_uri, handler_url, page_url, install_url, application_token, users: usersOf(app), held, installed, created_by };
}

interface ChangeOptions extends Flags {
  app: string;
  users?: string;
  everybody?: boolean;
  page?: string;
}

function changeCommand(
  parent: Command,
  name: string,
  description: string,
  toChange: (db: Database, options: ChangeOptions) => Promise<Change>,
): Command {
  return storeCommand(parent, name, description)
    .requiredOption('--app <client id>', 'the application')
    .action(async (options: ChangeOptions) => {
      const config = configOf(options);
      const changed = await onPortal(config, async (db, clock) =>
        changeApplication(db, clock, options.app, await toChange(db, options), name === 'remove' ? (s, app) => queueUninstalled(s, app, clock.now()) : undefined),
      );
      if (!changed) throw noApplication(options.app);
      print(config, { client_id: options.app }, `Application ${options.app}: ${name}.`);
    });
}

async function restriction(db: Database, { users, everybody }: ChangeOptions): Promise<Change> {
  if ((users === undefined) === !everybody) throw new CommandError('app restrict: give either --users or --everybody');
  const userIds = idsOf(users ?? '');
  if (!everybody && userIds.length === 0) throw new CommandError('--users: names nobody; --everybody ends the restriction');
  return asFlags(() => checkedDetails(db, { userIds }));
}

async function secret(options: Flags & { app: string }): Promise<void> {
  const config = configOf(options);
  const clientSecret = await onPortal(config, (db, clock) => renewSecret(db, clock, options.app));
  if (clientSecret === undefined) throw noApplication(options.app);
  print(config, { client_id: options.app, client_secret: clientSecret }, `Secret of ${options.app}, shown this once; the one before does not work any more:\n${clientSecret}`);
}

async function token(options: Flags & { app: string; user: string }): Promise<void> {
  const config = configOf(options);
  const userId = userIdOf('--user', options.user);
  const answer = await onPortal(config, async (db, clock) => {
    const m = createMessenger(db, clock);
    const pair = await issueFor(m, options.app, userId);
    const { url } = toPolicy((await m.settings()).values);
    const origin = url || serverAddress(config);
    return tokenAnswer(m, pair, origin);
  });
  print(config, answer, JSON.stringify(answer, null, 2));
}

async function issueFor(m: Messenger, clientId: string, userId: number): Promise<TokenPair> {
  const life = await lifeNow(m);
  return m.db.write(async (s) => {
    const app = await findActiveApp(s, clientId);
    if (!app) throw noApplication(clientId);
    if (!(await findUser(s, userId))) throw new CommandError(`--user: there is no user ${userId}`);
    return issueTokens(s, { appId: app.id, userId, scope: app.scope, hops: MAX_HOPS }, life);
  });
}

function noApplication(clientId: string): CommandError {
  return new CommandError(`--app: there is no application "${clientId.slice(0, LONGEST_ADDRESS)}"`);
}
