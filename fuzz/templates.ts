import { anyArray, anyValue } from './hostile.ts';
import { FUNCTIONS, METHODS } from './methods.ts';
import type { Random } from './random.ts';

/** Writes some steps, of which the first has that number. */
type Template = (random: Random, first: number) => string[];

const lots = (random: Random, text: () => string): string => random.list(4, text).join(', ');

/** A call of anything there is with values of any kind. */
const anyCall: Template = (random, first) => {
  const name = random.pick(FUNCTIONS);
  const made = /^[A-Z]|\.[A-Z]|^[fi]info$/.test(name) && random.chance(0.8) ? 'new ' : '';
  const text = `${made}mx.${name}(${lots(random, () => anyValue(random, first))})`;
  return [`v[${first}] = ${name.endsWith('Async') || name.startsWith('python.') ? 'await ' : ''}${text}`];
};

/** A function of functions with a function, and a call of what it gives. */
const anyTransform: Template = (random, first) => {
  const name = random.pick(['grad', 'valueAndGrad', 'vmap', 'compile', 'checkpoint', 'customFunction', 'vjp', 'jvp']);
  const inner = random.pick(FUNCTIONS);
  const f = random.pick([
    `(...x) => mx.${inner}(...x)`,
    `(x) => mx.sum(mx.${inner}(x, ${anyValue(random, 0)}))`,
    `(x) => mx.vmap((y) => mx.${inner}(y, ${anyArray(random)}))(x)`,
    `(x) => { mx.eval(x); return x; }`,
    `(x) => { x.dispose(); return x; }`,
    `(x) => { v[${first}] = x; return mx.exp(x); }`,
    `async (x) => x`,
  ]);
  const options = random.chance(0.4) ? `, ${anyValue(random, 0)}` : '';
  const given = [anyArray(random), ...random.list(2, () => anyValue(random, first))].join(', ');
  if (name === 'vjp' || name === 'jvp') return [`v[${first}] = mx.${name}(${f}, [${given}], [${anyArray(random)}])`];
  return [`v[${first}] = mx.${name}(${f}${options})(${given})`, `mx.eval(v[${first}])`, `v[${first}]?.tolist?.()`];
};

const method: Template = (random, first) => {
  const self = random.chance(0.9) ? anyArray(random) : anyValue(random, first);
  const name = random.pick(METHODS);
  const given = lots(random, () => anyValue(random, first));
  if (random.chance(0.15)) return [`mx.array.prototype.${name}.call(${[self, given].filter(Boolean).join(', ')})`];
  return [`v[${first}] = (${self}).${name}(${given})`];
};

const index: Template = (random, first) => {
  const self = anyArray(random);
  const part = () =>
    random.pick([
      '0',
      '-1',
      'null',
      '"..."',
      '"::-1"',
      'mx.Slice(1, null, 2)',
      '[0, 0]',
      'mx.array([0])',
      'true',
      anyValue(random, first),
    ]);
  const parts = [part(), ...random.list(2, part)].join(', ');
  return random.pick([
    [`v[${first}] = ${self}.index(${parts})`],
    [
      `v[${first}] = ${self}.at(${parts}).${random.pick(['add', 'multiply', 'maximum', 'subtract'])}(${anyValue(random, first)})`,
    ],
    [`v[${first}] = ${self}`, `v[${first}].indexPut_([${parts}], ${anyValue(random, first)})`],
    [`v[${first}] = mx.indexPut(${self}, [${parts}], ${anyValue(random, first)})`],
    [`v[${first}] = mx.vmap((x, y) => mx.indexPut(x, [${parts}], y))(mx.ones([2, 3, 3]), mx.ones([2]))`],
  ]);
};

