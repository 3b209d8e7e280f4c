/** Starts and stops a server: ports, folder, store, portal, listeners, in this order. */
import fastify, { type FastifyInstance } from 'fastify';
import type { RequestListener } from 'node:http';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CertificateKeeper } from './portal/certificates.ts';
import { type Clock, steadyClock, systemClock } from './base/clock.ts';
import { clockSaid } from './clock-said.ts';
import { type Config, splitList } from './config.ts';
import { connectionLimit, descriptorLimit } from './rest/net/connections.ts';
import { type Context, createContext, type Overrides } from './context.ts';
import { addDocs } from './reference/routes.ts';
import { randomText } from './base/secrets.ts';
import { createLog } from './base/log.ts';
import type { Blobs } from './blobs/blobs.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { addPortraits } from './transfers/portraits.ts';
import { addTransfers } from './transfers/routes.ts';
import { Redis } from './nodes/redis.ts';
import { Listeners } from './rest/net/listeners.ts';
import { continueTimeline } from './db/ordered.ts';
import type { Database } from './db/database.ts';
import { beginGeneration, snapshot } from './db/stores/generation-store.ts';
import { writeSetting } from './db/stores/portal-store.ts';
import { addFrames } from './frames/routes.ts';
import { addOauth } from './oauth/provider.ts';
import { addPush, Upgrades, wantsSocket } from './push/routes.ts';
import { addPull } from './push/vendor/routes.ts';
import { addPages } from './pages/routes.ts';
import { type DataFolder, holdFolder } from './portal/folder.ts';
import { openStore } from './portal/open-portal.ts';
import { Deliverer } from './delivery/handlers/deliverer.ts';
import { portalClock } from './portal/moving-clock.ts';
import { POLICY_KEYS, toPolicy } from './portal/policy.ts';
import { Trimmer } from './portal/trimming.ts';
import { Collector } from './messenger/files/collecting.ts';
import { ensureLinkSecret, ensurePortal, startWebhook } from './first-start.ts';
import { ADMIN_ID } from './portal/portal.ts';
import { packageVersion } from './reference/version.ts';
import { addLongBodies } from './rest/long-bodies.ts';
import { Spools } from './rest/spool/spool.ts';
import { addRestRoutes, answerFrameworkError, BODY_LIMIT, type CallListener, compressPages, withoutHost } from './rest/http.ts';
import { shortWayFirst } from './rest/short-way.ts';
import { oneAtATime } from './rest/net/pipelining.ts';
import { watchPush, watchVitals } from './vitals.ts';

/** What tools read from the ready line. */
export interface Ready {
  ready: true;
  http: string;
  https: string;
  /** Path of the certificate that clients must trust. */
  ca: string;
  /** Without a webhook, an empty text, when nobody is to see one. */
  admin: { user_id: number; webhook: string };
  pid: number;
}

export interface RunningServer extends AsyncDisposable {
  ready: Ready;
  context: Context;
}

/**
 * Starts a server and resolves once it answers. When a step fails, what came before is undone.
 *
 * @throws ListenError, FolderError or DatabaseError with a message for the person who started it
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const stack = new AsyncDisposableStack();
  const maxConnections = connectionLimit(config.maxConnections, descriptorLimit());
  const listeners = new Listeners(overrides.patience, maxConnections, overrides.farewell);
  await listeners.open(config.host, config.port, config.tlsPort);
  stack.defer(() => listeners.close());
  try {
    return await startIn(config, overrides, listeners, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function startIn(
  config: Config,
  overrides: Overrides,
  listeners: Listeners,
  stack: AsyncDisposableStack,
): Promise<RunningServer> {
  const origins = listeners.origins(config.host);
  const folder = stack.use(holdFolder(config.data, origins.http));
  const real = steadyClock(overrides.clock ?? systemClock());
  const context = stack.use(await openContext(folder, config, { ...overrides, clock: real }, origins.https));
  const { db, clock } = context;
  await db.write((s) => beginGeneration(s, randomText(12), clock.now()));
  const first = await ensurePortal(db, clock, config.empty ? async () => {} : (joined) => furnish(joined, context.blobs));
  await ensureLinkSecret(db);
  folder.keep();
  await context.join();
  if (config.plan !== '') await db.write((s) => writeSetting(s, POLICY_KEYS.plan, config.plan));
  const keeper = stack.use(new CertificateKeeper({
    folder: folder.certificates, clock: real, log: context.log, names: () => certificateNames(context), onRenewal: (renewed) => listeners.renew(renewed),
  }));
  const certificates = await keeper.start();
  const onAnswer = callListener(context);
  const upgrades = new Upgrades();
  const app = await createApp(context, folder, origins, onAnswer, upgrades);
  watchVitals(context.metrics, {
    db, clock, folder, version: packageVersion(), connections: listeners.connections, certificateEnds: () => keeper.expiresAt(),
  });
  listeners.connections.onFull = () => context.metrics.connectionLimit();
  const shortWay = { plain: config.trustProxy === '', verbatim: listeners.verbatim, isUsual: () => clock.offset === 0 };
  const handle = oneAtATime(shortWayFirst(app.routing as RequestListener, context.dispatch, onAnswer, shortWay));
  listeners.serve(clockSaid(handle, clock), certificates);
  listeners.upgrade({ wants: wantsSocket, take: upgrades.handle(app.routing as RequestListener) });
  const code = config.json || config.printWebhook ? await startWebhook(db, clock, folder.path, first) : undefined;
  stack.use(new Trimmer(db, clock, context.log));
  const collector = stack.use(new Collector(db, context.blobs, clock, context.log));
  context.metrics.gauge('tidemark_files_bytes', 'Bytes of uploaded files that are kept, as last looked at; not a number before', () => collector.kept.bytes);
  context.metrics.gauge('tidemark_files_kept', 'Different contents among them', () => collector.kept.count);
  const deliverer = stack.use(new Deliverer(context.messenger, origins.http, context.log));
  clock.onMove(() => deliverer.wake());
  // Stopping begins here: whatever is being answered still has all that stands above.
  stack.defer(() => listeners.close());
  // Who waits for news is answered first.
  stack.defer(() => context.waits.close());
  // Who is connected for news comes back to another node, or to this one when it is there again.
  stack.defer(() => context.live.close());
  const admin = { user_id: ADMIN_ID, webhook: code === undefined ? '' : `${origins.http}/rest/${ADMIN_ID}/${code}/` };
  const disposal = stack.move();
  return {
    ready: { ready: true, ...origins, ca: certificates.ca, admin, pid: process.pid },
    context,
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** What a first start alone needs is loaded by it alone. */
async function furnish(joined: Database, blobs: Blobs): Promise<void> {
  await (await import('./demo/demo.ts')).furnishDemo(joined, blobs);
}

