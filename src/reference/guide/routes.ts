/** The guide over HTTP. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Reader } from '../layout.ts';
import { GUIDE_PATH } from './contents.ts';
import type { Guide } from './guide.ts';
import { renderGuide, renderGuidePage, renderNoPage } from './guide-page.ts';

/** How long a browser keeps a picture, seconds. */
const PICTURE_AGE = 3600;

export interface GuideRoutes {
  readerOf(request: FastifyRequest): Promise<Reader>;
  send(reply: FastifyReply, status: number, page: string): FastifyReply;
}

export function addGuide(app: FastifyInstance, guide: Guide, { readerOf, send }: GuideRoutes): void {
  const index = async (request: FastifyRequest, reply: FastifyReply) => send(reply, 200, renderGuide(await guide.pages(), await readerOf(request)));
  app.get(GUIDE_PATH.slice(0, -1), index);
  app.get(GUIDE_PATH, index);
  app.get<{ Params: { page: string } }>(`${GUIDE_PATH}:page`, async (request, reply) => {
    const [pages, reader] = [await guide.pages(), await readerOf(request)];
    const page = pages.find(({ name }) => name === request.params.page);
    return page ? send(reply, 200, renderGuidePage(pages, page, reader)) : send(reply, 404, renderNoPage(pages, reader));
  });
  app.get<{ Params: { name: string } }>(`${GUIDE_PATH}pictures/:name`, async (request, reply) => {
    const picture = await guide.picture(request.params.name);
    if (!picture) return send(reply, 404, renderNoPage(await guide.pages(), await readerOf(request)));
    return reply.type('image/png').headers({ 'x-content-type-options': 'nosniff', 'cache-control': `max-age=${PICTURE_AGE}` }).send(picture);
  });
}
