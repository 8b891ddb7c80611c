import { core, internals, registry, shutdown } from '../mlx/index.ts';
import { checkOperation } from './check.ts';
import { JournalWriter } from './journal.ts';
import type { OperationReport } from './operation-report.ts';
import { oneLine, pythonSnippet, typescriptSnippet } from './snippet.ts';
import { checkTransforms } from './transforms/check.ts';
import { pythonTransform, typescriptTransform } from './transforms/snippet.ts';

/** What the parent asks of this process. */
export interface Task {
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
  readonly path?: string;
  /** Transforms of the operation's calls, in place of the calls themselves. */
  readonly transforms?: boolean;
}

export type Versions = Readonly<Record<string, string>>;
export type Reply =
  | { readonly type: 'ready'; readonly versions: Versions }
  | { readonly type: 'unavailable'; readonly problem: string }
  | { readonly type: 'report'; readonly report: OperationReport };

/** Starts both backends and says what they are. */
function start(): Reply {
  const native = internals.nativeBackend.status(true);
  const python = internals.pythonBackend.status(true);
  const problem = native.problem ?? python.problem;
  if (problem !== undefined) return { type: 'unavailable', problem };
  // Touches both, so that the first operation is not charged with their start.
  for (const implementation of ['native', 'python'] as const) core.eval(core.zeros([1], { implementation }));
  const versions = {
    node: process.version,
    'mlx (native)': native.mlxVersion ?? 'unknown',
    'mlx (python)': python.mlxVersion ?? 'unknown',
    'mlx-c': String(native.details['mlxC'] ?? 'unknown'),
    python: String(internals.pythonBackend.status(false).details['python version'] ?? 'unknown'),
    device: native.device ?? 'unknown',
    'BLAS (native)': native.blas ?? 'unknown',
    'BLAS (python)': internals.pythonBackend.status(false).blas ?? 'unknown',
  };
  return { type: 'ready', versions };
}

function send(reply: Reply): void {
  process.send?.(reply);
}

const [path, ...imports] = process.argv.slice(2);
const journal = new JournalWriter(path as string);

function check({ name, transforms = false, ...options }: Task): OperationReport {
  const operation = registry.find(name)!;
  const from = { seed: options.seed, path: null };
  if (!transforms) {
    return checkOperation(operation, {
      ...options,
      onCall: (call) =>
        journal.write({
          call: oneLine(call),
          typescript: typescriptSnippet(call, from),
          python: pythonSnippet(call, from),
        }),
    });
  }
  return checkTransforms(operation, {
    ...options,
    onCall: (call, kind) =>
      journal.write({
        call: `${kind} of ${oneLine(call)}`,
        typescript: typescriptTransform(kind, call, from),
        python: pythonTransform(kind, call, from),
      }),
  });
}

process.on('message', (task: Task) => send({ type: 'report', report: check(task) }));
process.on('disconnect', () => {
  void shutdown().finally(() => process.exit());
});
for (const url of imports) await import(url);
send(start());
