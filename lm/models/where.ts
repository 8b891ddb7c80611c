import type { Implementation } from '../../foundation/errors/errors.ts';
import { internals } from '../../mlx/index.ts';
import { findArchitecture } from './registry.ts';

/** Where a model runs, and why, in the words of the routing table. */
export interface Whereabouts {
  readonly implementation: 'native' | 'python';
  readonly reason: string;
  /** Whether it could run natively. */
  readonly isPorted: boolean;
}

const noticed = new Set<string>();

/**
 * Where the router sends a model of that architecture, in whose table it then counts; one notice says that one is not
 * ported.
 * @throws UnsupportedOperationError where native is asked for and there is no port
 */
export function whereToRun(modelType: string, forced: Implementation | undefined): Whereabouts {
  const { name, nativeReason } = findArchitecture(modelType);
  const { implementation, reason } = internals.router.decide(name, forced);
  if (reason === 'unported' && !noticed.has(name)) {
    noticed.add(name);
    process.emitWarning(`models of the architecture "${modelType}" run in a Python worker: ${nativeReason}`, {
      type: 'MlxRouterWarning',
      code: 'MLX_ROUTER_UNPORTED_MODEL',
    });
  }
  return {
    implementation: implementation === 'native' ? 'native' : 'python',
    reason,
    isPorted: nativeReason === undefined,
  };
}
