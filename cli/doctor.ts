import { messageOf } from '../foundation/errors/message.ts';
import { type Command, parseOptions } from './command.ts';
import { nativeChecks, pinChecks, pythonChecks } from './doctor/backends.ts';
import { type Check, type State, section } from './doctor/check.ts';
import { environmentChecks } from './doctor/environment.ts';
import { machineChecks } from './doctor/machine.ts';
import { modelChecks } from './doctor/models.ts';
import { smokeChecks } from './doctor/smoke.ts';
import { paint, print, printJson, wrap } from './terminal.ts';

const SIGNS: Readonly<Record<State, string>> = { ok: '✓', info: '·', warning: '!', problem: '✗' };
const COLOURS = { ok: 'green', info: 'dim', warning: 'yellow', problem: 'red' } as const;
const TITLES = {
  machine: 'Machine',
  native: 'Native backend',
  python: 'Python backend',
  together: 'Together',
} as const;
/** The text of a check stands behind its sign and its name. */
const NAME_WIDTH = 19;

async function libraryChecks(): Promise<Check[]> {
  const check = section('together');
  let library: typeof import('../mlx/index.ts');
  try {
    library = await import('../mlx/index.ts');
  } catch (error) {
    // A wrong MLX_ROUTER_ variable is refused when the library is loaded.
    const message = messageOf(error);
    return [check('configuration', ['problem', message, 'correct or unset the MLX_ROUTER_ variable'])];
  }
  const native = library.internals.nativeBackend.status(true);
  const python = library.internals.pythonBackend.status(true);
  return [
    ...nativeChecks(native),
    ...pythonChecks(python),
    ...environmentChecks(python),
    ...pinChecks(native, python),
    ...smokeChecks(library),
    ...(await modelChecks(python)),
    ...(native.available || python.available ? [] : [check('use', ['problem', 'no backend: no operation can run'])]),
  ];
}

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, { json: { type: 'boolean', default: false } });
  const checks = [...machineChecks(), ...(await libraryChecks())];
  const ok = checks.every(({ state }) => state !== 'problem');
  if (values.json) printJson({ ok, backends: backendsOf(checks), checks });
  else show(checks, ok);
  return ok ? 0 : 1;
}

/** The short answer for programs: what can be used, and if not, why and what to do. */
function backendsOf(checks: readonly Check[]) {
  const backend = (side: Check['section']) => {
    const found = checks.find(({ section, name }) => section === side && name === 'backend');
    if (found === undefined) return { available: false };
    if (found.state === 'ok') return { available: true };
    return { available: false, problem: found.value, repair: found.repair };
  };
  return { native: backend('native'), python: backend('python') };
}

function show(checks: readonly Check[], ok: boolean): void {
  for (const [name, title] of Object.entries(TITLES)) {
    const own = checks.filter((check) => check.section === name);
    if (own.length === 0) continue;
    print(paint(title, 'bold'));
    for (const { name, state, value, repair } of own) {
      const [first = '', ...rest] = wrap(value, '', 92).split('\n');
      print(`  ${paint(SIGNS[state], COLOURS[state])} ${name.padEnd(NAME_WIDTH)} ${first}`);
      for (const line of rest) print(`    ${''.padEnd(NAME_WIDTH)} ${line}`);
      if (repair !== undefined) print(wrap(`→ ${repair}`, `    ${''.padEnd(NAME_WIDTH)} `, 92));
    }
    print('');
  }
  const warnings = checks.filter(({ state }) => state === 'warning').length;
  const beside = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  print(ok ? paint(`All is well${beside}.`, 'green') : paint('Something needs repair: see the lines with ✗.', 'red'));
}

export const doctor: Command = {
  summary: 'check the installation and say how to repair it',
  usage: `Usage: mlx-router doctor [--json]

Checks both backends: versions, device, BLAS, paths, a small computation on each with the bits compared,
and the time of a round trip to Python. Every problem comes with its repair.

  --json   { ok, backends, checks }

Exit code 0: all is well; 1: something needs repair.`,
  run,
};
