// What the clients of the soak do. Each kind computes in Python and natively, and says how the two differ, if they do.
import { core as mx, registry } from '../../mlx/index.ts';
import type { Draws } from './draws.ts';

export type Traffic = (draws: Draws) => Promise<string | undefined> | string | undefined;

type Unary = (x: mx.Array) => mx.Array;
const STEPS: readonly Unary[] = [
  (x) => mx.add(x, 1),
  (x) => mx.multiply(x, 0.5),
  (x) => mx.tanh(x),
  (x) => mx.square(x),
  (x) => mx.transpose(x),
  (x) => mx.subtract(x, mx.mean(x)),
  (x) => mx.maximum(x, mx.negative(x)),
];

function program(draws: Draws, least: number, most: number): Unary {
  const steps = Array.from({ length: draws.whole(least, most) }, () => draws.one(STEPS));
  return (x) => steps.reduce((value, step) => step(value), x);
}

function data(draws: Draws, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => 2 * draws.share() - 1);
}

function compare(mine: Uint8Array, theirs: Uint8Array): string | undefined {
  return Buffer.compare(mine, theirs) === 0 ? undefined : 'the two sides differ';
}

async function bytesOf(x: mx.Array): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = (await x.data()) as Float32Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function square(values: Float32Array): mx.Array {
  const side = Math.sqrt(values.length);
  return mx.array(values).reshape([side, side]);
}

const inPython = <T>(run: () => T): T => mx.withImplementation('python', run);

async function both(run: Unary, values: Float32Array): Promise<string | undefined> {
  const [theirs, mine] = [inPython(() => run(square(values))), run(square(values))];
  return compare(await bytesOf(mine), await bytesOf(theirs));
}

const loss = (x: mx.Array) => mx.sum(mx.square(mx.tanh(x)));

export const traffic = {
  chain: (draws) => both(program(draws, 20, 150), data(draws, 64)),

  async awaited(draws) {
    const values = data(draws, 64);
    const run = program(draws, 2, 6);
    const results = await Promise.all(
      Array.from({ length: 4 }, () => registry.callAsync('multiply', square(values), 3, { implementation: 'python' })),
    );
    const theirs = inPython(() => run(results[draws.whole(0, 3)] as mx.Array));
    return compare(await bytesOf(run(mx.multiply(square(values), 3))), await bytesOf(theirs));
  },

  large: (draws) => both(program(draws, 1, 3), data(draws, (2 * draws.whole(256, 512)) ** 2)),

  pipeline: (draws) => {
    const run = program(draws, 50, 400);
    const values = data(draws, 64);
    const theirs = inPython(() => mx.pipeline(() => run(square(values))));
    return bytesOf(run(square(values))).then(async (mine) => compare(mine, await bytesOf(theirs)));
  },

  async session(draws) {
    const run = program(draws, 5, 30);
    const values = data(draws, 64);
    const theirs = await mx.withSession(async () => {
      const first = inPython(() => run(square(values)));
      await mx.asyncEval(first);
      return inPython(() => mx.add(first, first));
    });
    const mine = run(square(values));
    return compare(await bytesOf(mx.add(mine, mine)), await bytesOf(theirs));
  },

  async gradient(draws) {
    const values = data(draws, 64);
    const theirs = inPython(() => mx.grad(loss)(square(values)));
    return compare(await bytesOf(mx.grad(loss)(square(values))), await bytesOf(theirs));
  },

  random(draws) {
    const seed = draws.whole(0, 1e6);
    const draw = () => mx.random.normal([8, 8], { key: mx.random.key(seed) });
    const [theirs, mine] = [inPython(draw), draw()];
    return mx.arrayEqual(mine, theirs, { implementation: 'native' }).item() === true ? undefined : 'the draws differ';
  },

  async object(draws) {
    const json = await mx.python.import('json');
    const count = draws.whole(1, 9);
    const text = await json.dumps([count, { name: 'soak' }]);
    return text === `[${count}, {"name": "soak"}]` ? undefined : `json.dumps gave ${String(text)}`;
  },
} satisfies Record<string, Traffic>;
