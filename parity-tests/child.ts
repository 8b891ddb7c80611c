import { core, internals, registry, shutdown } from '../mlx/index.ts';
import { checkOperation, type OperationReport } from './check.ts';
import { JournalWriter } from './journal.ts';

/** What the parent asks of this process. */
export interface Task {
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
  readonly path?: string;
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

const journal = new JournalWriter(process.argv[2] as string);
process.on('message', (task: Task) => {
  const { name, ...options } = task;
  const report = checkOperation(registry.find(name)!, {
    ...options,
    onCall: (call) => journal.write(call, { seed: options.seed, path: null }),
  });
  send({ type: 'report', report });
});
process.on('disconnect', () => {
  void shutdown().finally(() => process.exit());
});
send(start());
