import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { locatePython } from '../python-bridge/locate.ts';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { type SurfaceReport, surfaceReport } from '../registry/surface-report.ts';

const START_MS = 60_000;

/** The public names of the wheel that the workers run; what went wrong where they cannot be asked for. */
function wheelNames(pythonPath: string | undefined): string[] | { readonly problem: string } {
  const { python, source, script } = locatePython(pythonPath);
  if (python === null) return { problem: `no Python was found: ${source}` };
  try {
    const text = execFileSync(python, ['-m', 'mlx_router_worker.surface'], {
      cwd: dirname(script),
      encoding: 'utf8',
      timeout: START_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return text.split('\n').filter((name) => name !== '');
  } catch (error) {
    return { problem: `${python} cannot tell its names: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** How much of the installed wheel's `mlx.core` is accounted for; null figures where there is no wheel to ask. */
export function surface(pythonPath?: string): SurfaceReport | { readonly total: null; readonly problem: string } {
  const names = wheelNames(pythonPath);
  return Array.isArray(names) ? surfaceReport(names, CATALOGUE) : { total: null, ...names };
}
