import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { makeGuard } from './authorization.ts';
import { chatCompletion } from './endpoints/chat.ts';
import { completion } from './endpoints/completions.ts';
import { embeddings } from './endpoints/embeddings.ts';
import { checkModel, modelOf } from './endpoints/models.ts';
import { response } from './endpoints/responses.ts';
import { ApiError, shuttingDown } from './errors.ts';
import { Exchange, type Service } from './exchange.ts';
import { Fields } from './requests/fields.ts';

type Endpoint = (exchange: Exchange, body: Fields) => Promise<object | undefined>;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/v1/chat/completions': chatCompletion,
  '/v1/completions': completion,
  '/v1/responses': response,
  '/v1/embeddings': embeddings,
};

/** How long a request may take to come in, so that slow ones do not hold connections for ever. */
const REQUEST_TIMEOUT_MS = 60_000;

/** What a server knows of itself beside the service. */
export interface Liveness {
  isClosing: boolean;
  /** Responses that are not at their end. */
  readonly open: Set<FastifyReply['raw']>;
}

/** The HTTP interface, not yet listening. */
export function makeApp(service: Service, liveness: Liveness): FastifyInstance {
  const { options, scheduler, telemetry } = service;
  const app = fastify({
    bodyLimit: options.maxBody,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply as FastifyReply),
  });

  function refuse(error: unknown, _request: unknown, reply: FastifyReply): void {
    // Whoever went away is not waiting for words.
    if (reply.raw.destroyed) return;
    const refusal = service.refusal(error);
    // Not all errors come after the hook that sets it.
    reply.header('x-request-id', reply.request.id);
    void reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler(refuse);
  app.setNotFoundHandler((request, reply) => {
    const error = new ApiError(404, `there is no ${request.method} ${request.url.slice(0, 200)}`, {
      code: 'unknown_url',
    });
    refuse(error, request, reply);
  });

  const guard = makeGuard(options.token);
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = reply;
    liveness.open.add(raw);
    raw.once('close', () => {
      liveness.open.delete(raw);
      telemetry.requested(request.routeOptions.url ?? 'unknown', raw.writableFinished ? raw.statusCode : 'gone');
    });
    reply.header('x-request-id', request.id);
    if (request.routeOptions.url === '/health') return;
    if (liveness.isClosing) throw shuttingDown();
    guard(request.headers);
  });

  app.get('/health', async (_request, reply) => {
    if (liveness.isClosing) reply.code(503);
    const { running, waiting } = scheduler;
    return { status: liveness.isClosing ? 'closing' : 'ok', model: service.id, running, waiting };
  });
  app.get('/v1/models', async () => ({ object: 'list', data: [modelOf(service)] }));
  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    checkModel(service, request.params['*']);
    return modelOf(service);
  });
  for (const [path, endpoint] of Object.entries(ENDPOINTS)) {
    app.post(path, async (request: FastifyRequest, reply) => {
      const body = new Fields(request.body);
      checkModel(service, body.string('model'));
      const answer = await endpoint(new Exchange(service, request, reply), body);
      return answer ?? reply;
    });
  }
  return app;
}
