import type { Random } from './random.ts';

/** The handler of a proxy each of whose traps throws. */
const THROWING_TRAPS = 'new Proxy({}, { get() { return () => { throw new Error("own"); }; } })';

/**
 * Values at the limits of what parameters take and beyond, by kind, as expressions in which `mx` is the library. An error
 * that a value itself throws has the message `own`.
 */
export const HOSTILE = {
  absent: ['null', 'undefined'],
  booleans: ['true', 'false'],
  /** Few enough, and small enough, that an array of so many elements does no harm. */
  integers: ['5', '0', '1', '-1', '2', '7', '-7', '300', '-2147483648'],
  largeIntegers: ['2147483647', '2147483648', '4294967295', '4294967296', '1099511627776', '9007199254740993'],
  floats: ['-1.5', '-0', '0.5', '2.5', 'NaN', 'Infinity', '-Infinity', '1e30', '1e300'],
  bigints: ['9n', '10n', '300n', '-(2n ** 70n)', '10n ** 30n'],
  texts: ['""', '"x"', '"axis"', '"valid"', '"fro"', '"edge"', '"%n%s\\u0000"', '"x".repeat(100000)'],
  indexTexts: ['"..."', '"::-1"', '"0:0"', '"::0"', '"..., ..."', '"99999999999:"'],
  complex: ['mx.Complex(1, 2)', 'mx.Complex(NaN, 1)'],
  slices: [
    'mx.Slice(4294967296, null, 2147483647)',
    'mx.Slice(null, null, -1)',
    'mx.Slice(2147483647, -2147483648, 3)',
  ],
  dtypes: [
    ...['mx.float32', 'mx.int8', 'mx.bool', 'mx.complex64', 'mx.float64'],
    ...['mx.int32', 'mx.uint8', 'mx.int64', 'mx.bfloat16'],
  ],
  devices: ['mx.cpu', 'mx.gpu', 'mx.defaultStream()'],
  functions: [
    '() => 0',
    '() => { throw new Error("own"); }',
    'async () => { throw new Error("own"); }',
    'function* () { yield 1 }',
  ],
  /** To be transformed. */
  tensorFunctions: [
    '(x) => x',
    '(x) => mx.sum(x)',
    '(x) => { throw new Error("own"); }',
    '(x) => mx.eval(x)',
    '(x) => [x, { y: x }]',
  ],
  proxies: [
    `new Proxy({}, ${THROWING_TRAPS})`,
    `new Proxy(() => 1, ${THROWING_TRAPS})`,
    `new Proxy([], ${THROWING_TRAPS})`,
    'new Proxy({}, {})',
  ],
  /** Objects that have a class of the library without having been made by it. */
  forged: [
    'Object.create(mx.array.prototype)',
    '[Object.create(mx.array.prototype)]',
    'new mx.Stream("cpu", 99)',
    'Object.create(mx.Dtype.prototype)',
    'Object.create(mx.Slice.prototype)',
    'Object.create(mx.Complex.prototype)',
  ],
  options: [
    '({ unknownKey: 1 })',
    '({ stream: 1, dtype: 2, axis: {} })',
    '({ implementation: "nowhere" })',
    '({ get axis() { throw new Error("own"); } })',
  ],
  objects: [
    '({})',
    'Object.create(null)',
    'Symbol("odd")',
    'new Date(NaN)',
    '({ toString: null, valueOf: null })',
    '({ then() { throw new Error("own"); } })',
    '({ then: 1 })',
    '({ length: 4294967295 })',
    'Object.freeze([1, 2])',
  ],
  otherObjects: [
    'new Map([[1, 2]])',
    'new WeakMap()',
    'new Date(0)',
    '/x/g',
    'Promise.resolve(1)',
    'globalThis',
    'mx.array',
    'mx.core',
    'new Error("own")',
  ],
  buffers: [
    'new SharedArrayBuffer(8)',
    'new ArrayBuffer(0)',
    'structuredClone(new ArrayBuffer(8), { transfer: [new ArrayBuffer(8)] })',
    'new DataView(new ArrayBuffer(3))',
    'new BigUint64Array(3)',
    'new Float32Array(new ArrayBuffer(16), 4, 1)',
  ],
  shapes: [
    ...['[]', '[0]', '[-1]', '[2, -3]', '[3]', '[2, 3]', '[6]', '[-1, -1]', '[0, -1]', '[1, 1, 1, 1]'],
    ...['[2147483647, 2147483647]', '[2147483647, 0]', '[2147483647]', '[4294967296]', '[NaN]', '[1.5]'],
  ],
  axes: ['[]', '[0]', '[0, 1]', '[0, 0]', '[-1]', '[7]', '[2147483647]'],
  pairs: ['[1, 2]', '[0, 0]'],
  indices: ['[0]', '[[0, 1]]', '[]', '[5]', '[2147483647]', '[-100]', '[[0], [1, 2]]', '[[1, 2], [3]]'],
  indexLists: ['[0]', '["..."]', '[null, 0]', '["::-1"]', '[[0, 0]]', '["0:0"]', '[9]'],
  lists: ['[1, 2]', '[[1, 1]]', '[[0, 1], [1, 0]]', '[[]]', '[true, false]', '[1, "two"]', '[mx.array(0)]'],
  oddLists: [
    '[null]',
    '[undefined]',
    'new Array(4294967295)',
    'JSON.parse("[".repeat(20000) + "]".repeat(20000))',
    'new Proxy([], { get() { throw new Error("own"); } })',
  ],
  otherLists: [
    '(() => { const list = []; list.push(list); return list; })()',
    '(() => { const list = []; list[1000000000] = 1; return list; })()',
    'new Array(5000).fill(1)',
    'new Array(100000).fill(0)',
    'Array.from({ length: 3 }, () => [])',
  ],
  arrays: [
    'mx.array(1.5)',
    'mx.array([1, 2, 3])',
    'mx.array([NaN, Infinity, -0])',
    'mx.array([[1, NaN], [NaN, 2]])',
    'mx.zeros([0])',
    'mx.zeros([0, 3])',
    'mx.ones([2, 3, 3])',
    'mx.ones([1, 4, 4, 2])',
    'mx.ones([1, 1, 1, 1, 1, 1, 1, 1])',
    'mx.random.key(1)',
    // Every class of dtypes, at its limits.
    'mx.array([2147483647, -2147483648], mx.int32)',
    'mx.array([[1, 2], [3, 4]], mx.int32)',
    'mx.array([4294967295, 0], mx.uint32)',
    'mx.array([255, 0, 7], mx.uint8)',
    'mx.array([9], mx.int64)',
    'mx.array([true, false])',
    'mx.array([mx.Complex(1, NaN)])',
    'mx.array([mx.Complex(1, 2)])',
    'mx.array([1, 2], mx.float16)',
    'mx.array([1, NaN], mx.float64)',
    // Layouts: reversed, broadcast, transposed, empty and not row-major, parts of a whole, steps over elements.
    'mx.ones([3, 4]).index("::-1, ::-1")',
    'mx.flip(mx.ones([2, 3, 3], mx.int32), 1)',
    'mx.broadcastTo(mx.array(2), [3, 3])',
    'mx.ones([4, 3]).T',
    'mx.zeros([2, 0, 3]).transpose([2, 1, 0])',
    'mx.broadcastTo(mx.zeros([1, 0, 1]), [2, 0, 4])',
    'mx.split(mx.ones([4, 4]), 2, 1)[1]',
    'mx.ones([2, 2]).index(0)',
    'mx.ones([6, 6]).index("1::2, ::3")',
    'mx.asStrided(mx.ones([8]), [3, 3], [1, -1], 4)',
  ],
  /** Held by Python, disposed, and escaped from the scope that frees it. */
  otherArrays: [
    'mx.ones([2, 2], { implementation: "python" })',
    '(() => { const disposed = mx.ones([2]); disposed.dispose(); return disposed; })()',
    'mx.tidy(() => [mx.ones([2])])',
  ],
  files: ['"file.npy"', '"file.npz"', '"file.safetensors"', '"file.gguf"', '"no/such/folder/file.npy"'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const { absent, booleans, integers, largeIntegers, floats, bigints } = HOSTILE;
const { texts, functions, proxies, forged, options, objects, otherObjects, buffers } = HOSTILE;
const { shapes, axes, pairs, indices, indexLists, lists, oddLists, otherLists } = HOSTILE;
const { arrays, otherArrays, dtypes, devices, slices, complex, indexTexts, tensorFunctions, files } = HOSTILE;

const NUMBERS = [...integers, ...largeIntegers, ...floats, ...bigints, ...booleans, ...absent];
const ODD = [...texts, ...functions, ...proxies, ...forged, ...options, ...objects, ...otherObjects, ...buffers];
const LISTS = [...shapes, ...axes, ...pairs, ...indices, ...indexLists, ...lists, ...oddLists, ...otherLists];
const ARRAYS = [...arrays, ...otherArrays];
const OTHERS = [...dtypes, ...devices, ...slices, ...complex, ...indexTexts, ...tensorFunctions, ...files];

const KINDS = [NUMBERS, NUMBERS, ODD, LISTS, ARRAYS, ARRAYS, OTHERS];

/** Any value at all, as an expression; now and then one that the program made before. */
export function anyValue(random: Random, made: number): string {
  if (made > 0 && random.chance(0.2)) return `v[${random.below(made)}]`;
  return random.pick(random.pick(KINDS));
}

export const anyArray = (random: Random): string => random.pick(ARRAYS);