/** Some work that takes long enough for what follows to run while it is under way. */
const work = (random: Random): string =>
  random.pick([
    'mx.sum(mx.exp(mx.ones([200, 200])))',
    'mx.matmul(mx.ones([120, 120]), mx.ones([120, 120]))',
    'mx.add(mx.ones([3]), 1)',
    'mx.linalg.svd(mx.array([[1, NaN], [NaN, 2]]))[0]',
    'mx.random.normal([64, 64])',
    'mx.sort(mx.random.uniform(0, 1, [5000]))',
    'mx.linalg.inv(mx.zeros([2, 2]))',
  ]);

/** Evaluation, reading, dropping and building of one value, in any order and with nothing awaited between. */
const interleaved: Template = (random, first) => {
  const x = `v[${first}]`;
  const y = `v[${first + 1}]`;
  const action = (): string => {
    const on = random.chance(0.5) ? x : y;
    return random.pick([
      `mx.asyncEval(${on})`,
      `mx.asyncEval(${x}, ${y})`,
      `mx.eval(${on})`,
      `fit(${on}, mx.float32, [1]).item()`,
      `${on}.data()`,
      `${on}.tolist()`,
      `String(${on})`,
      `${y} = mx.add(${x}, 1)`,
      `${y} = mx.sum(${on})`,
      `${x} = mx.multiply(${on}, 0.5)`,
      `${on}.dispose()`,
      `${on} = undefined`,
      `${on} = ${work(random)}`,
      'gc()',
      'await soon()',
      `mx.synchronize()`,
      `${y} = mx.grad((x) => mx.sum(mx.multiply(x, x)))(${x})`,
      `${y} = mx.vmap((x) => mx.add(x, 1))(mx.stack([${x}, ${x}]))`,
      `mx.saveAsync("late.npy", ${on})`,
      `mx.exportToDot("late.dot", ${on})`,
      `mx.depends(${x}, ${y})`,
      `mx.clearCache()`,
      `mx.tidy(() => { mx.asyncEval(mx.add(${x}, 2)).catch(() => 0); })`,
    ]);
  };
  return [`${x} = ${work(random)}`, `${y} = mx.add(${x}, 1)`, ...Array.from({ length: 4 + random.below(10) }, action)];
};

const scopes: Template = (random, first) => {
  const x = `v[${first}]`;
  const inner = `mx.add(${anyArray(random)}, ${work(random)})`;
  return random.pick([
    [`${x} = mx.tidy(() => ${inner})`],
    [`${x} = mx.tidy(async () => { await soon(); return ${inner}; })`],
    [`${x} = mx.tidy(() => { throw new Error("own"); })`],
    [`${x} = await mx.withSession(async (session) => { await soon(); return ${inner}; })`],
    [`${x} = mx.session()`, `${x}.run(() => ${inner})`, `${x}.end()`, `${x}.run(() => ${inner})`],
    [
      `${x} = mx.session()`,
      `${x}.keep(${anyValue(random, first)})`,
      `${x}.run(async () => mx.asyncEval(${inner}))`,
      `${x}.end()`,
    ],
    [`${x} = mx.pipeline(() => { const a = ${inner}; return mx.sum(a); })`, `fit(${x}, mx.float32, [1]).item()`],
    [
      `${x} = await mx.pipeline(async () => { const a = ${inner}; await soon(); ${random.pick(['a.dispose();', 'mx.eval(a);', 'a.item();', ''])} return [a, mx.exp(a)]; })`,
    ],
    [`${x} = mx.pipeline(${anyValue(random, first)}, ${anyValue(random, first)})`],
    [
      `${x} = mx.withImplementation("python", () => ${inner})`,
      `mx.withImplementation("native", () => mx.add(${x}, 1)).tolist()`,
    ],
    [`${x} = mx.withDeadline(${random.pick(['0', '1', '50'])}, () => mx.eval(${inner}))`],
    [`${x} = mx.stream(mx.cpu, () => ${inner})`],
    [`${x} = mx.stream(${anyValue(random, first)}, () => ${inner})`],
  ]);
};

