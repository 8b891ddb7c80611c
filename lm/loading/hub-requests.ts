import { setTimeout as sleep } from 'node:timers/promises';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { HubSettings } from './hub-settings.ts';

export const OPERATION = 'resolveModel';

/** What is asked of the Hub, and for whom. */
export interface HubRequest extends HubSettings {
  readonly repository: string;
  readonly revision: string;
  readonly signal: AbortSignal | undefined;
}

/** The Hub did not answer, or could not: what was downloaded before may serve. */
export class HubUnreachable extends Error {}

/** So often is a request made again that failed on the way, each time after twice as long. */
export const RETRIES = 4;
/** Fewer, because what was downloaded before may serve. */
const LISTING_RETRIES = 2;
const FIRST_WAIT_MS = 250;
/** A connection that is silent for so long has broken. */
export const SILENCE_MS = 60_000;

export async function waitBefore(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(FIRST_WAIT_MS * 2 ** attempt, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** The answer of the Hub to one request. @throws FileError where it refuses, HubUnreachable where there is none */
export async function ask(request: HubRequest, path: string, headers: object, silence: AbortSignal): Promise<Response> {
  const { endpoint, token, signal } = request;
  let response: Response;
  try {
    response = await fetch(`${endpoint}/${path}`, {
      headers: { 'user-agent': 'mlx-router', ...(token && { authorization: `Bearer ${token}` }), ...headers },
      signal: signal === undefined ? silence : AbortSignal.any([signal, silence]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new HubUnreachable(`${endpoint} does not answer: ${causeOf(error)}`, { cause: error });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 429 || response.status >= 500) {
    throw new HubUnreachable(`${endpoint} answers with the status ${response.status}`);
  }
  if (response.status === 416) return response;
  throw refusal(request, response);
}

/** A JSON answer. */
export async function askJson(request: HubRequest, path: string): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await ask(request, path, {}, AbortSignal.timeout(SILENCE_MS));
      return await response.json();
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof SyntaxError) {
        throw new FileError(`${request.endpoint} does not answer as the Hugging Face Hub does. Check HF_ENDPOINT`, {
          operation: OPERATION,
          cause: error,
        });
      }
      if (error instanceof FileError || attempt >= LISTING_RETRIES) throw error;
      await waitBefore(attempt, request.signal);
    }
  }
}

function refusal({ endpoint, repository, revision, token }: HubRequest, response: Response): FileError {
  const code = response.headers.get('x-error-code');
  const page = `${endpoint}/${repository}`;
  const withToken = token === undefined ? 'Set HF_TOKEN to a token' : 'Check that the token is valid and is';
  const text =
    response.status === 404 && code === 'RevisionNotFound'
      ? `${page} has no revision ${JSON.stringify(revision)}: name a branch, a tag or a commit of it`
      : response.status === 404 && code === 'EntryNotFound'
        ? `${page} lacks a file that it lists at ${JSON.stringify(revision)}`
        : response.status === 403 || code === 'GatedRepo'
          ? `access to ${page} is refused: accept its conditions on that page. ${withToken} of an account that may read it`
          : response.status === 401 || response.status === 404
            ? `there is no model ${page}, or it is private. Check its name. ${withToken} of an account that may read it`
            : `${page} answers with the status ${response.status}`;
  return new FileError(text, { operation: OPERATION });
}

/** What fetch says is only that it failed; why stands in its cause. */
function causeOf(error: unknown): string {
  const cause = (error as { cause?: unknown } | null)?.cause;
  return messageOf(cause ?? error) || String((cause as { code?: unknown })?.code ?? 'the connection failed');
}
