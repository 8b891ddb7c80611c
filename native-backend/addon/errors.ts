import {
  ArgumentError,
  DisposedError,
  DistributedError,
  FileError,
  MlxRouterError,
  OperationError,
} from '../../foundation/errors/errors.ts';
import type { Operation } from '../../registry/operation.ts';
import { publicName } from '../../registry/registry.ts';

/** What the addon's errors of lost groups begin with: native-backend/src/groups/lost.h. */
const LOST_GROUP = '[distributed] the group is lost: ';

/** The addon's plain error as a typed one that names the operation, or the public function. */
export function typedError(error: unknown, operation?: Operation | string): unknown {
  if (error instanceof MlxRouterError || !(error instanceof Error)) return error;
  const details = {
    operation: typeof operation === 'object' ? publicName(operation) : operation,
    implementation: 'native',
  } as const;
  switch ((error as { code?: unknown }).code) {
    case 'ERR_MLX_OPERATION':
      if (error.message.startsWith(LOST_GROUP)) return new DistributedError(error.message, details);
      return new OperationError(error.message, details);
    case 'ERR_MLX_DISPOSED':
      return new DisposedError(`${error.message}; it cannot be used any more`, details);
    case 'ERR_MLX_FILE':
      return new FileError(error.message, details);
    case 'ERR_MLX_ARGUMENT':
      return new ArgumentError(error.message, details);
    default:
      return new OperationError(`the call cannot be made: ${error.message}`, { ...details, cause: error });
  }
}

/** Runs what may call functions of the user's: what those throw is thrown as it is, what the addon throws as a typed error. */
export function tracing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const isAddons = error instanceof Error && String((error as { code?: unknown }).code).startsWith('ERR_MLX_');
    throw isAddons ? typedError(error) : error;
  }
}
