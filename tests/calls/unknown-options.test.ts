import { afterAll, describe, expect, it } from 'vitest';
import * as library from '../../mlx/index.ts';
import { ArgumentError, core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';
import * as utils from '../../mlx/utils/index.ts';
import * as parity from '../../parity-tests/index.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { MODULE_OPTIONS, MODULES_TAKE_NO_OPTIONS } from '../support/module-options.ts';

type Options = Record<string, unknown>;
type Call = (options: Options) => unknown;

afterAll(() => library.shutdown());

const x = mx.array([1, 2]);
const f = (a: mx.Array) => mx.sum(a);
const any = (value: unknown) => value as never;
const kernel = { name: 'k', inputNames: ['a'], outputNames: ['b'], source: '' };

/** Every public function that takes options and is no row of the catalogue, with all else in order. */
const TAKE_OPTIONS: Readonly<Record<string, Call>> = {
  ...MODULE_OPTIONS,
  configure: (options) => library.configure(options),
  shutdown: (options) => library.shutdown(options),
  'registry.registerModule': (options) => library.registry.registerModule({ name: 'a.b', python: 'a:B', ...options }),
  'registry.register': (options) => library.registry.register({ name: 'a.b', native: () => 1, ...options }),
  'registry.call': (options) => library.registry.call('add', x, x, options),
  'registry.callAsync': (options) => library.registry.callAsync('add', x, x, options),
  'core.asarray': (options) => mx.asarray([1], options),
  'core.asyncEval': (options) => mx.asyncEval(x, { signal: undefined, ...options }),
  'core.atleast1d': (options) => mx.atleast1d(x, options),
  'core.atleast2d': (options) => mx.atleast2d(x, x, options),
  'core.atleast3d': (options) => mx.atleast3d(any(options)),
  'core.depends': (options) => mx.depends(x, x, options),
  'core.checkpoint': (options) => mx.checkpoint(f, any(options)),
  'core.clearCache': (options) => mx.clearCache(options),
  'core.metal.clearCache': (options) => mx.metal.clearCache(options),
  'core.compile': (options) => mx.compile(f, options),
  'core.customFunction': (options) => mx.customFunction(f, any(options)),
  'core.distributed.init': (options) => mx.distributed.init(options),
  'core.exporter': (options) => mx.exporter('never.mlxfn', f, options),
  'core.exportFunction': (options) => mx.exportFunction('never.mlxfn', f, x, options),
  'core.exportToDot': (options) => mx.exportToDot('never.dot', x, options),
  'core.importFunction': (options) => mx.importFunction('never.mlxfn', options),
  'core.grad': (options) => mx.grad(f, options),
  'core.jvp': (options) => mx.jvp(f, [x], [x], any(options)),
  'core.vjp': (options) => mx.vjp(f, [x], [mx.array(1)], any(options)),
  'core.valueAndGrad': (options) => mx.valueAndGrad(f, options),
  'core.vmap': (options) => mx.vmap(f, 0, 0, any(options)),
  'core.load': (options) => mx.load('never.npy', any(options)),
  'core.loadAsync': (options) => mx.loadAsync('never.npy', any(options)),
  'core.nonzero': (options) => mx.nonzero(x, options),
  'core.unique': (options) => mx.unique(x, options),
  'core.pipeline': (options) => mx.pipeline(() => 1, options),
  'core.printoptions': (options) => mx.printoptions(options, () => 1),
  'core.setPrintoptions': (options) => mx.setPrintoptions(options),
  'core.python.import': (options) => mx.python.import('mlx.core', options),
  'core.python.iterate': (options) => mx.python.iterate(x, options),
  'core.python.keep': (options) => mx.python.keep('a', 'b:c', options),
  'core.python.kwargs': (options) => mx.python.kwargs({}, options),
  'unsafe.cudaKernel': (options) => unsafe.cudaKernel({ ...kernel, ...options }),
  'unsafe.metalKernel': (options) => unsafe.metalKernel({ ...kernel, ...options }),
  'unsafe.precompiledCudaKernel': (options) => unsafe.precompiledCudaKernel(any(options)),
  'parity.array': (options) => parity.array(options),
  'parity.check': (options) => parity.check('add', options),
  'parity.assert': (options) => parity.assert('add', options),
  'parity.calls': (options) => parity.calls('a.b', any(options)),
  'parity.modules': (options) => parity.modules('a.b', any(options)),
  'parity.checkModule': (options) => parity.checkModule('a.b', options),
  'parity.assertModule': (options) => parity.assertModule('a.b', options),
};

/** Those that take none: plain values, arrays by name, trees of arrays, or nothing at all. */
const TAKE_NONE = new Set(
  `mxArraysEqual onShadow pythonPool.stats pythonPool.start registry.all registry.find registry.models routing.time routing.table
   routing.transfers routing.reset unsafe.address unsafe.memory core.Complex core.Slice core.array core.broadcastShapes
   core.canCast core.cuda.isAvailable core.defaultDevice core.defaultStream core.deviceCount
   core.deviceInfo core.disableCompile core.distributed.isAvailable core.enableCompile core.eval core.finfo
   core.getActiveMemory core.getCacheMemory core.getPeakMemory core.getPrintoptions core.iinfo core.isAvailable
   core.isdtype core.issubdtype core.metal.isAvailable core.metal.startCapture core.metal.stopCapture
   core.metal.deviceInfo core.metal.getActiveMemory core.metal.getCacheMemory
   core.metal.getPeakMemory core.metal.resetPeakMemory core.metal.setCacheLimit core.metal.setMemoryLimit
   core.metal.setWiredLimit core.newStream core.python.bool core.python.delete core.python.dir core.python.float
   core.python.get core.python.isRemote core.python.item core.python.len core.python.numpy core.python.release
   core.python.repr core.python.set core.python.str core.python.tuple core.random.seed core.resetPeakMemory
   core.resultType core.save core.saveAsync core.saveGguf core.saveGgufAsync core.saveSafetensors
   core.saveSafetensorsAsync core.savez core.savezAsync core.savezCompressed core.savezCompressedAsync core.session
   core.setCacheLimit core.setDefaultDevice core.setDefaultStream core.setMemoryLimit core.setWiredLimit core.stream
   core.synchronize core.tidy core.withDeadline core.withImplementation core.withSession`.split(/\s+/),
);

const CATALOGUED = new Set([
  'core.matrixNorm',
  ...CATALOGUE.flatMap((operation) =>
    [operation.name, ...(operation.aliases ?? [])].map(
      (name) =>
        `core.${qualifiedName({ ...operation, name })
          .split('.')
          .map(camelCase)
          .join('.')}`,
    ),
  ),
]);

/** The functions of the library that are no classes, by their path. */
function functionsIn(owner: object, path = ''): [name: string, value: Call][] {
  return Object.entries(owner).flatMap(([key, value]: [string, unknown]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'function') return /^class\b/.test(String(value)) ? [] : [[name, value as Call] as const];
    const isGroup = typeof value === 'object' && value !== null && name !== 'internals';
    const prototype: unknown = isGroup ? Object.getPrototypeOf(value) : undefined;
    return prototype === null || prototype === Object.prototype ? functionsIn(value as object, name) : [];
  }) as [string, Call][];
}

