import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type Command, oneOf, parseOptions, UsageError } from './command.ts';
import { root } from './package.ts';
import { describePython, EXTRAS, lacking, lockedVersions, nameOf } from './python/environment.ts';
import { DEVICES, deviceOfMachine, planInstall } from './python/install.ts';
import { log, print, printJson } from './terminal.ts';

const options = {
  with: { type: 'string', multiple: true, default: [] as string[] },
  device: { type: 'string' },
  path: { type: 'string' },
  active: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Runs a step with its output on stderr; whether it went well. */
function runStep([command, ...args]: readonly [string, ...string[]]): boolean {
  log(`$ ${[command, ...args].join(' ').replaceAll(`${root}/`, '')}`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) log(`mlx-router: ${error.message}`);
  return status === 0;
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, options, 1);
  if (positionals[0] !== 'install') throw new UsageError('expected "mlx-router python install"; see --help');
  if (values.active && values.path !== undefined) throw new UsageError('--active and --path name two environments');
  const named = values.with.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const extras = [...new Set(named.map((name) => oneOf('--with', name, EXTRAS)))];
  const device = values.device === undefined ? deviceOfMachine() : oneOf('--device', values.device, DEVICES);
  const folder = values.path === undefined ? {} : { folder: resolve(values.path) };
  const plan = planInstall({ device, extras, active: values.active, ...folder });
  for (const step of plan.steps) {
    if (runStep(step)) continue;
    log('mlx-router: the command above failed; what it printed says why. Run this again when it is repaired.');
    return 1;
  }
  const wanted = new Map(
    [device, ...extras].flatMap((name) => [...lockedVersions(name)].filter(([own]) => isOwn(own, extras))),
  );
  const environment = describePython(plan.python, [...wanted.keys()]);
  if (environment === undefined) {
    log(`mlx-router: ${plan.python} does not start`);
    return 1;
  }
  const missing = lacking(environment, wanted);
  if (values.json) printJson({ ok: missing.length === 0, tool: plan.tool, device, extras, ...environment, missing });
  else {
    print(
      `${nameOf(environment)}: MLX ${environment.installed['mlx']} (${device})${extras.length > 0 ? `, ${extras.join(', ')}` : ''}`,
    );
    if (values.active || values.path !== undefined) print(`To use it: export MLX_ROUTER_PYTHON=${plan.python}`);
  }
  for (const name of missing) log(`mlx-router: missing: ${name}`);
  return missing.length === 0 ? 0 : 1;
}

/** What every system has; what else a lock names depends on the system. */
function isOwn(name: string, extras: readonly string[]): boolean {
  return ['mlx', 'msgpack', 'numpy', ...extras].includes(name);
}

export const python: Command = {
  summary: 'make the environment that Python runs in',
  usage: `Usage: mlx-router python install [options]

Makes an environment with MLX for the workers: with uv where that is in PATH, else with Python's venv. Versions come from a
lock, and each file is held against its hash. Python is optional: without it the library runs what is native.

  --with NAME     also ${EXTRAS.join(', ')}; several with commas, or the option again
  --device NAME   ${DEVICES.join(', ')}; by the machine unless told otherwise
  --path DIR      where (the package's own .venv, where the library looks by itself)
  --active        into the environment that is active: VIRTUAL_ENV, or conda's
  --json          { ok, tool, device, extras, version, prefix, kind, installed, missing }

Environment: PYTHON (the interpreter, or for uv a version such as 3.12).
Exit code 0: all is there; 1: it is not; 2: the command line is wrong.`,
  run,
};
