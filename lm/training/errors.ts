import { MlxRouterError } from '../../foundation/errors/errors.ts';

/** Training that cannot go on: a loss that is no finite number. */
export class TrainingError extends MlxRouterError {
  /** In which iteration, counted from 1. */
  readonly iteration: number;

  constructor(message: string, iteration: number) {
    super('ERR_MLX_TRAINING', message, { operation: 'lm.train' });
    this.iteration = iteration;
  }
}
