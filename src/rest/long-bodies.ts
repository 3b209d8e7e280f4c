/** Bodies that are longer than what is read in one piece, of the methods that take such: files in base64. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseAddress } from './address.ts';
import { failureResponse } from './envelope.ts';
import { answerRequest, BODY_LIMIT, type CallListener, send } from './http.ts';
import { type Method, MethodError } from './method.ts';
import { systemErrors } from './system-errors.ts';
import { arrivingBody, endsEarly } from './net/long-requests.ts';
import type { DispatchOptions } from './pipeline.ts';
import { bodyTooLarge } from './request-error.ts';
import { release, sift, type Sifted } from './spool/sifting.ts';
import type { Spools } from './spool/spool.ts';

/** Adds the addresses of these methods. Where a method is named in another way, the usual limit holds. */
export function addLongBodies<C>(app: FastifyInstance, options: DispatchOptions<C>, onAnswer: CallListener, spools: Spools): void {
  void app.register(async (scope) => {
    takeBodiesAsTheyCome(scope);
    for (const method of options.registry.all()) {
      if (method.longBody === undefined) continue;
      const handler = (request: FastifyRequest, reply: FastifyReply) => answerLong(method, options, request, reply, onAnswer, spools);
      for (const start of ['/rest/', '/rest/:user/:code/']) for (const url of addressesOf(method.name, start)) scope.post(url, handler);
    }
  });
}

/** Bodies are not read before a route is chosen, nor limited. */
export function takeBodiesAsTheyCome(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
}

const ENDS = ['', '.json', '.xml', '/', '.json/'];

/** Where a method is called by whoever says who calls in another way than by the address; whatever its case. */
export function addressesOf(method: string, start = '/rest/'): string[] {
  return ENDS.map((end) => `${start}${method}${end}`);
}

async function answerLong<C>(
  method: Method<C>, options: DispatchOptions<C>, request: FastifyRequest, reply: FastifyReply, onAnswer: CallListener, spools: Spools,
): Promise<void> {
  const { raw, headers } = request;
  try {
    const announced = Number(headers['content-length'] ?? Infinity);
    const body = atMost(arrivingBody(raw), method.longBody!, announced);
    if (announced > BODY_LIMIT) await refuseStrangers(options, raw.url ?? '');
    const sifted = announced <= BODY_LIMIT ? await whole(body) : await sift(headers['content-type'], body, spools, BODY_LIMIT);
    try {
      await answerRequest(options, request, reply, onAnswer, sifted);
    } finally {
      await release(sifted.spools);
    }
  } catch (thrown) {
    const response = failureResponse(thrown);
    if (!response && raw.complete) throw thrown;
    // Of a request that broke off nobody is left to be told.
    endsEarly(raw, reply.raw);
    if (response) send(reply, response);
    else reply.hijack().raw.destroy();
  }
}

/** Who is named by the address is looked up before much is taken from them. Others say who they are in what they send. @throws MethodError */
async function refuseStrangers<C>(options: DispatchOptions<C>, url: string): Promise<void> {
  const webhook = parseAddress(url.split('?', 1)[0]!)?.webhook;
  if (!webhook) return;
  const { identity } = await options.enter({ kind: 'webhook', ...webhook }, undefined);
  if (!identity) throw new MethodError(systemErrors.invalidCredentials);
}

/** One that is not long after all. */
async function whole(body: AsyncIterable<Uint8Array>): Promise<Sifted> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return { body: Buffer.concat(pieces), spools: new Map() };
}

/** @param announced what the sender says how much it is; Infinity where not */
async function* atMost(body: AsyncIterable<Uint8Array>, most: number, announced: number): AsyncIterable<Uint8Array> {
  let size = 0;
  if (Number.isFinite(announced) && announced > most) throw bodyTooLarge(most);
  for await (const piece of body) {
    size += piece.length;
    if (size > most) throw bodyTooLarge(most);
    yield piece;
  }
}
