/**
 * Every class and function of `nn`, `optimizers` and `utils`, with what no caller should pass. Layers and optimizers are
 * for users to subclass and to give fields of their own, so their methods are called on what their constructors made, and
 * not on forged receivers, and their protected methods not at all.
 */
import fc from 'fast-check';
import { HOSTILE } from '../../fuzz/hostile.ts';
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { newLayer } from '../../parity-tests/modules/check.ts';
import { OPTIMIZERS } from '../../parity-tests/modules/function-rows.ts';
import { drawn } from '../../parity-tests/modules/outcome.ts';
import { LAYERS, type Options } from '../../parity-tests/modules/rows.ts';
import { Attempts, inOwnFolder, type Outcome, SOUND_ARRAY, SOUND_FUNCTION, VALUES, valueOf } from './hostile-values.ts';

type Callable = (...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => object;

/** Sizes of nothing, below that and far above, and trees. */
const MORE = ['0', '-1', '2147483647', '1e300', '({ weight: mx.array([1]) })', '[mx.array([1])]', '[[0, null]]'];
const EVERY_VALUE = [...VALUES, ...MORE];
/** One of each kind, for where most places are taken by sound arguments. */
const FEW_VALUES = EVERY_VALUE.filter((_, i) => i % 3 === 0);
const SOUND_MODULE = '(a sound module)';

/** Methods that subclasses have and callers do not call. */
const PROTECTED = new Set(
  `constructor extraRepr setTraining fixedParameters convolve scaled affineText maskShape schedule settingsText
   inputs`.split(/\s+/),
);

/** What a call of no options says about itself: `known are inputDims, outputDims, bias`. */
function namesIn(make: Callable): string[] {
  try {
    make({ strangeOption: 1 });
  } catch (error) {
    return /known are (.*)$/.exec(String(error))?.[1]?.split(', ') ?? [];
  }
  return [];
}

/** Classes as they are exported, some of which are another's. */
function* classesIn(owner: object, path: string): Generator<[name: string, value: Class]> {
  for (const [key, value] of Object.entries(owner) as [string, unknown][]) {
    if (typeof value === 'function' && /^class\b/.test(String(value))) yield [`${path}.${key}`, value as Class];
  }
}

function* functionsIn(owner: object, path: string): Generator<[name: string, value: Callable]> {
  for (const [key, value] of Object.entries(owner) as [string, unknown][]) {
    if (typeof value === 'function' && !/^class\b/.test(String(value))) yield [`${path}.${key}`, value as Callable];
    else if (typeof value === 'object' && value !== null) yield* functionsIn(value, `${path}.${key}`);
  }
}

/** Some layers have several rows. */
function firstOfEach<Row extends { readonly name: string }>(rows: readonly Row[]): Row[] {
  return rows.filter(({ name }, i) => rows.findIndex((row) => row.name === name) === i);
}

/** One draw of what a row draws. */
function drawnBy<T>(arbitrary: fc.Arbitrary<T>, seed: number): T {
  return fc.sample(arbitrary, { numRuns: 1, seed })[0] as T;
}

function soundModule(): nn.Module {
  const layers = [new nn.Linear(2, 3), nn.relu, new nn.BatchNorm(3), new nn.Embedding(3, 4)] as const;
  return new nn.Sequential(...layers);
}

function argument(text: string): unknown {
  return text === SOUND_MODULE ? soundModule() : valueOf(text);
}

class Walk {
  readonly #seed: number;
  readonly #attempts: Attempts;

  constructor(seed: number, attempts: Attempts) {
    this.#seed = seed;
    this.#attempts = attempts;
  }

  /** The call with each list of arguments. */
  #all(name: string, lists: Iterable<readonly string[]>, run: Callable, follow: boolean): void {
    this.#attempts.target(name);
    for (const list of lists) {
      this.#attempts.call(`${name}(${list.join(', ')})`, () => run(...list.map(argument)), follow);
    }
  }

  /** A constructor: each argument by name, beside sound ones, and by position, behind sound ones. */
  constructed(name: string, make: Class, sound: Options): void {
    const create: Callable = (...args) => new make(...args);
    this.#all(`new ${name}`, [[], ...EVERY_VALUE.map((value) => [value])], create, false);
    const known = namesIn(create);
    const before: unknown[] = [];
    for (const option of known) {
      for (const value of EVERY_VALUE) {
        const named = `new ${name}({ …, ${option}: ${value} })`;
        const made = this.#attempts.call(named, () => create({ ...sound, [option]: valueOf(value) }), false);
        if (made instanceof nn.Module) this.#attempts.call(`${named}.toString()`, () => made.toString(), false);
        this.#attempts.call(`new ${name}(…, ${value} as ${option})`, () => create(...before, valueOf(value)), false);
      }
      before.push(sound[option]);
    }
  }

  /** A method of something sound, made anew for each call: every place, beside sound arguments. */
  method(name: string, make: () => object, key: string | symbol, sound: readonly (() => unknown)[]): void {
    const call = (label: string, args: () => unknown[]) => {
      this.#attempts.call(
        label,
        () => {
          const receiver = make();
          return ((receiver as Record<string | symbol, unknown>)[key] as Callable).apply(receiver, args());
        },
        true,
      );
    };
    this.#attempts.target(name);
    call(`${name}()`, () => []);
    for (const value of EVERY_VALUE) {
      call(`${name}(${value})`, () => [valueOf(value)]);
      for (const place of sound.keys()) {
        const args = () => sound.map((one, i) => (i === place ? valueOf(value) : one()));
        call(`${name}(… ${value} at ${place})`, args);
      }
    }
  }

  layer(row: (typeof LAYERS)[number]): void {
    const make = (nn as unknown as Record<string, Class>)[row.name] as Class;
    const name = `nn.${row.name}`;
    const options = drawnBy(row.options, this.#seed);
    this.constructed(name, make, options);
    const inputs = drawnBy(row.inputs(options), this.#seed).map(drawn);
    const layer = newLayer(row, options);
    const sound = inputs.map((input) => () => input);
    this.method(`${name}#forward`, () => layer, 'forward', sound);
    for (const value of HOSTILE.arrays) {
      const args = () => [valueOf(value), ...inputs.slice(1)];
      this.#attempts.call(
        `${name}#forward(${value})`,
        () => (layer as unknown as { forward: Callable }).forward(...args()),
        true,
      );
    }
    this.ownMembers(name, make, () => newLayer(row, options), [() => mx.array([1, 2])]);
  }

  /** What a class has besides its base: methods, setters and static functions. */
  ownMembers(name: string, make: Class, create: () => object, sound: readonly (() => unknown)[]): void {
    const { prototype } = make as { readonly prototype: object };
    for (const key of Reflect.ownKeys(prototype)) {
      if (key === 'forward' || PROTECTED.has(String(key))) continue;
      const { value, set, get } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      if (typeof value === 'function') this.method(`${name}#${String(key)}`, create, key, sound);
      if (get !== undefined) this.#all(`${name}#${String(key)}`, [[]], () => get.call(create()), false);
      if (set !== undefined) {
        const lists = EVERY_VALUE.map((text) => [text]);
        this.#all(`${name}#${String(key)} =`, lists, (given) => set.call(create(), given), false);
      }
    }
    for (const [key, value] of Object.entries(Object.getOwnPropertyDescriptors(make))) {
      if (typeof value.value === 'function') this.called(`${name}.${key}`, value.value.bind(make) as Callable);
    }
  }

  /** A function: each value behind every few sound arguments. */
  called(name: string, run: Callable): void {
    const beginnings = [
      [],
      ...[[SOUND_ARRAY], [SOUND_FUNCTION], [SOUND_MODULE], [SOUND_ARRAY, SOUND_ARRAY], [SOUND_MODULE, SOUND_FUNCTION]],
      ...[
        [SOUND_FUNCTION, SOUND_ARRAY],
        [SOUND_ARRAY, '2'],
        ['0.5', '2'],
        [SOUND_ARRAY, SOUND_ARRAY, SOUND_ARRAY],
      ],
      [SOUND_MODULE, '"all-to-sharded"'],
      ['[(x) => x, (x) => x]'],
    ];
    const lists = beginnings.flatMap((before) => {
      const values = before.length === 0 ? EVERY_VALUE : FEW_VALUES;
      return [before, ...values.map((value) => [...before, value])];
    });
    this.#all(name, lists, run, true);
  }
}

