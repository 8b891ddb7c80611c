import { ArgumentError } from '../../foundation/errors/errors.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';

const MAKERS = {
  adam: (rate: optimizers.LearningRate) => new optimizers.Adam(rate),
  adamw: (rate: optimizers.LearningRate) => new optimizers.AdamW(rate),
  muon: (rate: optimizers.LearningRate) => new optimizers.Muon(rate),
  sgd: (rate: optimizers.LearningRate) => new optimizers.SGD(rate),
  // As mlx_lm makes it: its steps are relative, and the rate is only shown.
  adafactor: (rate: optimizers.LearningRate) => new optimizers.Adafactor(rate),
} as const;

export type OptimizerName = keyof typeof MAKERS;

export const optimizerNames = Object.keys(MAKERS) as readonly OptimizerName[];

export interface LearningRateOptions {
  readonly learningRate: number;
  /** Over how many steps the rate falls to 0 along a cosine; absent: it stays. */
  readonly cosineSteps?: number | undefined;
  /** Over how many steps it rises from 0 before. */
  readonly warmup?: number | undefined;
}

function scheduleOf({ learningRate, cosineSteps, warmup = 0 }: LearningRateOptions): optimizers.LearningRate {
  const main = cosineSteps === undefined ? undefined : optimizers.cosineDecay(learningRate, cosineSteps);
  if (warmup === 0) return main ?? learningRate;
  const rise = optimizers.linearSchedule(0, learningRate, warmup);
  // The boundary is mlx_lm's: one step more than the rise takes.
  const rest = main ?? optimizers.linearSchedule(learningRate, learningRate, 1);
  return optimizers.joinSchedules([rise, rest], [warmup + 1]);
}

/** An optimizer by its name in mlx_lm. @throws ArgumentError for a name that there is not */
export function makeOptimizer(name: OptimizerName, options: LearningRateOptions): optimizers.Optimizer {
  if (!Object.hasOwn(MAKERS, name)) {
    throw new ArgumentError(`no optimizer is named "${name}"; there are ${optimizerNames.join(', ')}`, {
      operation: 'lm.makeOptimizer',
    });
  }
  return MAKERS[name](scheduleOf(options));
}
