import { dirname } from 'node:path';
import { execaSync } from 'execa';
import { locatePython } from '../python-bridge/workers/locate.ts';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { type SurfaceReport, surfaceReport } from '../registry/surface-report.ts';

const START_MS = 60_000;

/** The public names of the wheel that the workers run; what went wrong where they cannot be asked for. */
function wheelNames(pythonPath: string | undefined): string[] | { readonly problem: string } {
  const { python, source, script } = locatePython(pythonPath);
  if (python === null) return { problem: `no Python was found: ${source}` };
  const asked = execaSync(python, ['-m', 'mlx_router_worker.surface'], {
    cwd: dirname(script),
    lines: true,
    timeout: START_MS,
    stdin: 'ignore',
    reject: false,
  });
  if (asked.failed) return { problem: `${python} cannot tell its names: ${asked.shortMessage?.split('\n')[0]}` };
  return asked.stdout.filter((name) => name !== '');
}

/** How much of the installed wheel's `mlx.core` is accounted for; null figures where there is no wheel to ask. */
export function surface(pythonPath?: string): SurfaceReport | { readonly total: null; readonly problem: string } {
  const names = wheelNames(pythonPath);
  return Array.isArray(names) ? surfaceReport(names, CATALOGUE) : { total: null, ...names };
}
