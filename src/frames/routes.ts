/** `/marketplace/`: applications inside the portal; and `/api/v1/`, the library for their pages. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '../base/rate-limit.ts';
import { findActiveAppById, mayOpen, mayUse, openableApps, placeOf } from '../identity/applications.ts';
import { Logins } from '../identity/logins.ts';
import { viewerOf } from '../messenger/access/viewer.ts';
import type { Messenger } from '../messenger/messenger.ts';
import { findPeople } from '../messenger/people/user-find.ts';
import { formToken, isFormToken } from '../oauth/browser.ts';
import { PageError } from '../oauth/pages.ts';
import { pageHandler } from '../oauth/provider.ts';
import { readForm, type TextParams } from '../oauth/request.ts';
import { type Answer, askToSignIn, visitorOf } from '../oauth/sign-in.ts';
import { toPolicy } from '../portal/policy.ts';
import { originOf } from '../rest/incoming.ts';
import { backTo, isOnPortal, listPage, sendHost } from './host-page.ts';
import { finishSetUp, frameTokens, noteVisit, type Opened, openFrame, storeOption } from './opening.ts';

/** Largest form, bytes: one option. */
const bodyLimit = 512 * 1024;
/** Steps of one user: opening an application writes. */
const PACE = { threshold: 60, drainPerSecond: 1 };
const MOST_PEOPLE = 20;

type Applied = FastifyRequest<{ Params: { id: string; step: string } }>;

/** What the pages work with. */
interface Frames {
  m: Messenger;
  logins: Logins;
  pace: Limits;
}

/** @param limits gives the buckets of a purpose */
export function addFrames(app: FastifyInstance, m: Messenger, limits: (kind: string) => Limits): void {
  const frames = { m, logins: new Logins(m, limits('passwords')), pace: limits('frames') };
  for (const url of ['/marketplace', '/marketplace/']) {
    app.get(url, { exposeHeadRoute: false }, pageHandler(m, (request, reply) => showList(frames, request, reply)));
  }
  for (const url of ['/marketplace/app/:id', '/marketplace/app/:id/']) {
    app.get(url, { exposeHeadRoute: false }, pageHandler(m, (request, reply) => showHost(frames, request as Applied, reply)));
  }
  app.post('/marketplace/app/:id/:step', { bodyLimit }, (request, reply) => takeStep(frames, request as Applied, reply));
  addAssets(app);
}

async function showList({ m, logins }: Frames, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  const visitor = await visitorOf(logins, request);
  return visitor ? listPage(await openableApps(m, visitor.user)) : askToSignIn(request, reply, '/marketplace/');
}

async function showHost({ m, logins }: Frames, request: Applied, reply: FastifyReply): Promise<Answer> {
  const visitor = await visitorOf(logins, request);
  if (!visitor) return askToSignIn(request, reply, backTo(request));
  const { app } = await requireOpenable(m, visitor.user, request);
  const { name } = await m.settings();
  sendHost(reply, { portal: name, app, token: formToken(visitor.session, 'frame', app.client_id) });
  return undefined;
}

const UNKNOWN = ['Unknown application', 'There is no such application on this portal, or it has no page.'] as const;

/** @throws PageError where the user may not open the application now */
async function requireOpenable(m: Messenger, user: Opened['user'], request: Applied): Promise<Opened> {
  const { id } = request.params;
  const app = /^[1-9]\d{0,14}$/.test(id) ? await findActiveAppById(m, Number(id)) : undefined;
  if (!app) throw new PageError(404, ...UNKNOWN);
  if (app.held === 1) throw new PageError(503, 'The application is on hold', 'The administrator has blocked it for the time being.');
  if (user.active !== 1) throw new PageError(403, 'You can no longer sign in', 'Your account on this portal has been switched off.');
  if (!mayUse(app, user)) throw new PageError(403, 'No access to this application', `The administrator has not opened ${app.title} to you.`);
  if (!mayOpen(app, user)) throw new PageError(403, 'The application is not set up yet', `An administrator has to open ${app.title} first.`);
  if (placeOf(app) === '') throw new PageError(404, ...UNKNOWN);
  if (isOnPortal(app, [originOf(request), toPolicy((await m.settings()).values).url])) {
    throw new PageError(409, 'The application cannot be shown', 'Its page has the address of the portal itself: there it could do whatever you can. It needs another one.');
  }
  return { app, user };
}

type Step = (frames: Frames, opened: Opened, form: TextParams, request: Applied) => Promise<unknown>;

