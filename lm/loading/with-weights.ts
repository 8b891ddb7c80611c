import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type * as nn from '../../mlx/nn/index.ts';
import { withoutDrawing } from '../../mlx/nn/layers/drawn.ts';
import type { ConfigFields } from '../config/fields.ts';
import type { NamedWeights } from '../models/model.ts';
import { quantizationOf, quantizeAsStored } from './quantization.ts';

type Network = nn.Module & { sanitize?(weights: NamedWeights): NamedWeights };

/**
 * A network with these weights in it, in evaluation mode. Nothing is computed yet.
 * @param where the file or folder that errors name
 * @throws FileError if the network and the weights disagree
 */
export function withWeights<Made extends Network>(
  make: () => Made,
  weights: NamedWeights,
  config: ConfigFields,
  where: string,
): Made {
  const [network, fitting] = withoutDrawing(() => {
    const made = make();
    const sanitized = made.sanitize?.(weights) ?? weights;
    const quantization = quantizationOf(config);
    if (quantization !== undefined) quantizeAsStored(made, quantization, sanitized);
    return [made, sanitized] as const;
  });
  network.eval();
  try {
    network.loadWeights(fitting);
  } catch (error) {
    throw new FileError(`${where}: config.json and the weights disagree:\n${messageOf(error)}`, { cause: error });
  }
  return network;
}
