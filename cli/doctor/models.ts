import { spawnSync } from 'node:child_process';
import type { BackendStatus } from '../../backend/backend.ts';
import { type Check, section } from './check.ts';

const ASK = "import importlib.metadata as m; print(m.version('mlx-lm'))";

/** How many architectures of language models run natively, and whether the workers' Python can run the others. */
export async function modelChecks(python: BackendStatus): Promise<Check[]> {
  const check = section('together');
  await import('../../lm/models/registry.ts');
  const { registry } = await import('../../mlx/index.ts');
  const rows = registry.models();
  const native = rows.filter(({ nativeReason }) => nativeReason === undefined).length;
  const value = `${native} of ${rows.length} architectures are native`;
  const path = python.details['python'];
  if (!python.available || typeof path !== 'string') return [check('language models', ['info', value])];
  const { status, stdout } = spawnSync(path, ['-c', ASK], { encoding: 'utf8', timeout: 30_000 });
  const others = status === 0 ? `mlx_lm ${stdout.trim()} runs the others` : `the others need mlx_lm in ${path}`;
  return [check('language models', ['info', `${value}; ${others}`])];
}
