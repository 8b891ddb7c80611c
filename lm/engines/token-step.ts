import { core as mx } from '../../mlx/index.ts';
import type { TokenStep } from './engine.ts';

/**
 * A token, and what is asked for of the probabilities.
 * @param logprobs `[vocabulary]`
 * @param count how many of the most probable tokens; undefined: nothing
 */
export function tokenStep(token: number, logprobs: mx.Array, count: number | undefined): TokenStep {
  if (count === undefined) return { token };
  return mx.tidy(() => {
    const values = logprobs.astype(mx.float32);
    const best = mx.argsort(values.negative()).index(new mx.Slice(0, count));
    const found = values.index(best).tolist() as number[];
    const topLogprobs = (best.tolist() as number[]).map((index, i) => [index, found[i] as number] as const);
    return { token, logprob: values.index(token).item() as number, topLogprobs };
  });
}
