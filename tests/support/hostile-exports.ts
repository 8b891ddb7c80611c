/** Every public function, method, getter and class of the library, called with what no caller should pass. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as library from '../../mlx/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';
import * as parity from '../../parity-tests/index.ts';

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

/** What the functions and proxies of the caller throw; it may come through as it is. */
const OWN = new Error('the caller’s own');

function throwing(): never {
  throw OWN;
}

function deep(levels: number): unknown {
  let list: unknown = 1;
  for (let i = 0; i < levels; i++) list = [list];
  return list;
}

const DEEP = deep(20_000);

const TRAPS = Object.getOwnPropertyNames(Reflect).filter((name) => name !== 'toString');
const hostileProxy = (target: object) =>
  new Proxy(target, Object.fromEntries(TRAPS.map((trap) => [trap, throwing])) as ProxyHandler<object>);

const forged = () => Object.create(mx.array.prototype) as object;

/** What to pass, by a name for the report. Made anew for each call, for some calls change what they get. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  undefined: () => undefined,
  'Object.create(null)': () => Object.create(null),
  "Symbol('s')": () => Symbol('s'),
  '5': () => 5,
  '-1.5': () => -1.5,
  NaN: () => Number.NaN,
  '9n': () => 9n,
  true: () => true,
  "''": () => '',
  "'a'": () => 'a',
  '{}': () => ({}),
  '{ strange: 1 }': () => ({ strange: 1 }),
  '[]': () => [],
  '[null]': () => [null],
  'a list of 4,294,967,295 holes': () => new Array(4_294_967_295),
  '() => 1': () => () => 1,
  'async () => { throw }': () => async () => throwing(),
  throwing: () => throwing,
  proxy: () => hostileProxy({}),
  'proxy of a function': () => hostileProxy(() => 1),
  'proxy of a list': () => hostileProxy([]),
  'list of 20,000 levels': () => DEEP,
  'forged array': forged,
  '[forged array]': () => [forged()],
  'forged stream': () => new mx.Stream('cpu', 99),
  'forged dtype': () => Object.create(mx.Dtype.prototype),
  'forged slice': () => Object.create(mx.Slice.prototype),
  'forged complex': () => Object.create(mx.Complex.prototype),
  'a date': () => new Date(Number.NaN),
  'a thenable': () => Object.fromEntries([['then', throwing]]),
  'text of null': () => ({ toString: null, valueOf: null }),
};

const SOUND: Readonly<Record<string, () => unknown>> = {
  x: () => mx.array([1, 2]),
  f: () => (x: unknown) => x,
};

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

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

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
function* argumentsFor(next: () => number, some: number): Generator<string[]> {
  const names = Object.keys(VALUES);
  const any = () => names[Math.floor(next() * names.length)] as string;
  yield [];
  for (const name of names) {
    yield [name];
    yield ['x', name];
    yield ['f', name];
  }
  for (let i = 0; i < some; i++) {
    yield [any(), any()];
    yield ['x', 'x', any()];
    yield ['f', any(), any()];
    yield [any(), any(), any()];
  }
}

const make = (name: string) => ((VALUES[name] ?? SOUND[name]) as () => unknown)();

function isFine(error: unknown): boolean {
  return error instanceof MlxRouterError || error === OWN;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const at = error.stack?.split('\n').find((line) => /\.ts:|\.js:/.test(line)) ?? '';
  return `${error.name}: ${error.message.slice(0, 120)} ${at.trim().replace(/\(.*\/(?=[^/]*\/[^/]*$)/, '(')}`;
}

/** The walk, in a folder of its own for the files that it saves. */
export async function walk(seed: number, say: (text: string) => void = () => {}): Promise<Outcome> {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'hostile-exports-'));
  process.chdir(folder);
  try {
    return await walked(seed, say);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function walked(seed: number, say: (text: string) => void): Promise<Outcome> {
  const outcome: Outcome = { targets: 0, answered: 0, refused: 0, untyped: [] };
  const next = random(seed);
  const waiting: Promise<unknown>[] = [];
  const { internals, ...exports } = library;
  void internals;
  const blame = (call: string, error: unknown) => {
    if (isFine(error)) outcome.refused++;
    else outcome.untyped.push(`${call}: ${textOf(error)}`);
  };
  const attempt = (call: string, run: () => unknown, follow: boolean): void => {
    say(call);
    try {
      const result = run();
      outcome.answered++;
      if (result instanceof Promise) waiting.push(result.catch((error) => blame(`${call}, later`, error)));
      else if (typeof result === 'function' && follow) {
        for (const name of [
          'null',
          'x',
          'forged array',
          'list of 20,000 levels',
          'a list of 4,294,967,295 holes',
          'proxy',
        ]) {
          attempt(`${call}(${name})`, () => (result as Callable)(make(name)), false);
        }
      } else if (result instanceof mx.array && follow && result.size < 1e6) {
        attempt(`${call}.tolist()`, () => result.tolist(), false);
      }
    } catch (error) {
      blame(call, error);
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
    say(name);
    const isMethod = name.includes('#');
    // What a method is called on is looked at before its arguments.
    const lists =
      isMethod && !name.endsWith(' of sound') ? [[], ['x'], ['proxy', 'f']] : argumentsFor(next, isMethod ? 2 : 12);
    for (const args of lists) {
      attempt(`${name}(${args.join(', ')})`, () => run(...args.map(make)), !isMethod);
    }
    if (waiting.length > 500) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  return outcome;
}
