/** `GET /avatars/<id>.webp`: a picture of a person or a chat, for whoever knows its address. */
import type { FastifyInstance } from 'fastify';
import { pipeline } from 'node:stream/promises';
import { readPortrait } from '../messenger/files/portraits.ts';
import { USUAL_SIDE } from '../messenger/portrait-links.ts';
import type { Transfers } from './gate.ts';

/** An address is that of one picture for ever. */
const HEAD = {
  'content-type': 'image/webp',
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
};
const NAME = /^([\w-]{32})\.webp$/;
const NONE = { error: 'NOT_FOUND', error_description: 'There is nothing at this address' };

export function addPortraits(app: FastifyInstance, { messenger, blobs }: Transfers): void {
  app.route<{ Params: { name: string } }>({
    method: ['GET', 'HEAD'], url: '/avatars/:name', exposeHeadRoute: false,
    async handler(request, reply) {
      const [, id] = NAME.exec(request.params.name) ?? [];
      const side = /[?&]size=(\d{1,4})(?:&|$)/.exec(request.raw.url ?? '')?.[1];
      const found = id === undefined ? undefined : await readPortrait(messenger, blobs, id, Number(side ?? USUAL_SIDE));
      if (!found) return reply.code(404).send(NONE);
      const { raw } = reply.hijack();
      raw.writeHead(200, { ...HEAD, 'content-length': found.size });
      await pipeline(request.raw.method === 'HEAD' ? [] : found.content, raw).catch(() => raw.destroy());
    },
  });
}