const files: Template = (random, first) => {
  const ending = random.pick(['npy', 'npz', 'safetensors', 'gguf']);
  const save = { npy: 'save', npz: 'savez', safetensors: 'saveSafetensors', gguf: 'saveGguf' }[ending];
  const file = `"file${random.below(2)}.${ending}"`;
  const what = ending === 'npy' ? anyArray(random) : `{ a: ${anyArray(random)}, b: v[0] }`;
  const isLate = random.chance(0.4);
  return [
    `${random.chance(0.5) && isLate ? 'await ' : ''}mx.${save}${isLate ? 'Async' : ''}(${file}, ${what})`,
    random.chance(0.3)
      ? `require("node:fs").writeFileSync(${file}, require("node:fs").readFileSync(${file}).map((byte, i) => (i % ${5 + random.below(90)} === 0 ? byte ^ ${1 + random.below(255)} : byte)))`
      : `require("node:fs").truncateSync(${file}, ${random.below(200)})`,
    `v[${first}] = ${random.chance(0.5) ? `await mx.loadAsync(${file})` : `mx.load(${file})`}`,
    `mx.eval(v[${first}])`,
  ];
};

const functionsInFiles: Template = (random, first) => [
  `mx.exportFunction("f.mlxfn", (x) => mx.exp(mx.add(x, ${anyValue(random, 0)})), ${anyArray(random)})`,
  `v[${first}] = mx.importFunction("f.mlxfn")`,
  `v[${first}] = v[${first}](${anyArray(random)})`,
  `mx.eval(v[${first}])`,
];

const pythonObjects: Template = (random, first) => {
  const x = `v[${first}]`;
  const object = random.pick(['mlx.nn', 'mlx.utils', 'mlx.core', 'mlx.optimizers', 'os', 'mlx.nn.os', '']);
  return [
    `${x} = await mx.python.import(${JSON.stringify(object)})`,
    random.pick([
      `v[${first + 1}] = await ${x}.Linear(2, 3)`,
      `v[${first + 1}] = ${x}.Linear(${anyValue(random, first)}, 3)`,
      `v[${first + 1}] = await ${x}.zeros([2, 3])`,
      `v[${first + 1}] = await ${x}.tree_flatten({ a: ${anyArray(random)}, b: [${anyValue(random, first)}] })`,
      `v[${first + 1}] = await ${x}.value_and_grad(${x}.Linear(2, 3), (y) => mx.sum(y))`,
    ]),
    random.pick([
      `v[${first + 2}] = await v[${first + 1}]?.(mx.ones([4, 2]))`,
      `mx.python.repr(v[${first + 1}])`,
      `mx.python.set(v[${first + 1}]?.weight, ${anyValue(random, first)})`,
      `(async () => { for await (const item of mx.python.iterate(v[${first + 1}], { prefetch: 3 })) mx.eval(item); })()`,
      `mx.python.release(v[${first + 1}])`,
      `await mx.python.dir(v[${first + 1}])`,
      `v[${first + 1}].parameters()`,
    ]),
    `mx.python.release(${x})`,
  ];
};

const threads: Template = (random) => {
  const steps = [...interleaved(random, 0), ...anyCall(random, 0)];
  const isEnded = random.chance(0.5);
  return [`await thread(${JSON.stringify(steps)}${isEnded ? `, ${200 + random.below(600)}` : ''})`];
};

/** With how often each is taken. */
const TEMPLATES: readonly (readonly [number, Template])[] = [
  [20, anyCall],
  [8, anyTransform],
  [10, method],
  [8, index],
  [14, interleaved],
  [8, scopes],
  [4, files],
  [1, functionsInFiles],
  [1.5, pythonObjects],
  [0.15, threads],
];
const SUM = TEMPLATES.reduce((sum, [weight]) => sum + weight, 0);

/** Steps of any kind, the first of that number. */
export function anySteps(random: Random, first: number): string[] {
  let at = random.next() * SUM;
  for (const [weight, template] of TEMPLATES) {
    at -= weight;
    if (at <= 0) return template(random, first);
  }
  return anyCall(random, first);
}
