import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { core as mx, shutdown } from '../mlx/index.ts';

// Which files and functions of the project a warm call of two arrays through Python runs through in the main thread, as
// V8's precise coverage counts them. Fails where they are more than the bounds.

/** A call that takes more has something between its layers that only passes on. */
const MOST_FILES = 25;
const MOST_FUNCTIONS = 90;
const WARM_CALLS = 50;
/** The least is reported: an answer that comes late takes a longer way, through the I/O thread. */
const TRIES = 150;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** A helper that the loader of TypeScript puts into each file. */
const NOT_OURS = '__name';

interface Traced {
  readonly file: string;
  readonly functions: readonly string[];
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** The inspector answers a session of its own thread before `post` returns. */
function ask<T>(session: Session, method: string, parameters: object = {}): T {
  let answer: unknown;
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    answer = result;
  });
  return answer as T;
}

/** What `run` calls, in the order in which the files were loaded. */
function trace(session: Session, run: () => void): Traced[] {
  ask(session, 'Profiler.takePreciseCoverage');
  run();
  const { result } = ask<Coverage>(session, 'Profiler.takePreciseCoverage');
  return result.flatMap(({ url, functions }) => {
    const file = url.startsWith('file:') ? fileURLToPath(url) : '';
    if (!file.startsWith(ROOT) || file.includes('/node_modules/') || url === import.meta.url) return [];
    const called = functions.filter(
      ({ functionName, ranges }) => (ranges[0]?.count ?? 0) > 0 && functionName !== NOT_OURS,
    );
    const names = called.map(({ functionName }) => (functionName === '' ? '(anonymous)' : functionName));
    return names.length === 0 ? [] : [{ file: file.slice(ROOT.length), functions: names }];
  });
}

function count(traced: readonly Traced[]): number {
  return traced.reduce((sum, { functions }) => sum + functions.length, 0);
}

function leastOfWarmCalls(): readonly Traced[] {
  const session = new Session();
  session.connect();
  ask(session, 'Profiler.enable');
  ask(session, 'Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  return mx.withImplementation('python', () => {
    const a = mx.array([1, 2]);
    const b = mx.array([3, 4]);
    const results: unknown[] = [];
    for (let i = 0; i < WARM_CALLS; i++) results.push(mx.add(a, b));
    const all = Array.from({ length: TRIES }, () => trace(session, () => results.push(mx.add(a, b))));
    session.disconnect();
    return all.reduce((least, traced) => (count(traced) < count(least) ? traced : least));
  });
}

const traced = leastOfWarmCalls();
await shutdown();
for (const { file, functions } of traced) console.log(`${file}\n  ${functions.join('\n  ')}`);
console.log(`${traced.length} files and ${count(traced)} functions, of at most ${MOST_FILES} and ${MOST_FUNCTIONS}`);
if (traced.length > MOST_FILES || count(traced) > MOST_FUNCTIONS) process.exitCode = 1;