/** Under which names the portal is reached, as far as it knows. */
async function certificateNames({ config, messenger }: Context): Promise<string[]> {
  const { url } = toPolicy((await messenger.settings()).values);
  return [config.host, ...splitList(config.tlsName), ...(url === '' ? [] : [new URL(url).hostname])];
}

async function openContext(folder: DataFolder, config: Config, overrides: Overrides & { clock: Clock }, secureOrigin: string): Promise<Context> {
  const log = overrides.log ?? createLog(config.logLevel, config.node);
  const store = await openStore(config, folder.database, {
    onFailure: dieOnDiskFailure,
    onFault: (fault) => log.error({ err: fault }, 'the store goes on, but something in it failed'),
  });
  try {
    const db = overrides.store?.(store) ?? store;
    // One process at a time holds an embedded store: its order goes on over restarts. Of others, none goes by another's dates.
    const node = db.engine === 'sqlite' ? '' : `${config.node.slice(0, 40)} ${randomUUID().slice(0, 18)}`;
    const clock = await db.read((s) => portalClock(s, overrides.clock));
    const timeline = await continueTimeline(db, clock, node);
    const opened = await openBlobs({ ...config, data: folder.path });
    const blobs = overrides.blobs?.(opened) ?? opened;
    const redis = config.redisUrl === '' ? undefined : await Redis.load(config.redisUrl, log);
    return createContext(config, db, { ...overrides, log }, { clock, timeline, node, blobs, secureOrigin, redis });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The disk refused to make commits durable: whoever waits for an acknowledgement must not get one. */
function dieOnDiskFailure(error: Error): void {
  process.stderr.write(`tidemark: the disk refused to store data, stopping: ${error.message}\n`);
  process.exit(1);
}

function callListener({ log, metrics, dispatch: { calls } }: Context): CallListener {
  return (answered, milliseconds) => {
    const { response, method, userId } = answered;
    if (answered.trace) calls.answered(answered, milliseconds);
    metrics.call(method, response.status, milliseconds);
    if (log.isLevelEnabled('debug')) log.debug({ method, userId, status: response.status, ms: milliseconds }, 'call');
  };
}

async function createApp(context: Context, folder: DataFolder, origins: { http: string; https: string }, onAnswer: CallListener, upgrades: Upgrades): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreDuplicateSlashes: true, caseSensitive: false, querystringParser: () => ({}) },
    frameworkErrors: answerFrameworkError,
    rewriteUrl: withoutHost,
    trustProxy: trusted(context.config.trustProxy),
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  addRestRoutes(app, context.dispatch, onAnswer);
  addLongBodies(app, context.dispatch, onAnswer, new Spools(join(folder.path, 'spool')));
  addTransfers(app, context, context.dispatch, onAnswer);
  addPortraits(app, context);
  addPush(app, { ...context, counts: watchPush(context.metrics, context.live) }, upgrades);
  addPull(app, { ...context, ...context.pull, failed: (fault) => context.log.error({ err: fault }, 'could not answer a client of push') }, upgrades);
  addOauth(app, context.messenger, (kind) => context.limits(kind));
  addFrames(app, context.messenger, (kind) => context.limits(kind));
  addPages(app, { portal: context.messenger, limits: (kind) => context.limits(kind), token: async () => context.generations.tokenOf(context.db, await context.db.read(snapshot)) });
  const policy = async () => toPolicy((await context.messenger.settings()).values);
  const docs = { dispatch: context.dispatch, onAnswer, origins, enabled: async () => (await policy()).docs, url: async () => (await policy()).url };
  void app.register(async (pages) => {
    compressPages(pages);
    addDocs(pages, docs);
    addServicePages(pages, context);
  });
  app.setNotFoundHandler((_request, reply) => {
    void reply.code(404).send({ error: 'NOT_FOUND', error_description: 'There is nothing at this address' });
  });
  await app.ready();
  return app;
}

/** Methods have schemas of their own: fastify is told of none, and so loads nothing that would compile them. */
function noSchemas(): never {
  throw new Error('a route has a schema');
}

/** Whose X-Forwarded-* headers are believed: nobody's, those of whoever connects, or of certain addresses. */
function trusted(proxies: string): string | false | ((address: string, hop: number) => boolean) {
  if (proxies === '') return false;
  return proxies === 'true' ? (_address, hop) => hop === 0 : proxies;
}

function addServicePages(app: FastifyInstance, context: Context): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await context.db.ping();
      // Whoever has just changed them sees when they are followed.
      await context.messenger.settings();
      return { status: 'ready' };
    } catch {
      return reply.code(503).send({ status: 'the database does not answer' });
    }
  });
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await context.metrics.text()));
}