const { array, check, assert, calls, modules, checkModule, assertModule } = parity;
const PARITY = { array, check, assert, calls, modules, checkModule, assertModule };

const FUNCTIONS = [
  ...functionsIn(library),
  ...functionsIn({ nn, optimizers, utils }),
  ...functionsIn(unsafe, 'unsafe'),
  ...functionsIn(PARITY, 'parity'),
];

async function failureOf(call: Call, options: Options): Promise<unknown> {
  try {
    await call(options);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('an option that no function knows', () => {
  it('is thought of for every function', () => {
    const takesNone = (name: string) => TAKE_NONE.has(name) || MODULES_TAKE_NO_OPTIONS.has(name);
    const known = (name: string) => name in TAKE_OPTIONS || takesNone(name) || CATALOGUED.has(name);
    expect(FUNCTIONS.map(([name]) => name).filter((name) => !known(name))).toEqual([]);
    expect(FUNCTIONS.length).toBeGreaterThan(350);
  });

  it.each(Object.entries(TAKE_OPTIONS))('is refused by %s', async (_, call) => {
    const error = await failureOf(call, { strangeOption: 1 });
    expect(error).toBeInstanceOf(library.MlxRouterError);
    expect(String(error)).toMatch(/strangeOption|one argument too many/);
  });

  it('is refused by every layer and optimizer', () => {
    const groups = { ...nn, ...optimizers };
    const classes = Object.entries(groups).filter(
      ([, value]) => typeof value === 'function' && /^class\b/.test(String(value)),
    );
    // These take any arguments, modules alone, or what a subclass says.
    const others = new Set(['Identity', 'Sequential', 'Module']);
    const silent = classes.filter(([name, value]) => {
      if (others.has(name)) return false;
      try {
        new (value as new (options: Options) => unknown)({ strangeOption: 1 });
        return true;
      } catch (error) {
        return !(error instanceof ArgumentError && error.message.includes('strangeOption'));
      }
    });
    expect(silent.map(([name]) => name)).toEqual([]);
    expect(classes.length).toBeGreaterThan(80);
  });

  it('is refused by every operation of the catalogue', async () => {
    const silent: string[] = [];
    for (const [name, call] of FUNCTIONS) {
      if (name in TAKE_OPTIONS || !CATALOGUED.has(name)) continue;
      const error = await failureOf(call, { strangeOption: 1 });
      if (!String(error).includes('no argument is named "strangeOption"')) silent.push(`${name}: ${error}`);
    }
    expect(silent).toEqual([]);
  });

  it.each([
    ['nn.losses.crossEntropy', { labelSmooting: 0.1 }, 'labelSmoothing'],
    ['nn.losses.mseLoss', { reducton: 'sum' }, 'reduction'],
    ['nn.quantize', { group_size: 32 }, 'groupSize'],
    ['core.unique', { return_counts: true }, 'returnCounts'],
    ['core.unique', { returnindex: true }, 'returnIndex'],
    ['core.nonzero', { implementaton: 'native' }, 'implementation'],
    ['core.grad', { argnum: 1 }, 'argnums'],
    ['core.valueAndGrad', { arg_names: 'a' }, 'argnames'],
    ['core.compile', { shape_less: true }, 'shapeless'],
    ['core.clearCache', { to_system: true }, 'toSystem'],
    ['core.metal.clearCache', { to_system: true }, 'toSystem'],
    ['core.setPrintoptions', { precison: 3 }, 'precision'],
    ['core.printoptions', { Precision: 3 }, 'precision'],
    ['core.importFunction', { return_metadata: false }, 'returnMetadata'],
    ['core.exporter', { shape_less: true }, 'shapeless'],
    ['core.load', { return_metadata: true }, 'returnMetadata'],
    ['core.asarray', { dtyp: mx.int32 }, 'dtype'],
    ['core.distributed.init', { strickt: true }, 'strict'],
    ['core.asyncEval', { sginal: AbortSignal.timeout(1) }, 'signal'],
    ['registry.register', { pythn: 'a:b' }, 'python'],
    ['unsafe.metalKernel', { atomic_outputs: true }, 'atomicOutputs'],
    ['parity.check', { run: 1 }, 'runs'],
    ['configure', { pool_size: 2 }, 'poolSize'],
  ] as [string, Options, string][])('that %s may mean is suggested: %o', async (name, options, meant) => {
    const error = await failureOf(TAKE_OPTIONS[name] as Call, options);
    expect(error).toBeInstanceOf(library.MlxRouterError);
    expect(String(error)).toContain(`(did you mean "${meant}"?)`);
  });
});

describe('what stands where options do', () => {
  it.each<[string, () => unknown, string]>([
    ['compile', () => mx.compile(f, any(true)), 'expected options in an object, received the boolean true'],
    ['compile', () => mx.compile(f, any(null), null, any(1)), 'expected a boolean for "shapeless"'],
    [
      'compile',
      () => (mx.compile as (...args: unknown[]) => unknown)(f, null, null, true, 1),
      'there is one argument too many, the number 1',
    ],
    ['compile', () => mx.compile(f, any({}), null, true), 'there is one argument too many, null'],
    ['compile', () => mx.compile(f, any({ implementation: 'gpu' })), 'expected "native" or "python"'],
    ['grad', () => mx.grad(f, { argnums: 0 }, any('a')), 'there is one argument too many, the string "a"'],
    ['grad', () => mx.grad(f, any({ argnames: 5 })), 'expected a name or a list of names for "argnames"'],
    ['grad', () => mx.grad(f, any(x)), 'expected options in an object, received a value of type array'],
    ['vmap', () => mx.vmap(f, any({ in_axes: 0 })), 'given by position: mx.vmap(f, 0, 0)'],
    ['unique', () => mx.unique(x, any(null)), 'expected options in an object, received null'],
    ['unique', () => mx.unique(x, any({ returnCounts: 1 })), 'expected a boolean for "returnCounts"'],
    ['nonzero', () => mx.nonzero(x, any({ implementation: 'metal' })), 'expected "native" or "python"'],
    ['register', () => library.registry.register({ name: 'a.b', native: () => 1, doc: any(5) }), 'expected "doc"'],
    ['onShadow', () => library.onShadow(any(5)), 'onShadow: expected a function or nothing'],
    ['routing.time', () => library.routing.time(any({})), 'routing.time: expected a boolean for "timed"'],
  ])('is told by %s %#', (_, call, text) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(text);
  });

  it('may be what Python has there', () => {
    const state = [mx.array(1)];
    const step = (a: mx.Array) => {
      const [total] = state as [mx.Array];
      state[0] = total.add(a);
      return total;
    };
    for (const compiled of [mx.compile(step, state, state), mx.compile(step, state, state, true)]) {
      state[0] = mx.array(1);
      expect([compiled(mx.array(2)).item(), compiled(mx.array(2)).item()]).toEqual([1, 3]);
      expect(state[0]?.item()).toBe(5);
    }
    expect(mx.compile(f, null, null, true)(x).item()).toBe(3);
    expect(
      mx
        .compile(f, { inputs: any(null) })(x)
        .item(),
    ).toBe(3);
  });
});
