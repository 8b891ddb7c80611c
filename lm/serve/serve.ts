import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { requirePackage } from '../../foundation/system/optional-package.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { LanguageModel } from '../language-model.ts';
import { Answers } from './answers.ts';
import type { Liveness } from './app.ts';
import { reworded, toApiError } from './errors.ts';
import type { Service } from './exchange.ts';
import { readServeOptions, type ServeOptions } from './options.ts';
import { SlotScheduler } from './scheduler.ts';
import { ServeTelemetry } from './telemetry.ts';

/** A server that listens. */
export interface Server {
  /** Where it listens, such as `http://127.0.0.1:8080`; the base URL of clients is this with `/v1`. */
  readonly url: string;
  /** The name that requests give the model. */
  readonly model: string;
  /** How many answers are being computed, and how many wait for that. */
  readonly load: { readonly running: number; readonly waiting: number };
  /**
   * Takes no more requests, refuses those that wait, lets running answers come to their end, and cuts those that have
   * not after `graceMs` milliseconds (10 000). The model stays loaded.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** How long clients have to take the last words of an answer that was cut. */
const LAST_WORDS_MS = 500;

/**
 * Answers OpenAI's HTTP interface with a model.
 * @throws ArgumentError for an option that is wrong, and for an address that others reach without a token;
 *   ConfigurationError where the package "fastify" is not installed; what the system says where it cannot listen there
 */
export async function serve(model: LanguageModel, options: ServeOptions = {}): Promise<Server> {
  if (!(model instanceof LanguageModel)) {
    throw new ArgumentError(`expected a model that "lm.load" gave, received ${describeValue(model)}`, {
      operation: 'lm.serve',
    });
  }
  const checked = readServeOptions(options);
  requirePackage('fastify', '5', 'mlx-router/lm/serve');
  const { makeApp } = await import('./app.ts');
  const id = checked.name ?? basename(model.path);
  const { vocab_size: rows } = model.config;
  const answers = new Answers(model, checked);
  const scheduler = new SlotScheduler((request, signal) => answers.compute(request, signal), checked);
  const service: Service = {
    model,
    id,
    created: Math.floor(Date.now() / 1000),
    vocabularySize: typeof rows === 'number' ? rows : model.tokenizer.vocabularySize,
    scheduler,
    telemetry: new ServeTelemetry(id),
    options: checked,
    refusal(error) {
      const refusal = toApiError(error);
      if (refusal.status >= 500 && refusal !== error) checked.onError(error);
      // Where the model lies is nothing that clients need to know.
      return refusal.message.includes(model.path)
        ? reworded(refusal, refusal.message.replaceAll(model.path, id))
        : refusal;
    },
  };
  const liveness: Liveness = { isClosing: false, open: new Set() };
  const app = makeApp(service, liveness);
  const url = await app.listen({ host: checked.host, port: checked.port });

  /** Until no response is open, or the time is over. */
  const settled = async (milliseconds: number): Promise<void> => {
    for (const end = Date.now() + milliseconds; liveness.open.size > 0 && Date.now() < end; ) await sleep(5);
  };
  const close = async (graceMs: number): Promise<void> => {
    liveness.isClosing = true;
    const closed = app.close();
    const answered = scheduler.close(graceMs);
    await settled(graceMs);
    await settled(LAST_WORDS_MS);
    // What is still open now is not read. Its answer ends with its connection.
    app.server.closeAllConnections();
    await Promise.all([closed, answered]);
    await answers.close();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    model: id,
    get load() {
      return { running: scheduler.running, waiting: scheduler.waiting };
    },
    close({ graceMs = 10_000 } = {}) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}