const STEPS: Readonly<Record<string, Step>> = {
  open: async ({ m }, opened, _form, request) => openFrame(m, opened, toPolicy((await m.settings()).values).url || originOf(request)),
  refresh: ({ m }, opened) => frameTokens(m, opened),
  installed: ({ m }, opened) => finishSetUp(m, opened).then(() => true),
  visited: ({ m }, opened) => noteVisit(m, opened).then(() => true),
  option: ({ m }, opened, form) => keepOption(m, opened, form),
  people: ({ m }, { user }, form) => choosePeople(m, user, form.get('find') ?? ''),
};

async function takeStep(frames: Frames, request: Applied, reply: FastifyReply): Promise<FastifyReply> {
  void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  const step = Object.hasOwn(STEPS, request.params.step) ? STEPS[request.params.step] : undefined;
  try {
    if (!step) throw new PageError(404, 'NOT_FOUND', 'There is nothing at this address');
    const form = await readForm(request);
    return reply.send({ result: await step(frames, await requireOwnPage(frames, request, form), form, request) });
  } catch (thrown) {
    if (!(thrown instanceof PageError)) throw thrown;
    return reply.code(thrown.status).send({ error: thrown.title, error_description: thrown.message });
  }
}

/**
 * Whoever calls sits in front of the page of just this application, signed in as when it was shown.
 *
 * @throws PageError
 */
async function requireOwnPage({ m, logins, pace }: Frames, request: Applied, form: TextParams): Promise<Opened> {
  const visitor = await visitorOf(logins, request);
  if (!visitor) throw new PageError(401, 'SIGNED_OUT', 'You are no longer signed in.');
  const opened = await requireOpenable(m, visitor.user, request);
  const isOurs = isFormToken(form.get('token'), visitor.session, 'frame', opened.app.client_id);
  if (!isOurs) throw new PageError(403, 'FORM_EXPIRED', 'Somebody else has signed in since this page was loaded.');
  const inTime = await pace.take([{ key: `user ${visitor.user.id}`, rate: PACE }], m.clock.precise());
  if (!inTime) throw new PageError(429, 'TOO_OFTEN', 'The application asks for too much at once.');
  return opened;
}

/** One option of the application for everybody, which only an administrator may set, or for the user. */
async function keepOption(m: Messenger, opened: Opened, form: TextParams): Promise<true> {
  const forAll = form.get('whose') === 'app';
  if (forAll && opened.user.admin !== 1) throw new PageError(403, 'ACCESS_DENIED', 'Only an administrator may set options of the application.');
  const outcome = await storeOption(m, opened, forAll ? 0 : opened.user.id, form.get('name') ?? '', jsonOf(form.get('value')));
  if (!outcome.ok) throw new PageError(400, 'ERROR_ARGUMENT', `The option ${outcome.reason}`);
  return true;
}

/** As it is stored: JSON in one spelling. */
function jsonOf(value: string | undefined): string {
  try {
    return JSON.stringify(JSON.parse(value ?? 'null'));
  } catch {
    throw new PageError(400, 'ERROR_ARGUMENT', 'The option has a value that is not JSON');
  }
}

/** People of the portal to choose from. */
async function choosePeople(m: Messenger, user: Opened['user'], find: string) {
  const { rows } = await findPeople(m, viewerOf(user), find, { offset: 0, limit: MOST_PEOPLE });
  const insiders = rows.filter(({ extranet }) => !extranet);
  return insiders.map(({ id, name, work_position, avatar }) => ({ id, name, position: work_position, photo: avatar }));
}

const SCRIPT = 'text/javascript; charset=utf-8';
const ASSETS = { 'frame.css': 'text/css; charset=utf-8', 'frame.js': SCRIPT, 'choose.js': SCRIPT };
const LIBRARY_PATHS = ['/api/v1', '/api/v1/', '/api/v1/bx24.js'];

/** Its parts, each of which uses those before it. */
const LIBRARY = ['parent.js', 'start.js', 'calls.js', 'bx24.js'];

/** One script of the parts, as pages load it without saying that it is a module. */
function libraryOf(parts: readonly string[]): string {
  const text = parts.map((part) => part.replaceAll(/^import .*\n/gm, '').replaceAll(/^export /gm, '')).join('\n');
  return `/** BX24 for the pages of applications in Tidemark: the names and the behaviour that are documented of the library of this name. */\n(() => {\n'use strict';\n${text}})();\n`;
}

function addAssets(app: FastifyInstance): void {
  const read = (name: string) => readFileSync(join(import.meta.dirname, 'assets', name));
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = read(name);
    app.get(`/marketplace/${name}`, async (_request, reply) =>
      reply.type(type).headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' }).send(content),
    );
  }
  const library = libraryOf(LIBRARY.map((name) => String(read(join('bx24', name)))));
  for (const path of LIBRARY_PATHS) {
    app.get(path, async (_request, reply) =>
      reply.type(SCRIPT).headers({
        'x-content-type-options': 'nosniff', 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin',
      }).send(library),
    );
  }
}
