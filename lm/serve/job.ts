import type { CheckedOptions } from '../generation/options.ts';
import type { ResponseSplitter } from '../generation/response.ts';

/** An answer that is to be computed. */
export interface AnswerRequest {
  readonly tokens: readonly number[];
  readonly splitter?: ResponseSplitter | undefined;
  readonly options: CheckedOptions;
  /** Who asks; each gets a slot in turn. */
  readonly client: string;
  /** Ends the wait, or the answer within one token. */
  readonly signal: AbortSignal;
  /** Called once, when its turn came. */
  readonly onStart?: ((waitedMs: number) => void) | undefined;
}

/** An answer on its way through a scheduler. */
export interface Job {
  readonly request: AnswerRequest;
  readonly draws: Draws;
  readonly controller: AbortController;
  readonly arrived: number;
  readonly started: Promise<void>;
  /** What the signal of the request calls. */
  leave: () => void;
  start(): void;
  refuse(reason: unknown): void;
  state: 'waiting' | 'started' | 'computing' | 'over';
}

/** Whether an answer needs random numbers, and whether they have to be the same ones each time. */
export type Draws = 'none' | 'any' | 'seeded';

function drawsOf({ temperature, seed }: CheckedOptions): Draws {
  // A seed is set for the whole process, even where nothing is drawn.
  if (seed !== undefined) return 'seeded';
  return temperature === undefined || temperature === 0 ? 'none' : 'any';
}

export function makeJob(request: AnswerRequest): Job {
  let start = (): void => undefined;
  let refuse = (_reason: unknown): void => undefined;
  const started = new Promise<void>((resolve, reject) => {
    start = resolve;
    refuse = reject;
  });
  // Its reader may have gone before it was refused.
  started.catch(() => undefined);
  return {
    request,
    draws: drawsOf(request.options),
    controller: new AbortController(),
    arrived: performance.now(),
    started,
    leave: () => undefined,
    start,
    refuse,
    state: 'waiting',
  };
}