function optimizerMethods(walk: Walk): void {
  const sound: Readonly<Record<string, readonly (() => unknown)[]>> = {
    init: [() => ({ w: mx.array([1, 2]) })],
    initSingle: [() => mx.array([1, 2]), () => ({})],
    applySingle: [() => mx.array([1, 2]), () => mx.array([1, 2]), () => ({})],
    update: [soundModule, () => ({ layers: [{ weight: mx.ones([3, 2]) }] })],
    applyGradients: [() => ({ w: mx.array([1, 2]) }), () => ({ w: mx.array([1, 2]) })],
  };
  for (const row of firstOfEach(OPTIMIZERS)) {
    const make = (optimizers as unknown as Record<string, Class>)[row.name] as Class;
    const options = drawnBy(row.options, 1);
    walk.constructed(`optimizers.${row.name}`, make, options);
    for (const [key, args] of Object.entries(sound)) {
      walk.method(`optimizers.${row.name}#${key}`, () => new make(options), key, args);
    }
  }
  const { Optimizer, MultiOptimizer, SGD } = optimizers;
  const sgd = () => new SGD(0.1);
  walk.constructed('optimizers.Optimizer', Optimizer as Class, {});
  walk.constructed('optimizers.MultiOptimizer', MultiOptimizer as unknown as Class, { optimizers: [sgd()] });
  walk.ownMembers('optimizers.Optimizer', Optimizer as Class, sgd, [() => ({ w: mx.array([1]) })]);
  const several = () => new MultiOptimizer([sgd(), sgd()], [() => true]);
  for (const [key, args] of Object.entries(sound)) {
    walk.method(`optimizers.MultiOptimizer#${key}`, several, key, args);
  }
  walk.ownMembers('optimizers.MultiOptimizer', MultiOptimizer as unknown as Class, several, []);
}

