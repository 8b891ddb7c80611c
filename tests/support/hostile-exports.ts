/** Every public function, method, getter and class of the library, called with what no caller should pass. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOSTILE } from '../../fuzz/hostile.ts';
import { Random } from '../../fuzz/random.ts';
import * as library from '../../mlx/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';
import * as parity from '../../parity-tests/index.ts';
import { OwnError, valueOf } from './hostile-values.ts';

const { core: mx, MlxRouterError } = library;

type Callable = (...args: unknown[]) => unknown;

/** One thing to call: `run` gets the arguments; a method has its object bound already. */
interface Target {
  readonly name: string;
  readonly run: Callable;
}

export interface Outcome {
  targets: number;
  answered: number;
  refused: number;
  untyped: string[];
}

const SOUND_ARRAY = 'mx.array([1, 2])';
const SOUND_FUNCTION = '(x) => x';

const { absent, booleans, functions, proxies, forged, oddLists, objects } = HOSTILE;
const { integers, floats, bigints, texts, lists, options } = HOSTILE;

/** What to pass: the kinds that few functions take as a whole, and of the others their first. */
const VALUES: readonly string[] = [
  ...[...absent, ...functions, ...proxies, ...forged, ...oddLists, ...objects],
  ...[booleans, integers, floats, bigints, texts, lists, options].map(([first]) => first),
  ...['NaN', '"x"', '[]'],
];

/** What a function that a call gives is called with. */
const FOLLOWING = ['null', SOUND_ARRAY, forged[0], proxies[0], ...oddLists];

/** These change what all that follows depends on, wait for others, or start processes by the dozen. */
const APART = new Set([
  'pythonPool.start',
  'shutdown',
  'core.setMemoryLimit',
  'core.metal.setMemoryLimit',
  'core.setWiredLimit',
  'core.metal.setWiredLimit',
  'parity.check',
  'parity.assert',
]);

function isClass(value: unknown): value is new (...args: unknown[]) => object {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** The functions, and those of objects and classes in it. */
function* targetsIn(owner: object, path: string, seen: Set<unknown>): Generator<Target> {
  for (const key of Reflect.ownKeys(owner)) {
    const name = `${path}.${String(key)}`.replace(/^\./, '');
    const { value } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
    if (APART.has(name) || seen.has(value)) continue;
    if (typeof value === 'function') {
      seen.add(value);
      if (isClass(value)) yield { name: `new ${name}`, run: (...args) => new value(...args) };
      else {
        yield { name, run: (...args) => (value as Callable).apply(owner, args) };
      }
      if (typeof value.prototype === 'object' && value.prototype !== null) {
        yield* membersOf(value.prototype as object, `${name}#`, seen);
      }
    } else if (typeof value === 'object' && value !== null && !(value instanceof mx.array)) {
      seen.add(value);
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
        yield* targetsIn(value as object, name, seen);
      } else yield* membersOf(Object.getPrototypeOf(value) as object, `${name}#`, seen);
    }
  }
}

const RECEIVERS: Readonly<Record<string, (prototype: object) => unknown>> = {
  sound: (prototype) => instanceOf(prototype),
  forged: (prototype) => Object.create(prototype),
  'a frozen one': (prototype) => Object.freeze(instanceOf(prototype)),
  undefined: () => undefined,
  null: () => null,
  '{}': () => ({}),
  '5': () => 5,
};

function instanceOf(prototype: object): unknown {
  switch (prototype) {
    case mx.array.prototype:
      return mx.array([1, 2]);
    case mx.Dtype.prototype:
      return mx.float32;
    case mx.Device.prototype:
      return mx.cpu;
    case mx.Stream.prototype:
      return mx.defaultStream(mx.cpu);
    case mx.Session.prototype:
      return mx.session();
    case mx.MemoryFile.prototype:
      return new mx.MemoryFile();
    default:
      return Object.create(prototype);
  }
}

function* membersOf(prototype: object, path: string, seen: Set<unknown>): Generator<Target> {
  if (seen.has(prototype)) return;
  seen.add(prototype);
  for (const key of Reflect.ownKeys(prototype)) {
    if (key === 'constructor') continue;
    const { value, get } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
    const member = (value ?? get) as unknown;
    if (typeof member !== 'function') continue;
    for (const [receiver, make] of Object.entries(RECEIVERS)) {
      yield {
        name: `${path}${String(key)} of ${receiver}`,
        run: (...args) => (member as Callable).apply(make(prototype), args),
      };
    }
  }
}

/** Every place alone, beside sound ones, and some of the pairs and triples. */
function* argumentsFor(random: Random, some: number): Generator<string[]> {
  const any = () => random.pick(VALUES);
  yield [];
  for (const value of VALUES) {
    yield [value];
    yield [SOUND_ARRAY, value];
    yield [SOUND_FUNCTION, value];
  }
  for (let i = 0; i < some; i++) {
    yield [any(), any()];
    yield [SOUND_ARRAY, SOUND_ARRAY, any()];
    yield [SOUND_FUNCTION, any(), any()];
    yield [any(), any(), any()];
  }
}

function isFine(error: unknown): boolean {
  return error instanceof MlxRouterError || error instanceof OwnError;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const at = error.stack?.split('\n').find((line) => /\.ts:|\.js:/.test(line)) ?? '';
  return `${error.name}: ${error.message.slice(0, 120)} ${at.trim().replace(/\(.*\/(?=[^/]*\/[^/]*$)/, '(')}`;
}

/** The walk, in a folder of its own for the files that it saves. */
export async function walk(seed: number, report: (text: string) => void = () => {}): Promise<Outcome> {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'hostile-exports-'));
  process.chdir(folder);
  try {
    return await walked(seed, report);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function walked(seed: number, report: (text: string) => void): Promise<Outcome> {
  const outcome: Outcome = { targets: 0, answered: 0, refused: 0, untyped: [] };
  const random = new Random(seed);
  const waiting: Promise<unknown>[] = [];
  const { internals, ...exports } = library;
  void internals;
  const record = (call: string, error: unknown) => {
    if (isFine(error)) outcome.refused++;
    else outcome.untyped.push(`${call}: ${textOf(error)}`);
  };
  const attempt = (call: string, run: () => unknown, follow: boolean): void => {
    report(call);
    try {
      const result = run();
      outcome.answered++;
      if (result instanceof Promise) waiting.push(result.catch((error) => record(`${call}, later`, error)));
      else if (typeof result === 'function' && follow) {
        for (const value of FOLLOWING) {
          attempt(`${call}(${value})`, () => (result as Callable)(valueOf(value)), false);
        }
      } else if (result instanceof mx.array && follow && result.size < 1e6) {
        attempt(`${call}.tolist()`, () => result.tolist(), false);
      }
    } catch (error) {
      record(call, error);
    }
  };
  const seen = new Set<unknown>([Object.prototype, Function.prototype, Array.prototype]);
  const all = [
    ...targetsIn(exports, '', seen),
    ...targetsIn(unsafe, 'unsafe', seen),
    ...targetsIn(parity, 'parity', seen),
  ];
  for (const { name, run } of all) {
    outcome.targets++;
    report(name);
    const isMethod = name.includes('#');
    // What a method is called on is looked at before its arguments.
    const lists =
      isMethod && !name.endsWith(' of sound')
        ? [[], [SOUND_ARRAY], [proxies[0], SOUND_FUNCTION]]
        : argumentsFor(random, isMethod ? 2 : 12);
    for (const args of lists) {
      attempt(`${name}(${args.join(', ')})`, () => run(...args.map(valueOf)), !isMethod);
    }
    if (waiting.length > 500) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  return outcome;
}
