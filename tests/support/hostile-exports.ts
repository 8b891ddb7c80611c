/** Every public function, method, getter and class of the library, called with what no caller should pass. */
import { HOSTILE } from '../../fuzz/hostile.ts';
import { Random } from '../../fuzz/random.ts';
import * as library from '../../mlx/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';
import * as parity from '../../parity-tests/index.ts';
import { Attempts, inOwnFolder, type Outcome, SOUND_ARRAY, SOUND_FUNCTION, VALUES, valueOf } from './hostile-values.ts';

const { core: mx } = library;

type Callable = (...args: unknown[]) => unknown;

/** One thing to call: `run` gets the arguments; a method has its object bound already. */
interface Target {
  readonly name: string;
  readonly run: Callable;
}

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

/** The walk, in a folder of its own for the files that it saves. */
export function walk(seed: number, report: (text: string) => void = () => {}): Promise<Outcome> {
  return inOwnFolder('hostile-exports-', () => walked(seed, report));
}

async function walked(seed: number, report: (text: string) => void): Promise<Outcome> {
  const attempts = new Attempts(report);
  const random = new Random(seed);
  const { internals, ...exports } = library;
  void internals;
  const seen = new Set<unknown>([Object.prototype, Function.prototype, Array.prototype]);
  const all = [
    ...targetsIn(exports, '', seen),
    ...targetsIn(unsafe, 'unsafe', seen),
    ...targetsIn(parity, 'parity', seen),
  ];
  for (const { name, run } of all) {
    attempts.target(name);
    const isMethod = name.includes('#');
    // What a method is called on is looked at before its arguments.
    const lists =
      isMethod && !name.endsWith(' of sound')
        ? [[], [SOUND_ARRAY], [HOSTILE.proxies[0], SOUND_FUNCTION]]
        : argumentsFor(random, isMethod ? 2 : 12);
    for (const args of lists) {
      attempts.call(`${name}(${args.join(', ')})`, () => run(...args.map(valueOf)), !isMethod);
    }
    await attempts.settled(500);
  }
  await attempts.settled();
  return attempts.outcome;
}
