/** The addresses of files: see messenger/file-links.ts. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failureResponse } from '../rest/envelope.ts';
import { answerRequest, type CallListener, send } from '../rest/http.ts';
import { addressesOf, takeBodiesAsTheyCome } from '../rest/long-bodies.ts';
import { endsEarly } from '../rest/net/long-requests.ts';
import type { DispatchOptions } from '../rest/pipeline.ts';
import { sendDownload } from './downloads.ts';
import { tokenIn, type Transfers } from './gate.ts';
import { takeUpload } from './uploads.ts';

/** Whatever comes without a token is a call like others, and fails. */
export function addTransfers<C>(app: FastifyInstance, transfers: Transfers, options: DispatchOptions<C>, onAnswer: CallListener): void {
  const answered = (method: string, status: number, start: number) =>
    onAnswer({ response: { status, body: [] }, method, userId: 0 }, performance.now() - start);
  const withToken = (method: string, work: (token: string, request: FastifyRequest, reply: FastifyReply) => Promise<void>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const token = tokenIn(request);
      if (token === undefined) return answerRequest(options, request, reply, onAnswer);
      const start = performance.now();
      try {
        await work(token, request, reply);
      } catch (thrown) {
        fail(thrown, request, reply, options, method);
      }
      answered(method, reply.raw.statusCode, start);
    };
  const download = withToken('download', (token, request, reply) => sendDownload(transfers, token, request, reply));
  const upload = withToken('upload', async (token, request, reply) => send(reply, await takeUpload(transfers, token, request)));
  for (const url of addressesOf('download')) app.route({ method: ['GET', 'HEAD'], url, exposeHeadRoute: false, handler: download });
  void app.register(async (scope) => {
    takeBodiesAsTheyCome(scope);
    for (const url of addressesOf('upload')) scope.post(url, upload);
  });
}

/** Of a request that broke off nobody is left to be told. */
function fail<C>(thrown: unknown, request: FastifyRequest, reply: FastifyReply, options: DispatchOptions<C>, method: string): void {
  const response = failureResponse(thrown);
  endsEarly(request.raw, reply.raw);
  if (response && !reply.raw.headersSent) return send(reply, response);
  if (!request.raw.complete || request.raw.destroyed) return void reply.hijack().raw.destroy();
  options.onFault(method, thrown);
  throw thrown;
}
