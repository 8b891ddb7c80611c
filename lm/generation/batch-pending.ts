import { core as mx } from '../../mlx/index.ts';

/** What is being computed for the sequences of a batch. */
export interface Pending {
  /** The next token of each, `[B]`. */
  readonly tokens: mx.Array;
  /** `[B, vocabulary]` */
  readonly logprobs: mx.Array;
  /** The logarithms of the probabilities of the tokens, `[B]`. */
  readonly chosen: mx.Array;
  readonly computed: Promise<void>;
}

type Change = (arrays: readonly mx.Array[]) => mx.Array;

function each(all: readonly Pending[], computed: Promise<void>, change: Change): Pending {
  const of = (name: 'tokens' | 'logprobs' | 'chosen') => mx.tidy(() => change(all.map((pending) => pending[name])));
  return { tokens: of('tokens'), logprobs: of('logprobs'), chosen: of('chosen'), computed };
}

export function freePending({ tokens, logprobs, chosen, computed }: Pending): void {
  // The failure of a sequence that is not awaited any more is not reported.
  computed.catch(() => undefined);
  for (const array of [tokens, logprobs, chosen]) array.dispose();
}

/** The sequences of both, in place of them. */
export function joinedPending(first: Pending, second: Pending): Pending {
  const computed = Promise.all([first.computed, second.computed]).then(() => undefined);
  const both = each([first, second], computed, (arrays) => mx.concatenate([...arrays]));
  for (const pending of [first, second]) freePending(pending);
  return both;
}

/** These sequences alone, in place of all. */
export function somePending(pending: Pending, rows: readonly number[]): Pending {
  const some = copiedPending(pending, rows);
  freePending(pending);
  return some;
}

/** These sequences, beside all. */
export function copiedPending(pending: Pending, rows: readonly number[]): Pending {
  const indices = mx.array([...rows], mx.int32);
  const some = each([pending], pending.computed, ([array]) => mx.take(array as mx.Array, indices, 0));
  indices.dispose();
  return some;
}
