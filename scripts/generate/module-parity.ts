import * as utils from '../../mlx/utils/index.ts';
import { MODULE_CHECKS } from '../../parity-tests/modules/run.ts';
import { comparedNames, publicNames, WITHOUT_ROW } from '../../parity-tests/modules/surface.ts';

/** Every public name of `nn`, `optimizers` and `utils` that is a class or a function. */
export function publicModuleNames(): ReadonlySet<string> {
  return new Set([...publicNames(), ...Object.keys(utils).map((name) => `utils.${name}`)]);
}

const compared = comparedNames();

/** What parity compares of it with Python's own, or why nothing. */
export function parityOf(name: string): string {
  if (!compared.has(name))
    return WITHOUT_ROW[name] === undefined ? 'no row; tests of its own' : `no row: ${WITHOUT_ROW[name]}`;
  const reasons = new Set(MODULE_CHECKS.filter((row) => row.name === name).flatMap((row) => row.reasons));
  const but = reasons.size === 0 ? '' : `, but for: ${[...reasons].join('; ')}`;
  return `equal to Python's own in every bit${but}`;
}