/** Those whose rows do not stand in `rows.ts`, and options that make them. */
const OTHERS: Readonly<Record<string, Options>> = {
  AllToShardedLinear: { inputDims: 4, outputDims: 2 },
  ShardedToAllLinear: { inputDims: 4, outputDims: 2 },
  QuantizedAllToShardedLinear: { inputDims: 64, outputDims: 2 },
  QuantizedShardedToAllLinear: { inputDims: 64, outputDims: 2 },
  QQLinear: { inputDims: 64, outputDims: 2 },
};

async function walked(seed: number, report: (call: string) => void): Promise<Outcome> {
  // A compiled kernel is built by the C++ compiler, anew for each dtype: that takes longer than all else here.
  mx.disableCompile();
  const attempts = new Attempts(report);
  const walk = new Walk(seed, attempts);
  for (const row of firstOfEach(LAYERS)) walk.layer(row);
  for (const [name, options] of Object.entries(OTHERS)) {
    const make = (nn as unknown as Record<string, Class>)[name] as Class;
    const create = () => new make(options);
    walk.constructed(`nn.${name}`, make, options);
    walk.method(`nn.${name}#forward`, create, 'forward', [() => mx.ones([1, options['inputDims'] as number])]);
    walk.ownMembers(`nn.${name}`, make, create, [() => mx.array([1, 2])]);
  }
  for (const make of [nn.Sequential, nn.FullyShardedModule]) {
    walk.called(`new nn.${make.name}`, (...args) => new (make as unknown as Class)(...args));
  }
  const sharded = () => new nn.FullyShardedModule(soundModule());
  walk.method('nn.FullyShardedModule#forward', sharded, 'forward', [() => mx.ones([1, 2])]);
  walk.method('nn.FullyShardedModule#asLinear', sharded, 'asLinear', [() => mx.ones([1, 2])]);
  walk.method('nn.Sequential#forward', soundModule, 'forward', [() => mx.ones([1, 2])]);
  walk.ownMembers('nn.Module', nn.Module as unknown as Class, soundModule, [() => (x: unknown) => x, () => ({})]);
  optimizerMethods(walk);
  const groups = { nn, optimizers, utils };
  for (const [path, group] of Object.entries(groups)) {
    for (const [name, value] of functionsIn(group, path)) walk.called(name, value);
    await attempts.settled();
  }
  const walkedClasses = new Set([...LAYERS, ...OPTIMIZERS].map(({ name }) => name).concat(Object.keys(OTHERS)));
  const rest = [...classesIn(nn, 'nn'), ...classesIn(optimizers, 'optimizers')].filter(
    ([name]) =>
      !walkedClasses.has(name.replace(/^\w+\./, '')) &&
      !/\.(Module|Sequential|FullyShardedModule|\w*Optimizer)$/.test(name),
  );
  attempts.outcome.untyped.push(...rest.map(([name]) => `${name} is not walked`));
  return attempts.outcome;
}

/** The walk, in a folder of its own for the files that it saves. */
export function walk(seed: number, report: (call: string) => void = () => {}): Promise<Outcome> {
  return inOwnFolder('hostile-modules-', () => walked(seed, report));
}
