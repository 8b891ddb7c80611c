// Steps of gradient descent one after the other, nothing disposed: memory and descriptors must stay where they are after
// a tenth of them. `node --import tsx bench/soak/gradients.ts --steps 100000`
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { internals, core as mx } from '../../mlx/index.ts';

interface Reading {
  readonly step: number;
  /** MiB. */
  readonly residentMemory: number;
  /** null where the system does not report it. */
  readonly descriptors: number | null;
  readonly liveTensors: number;
}

const MOST_GROWTH = 64;
const MOST_TENSORS = 2000;

function descriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

function read(step: number): Reading {
  return {
    step,
    residentMemory: Math.round(process.memoryUsage.rss() / 2 ** 20),
    descriptors: descriptors(),
    liveTensors: internals.nativeBackend.addon.usage()[0],
  };
}

type Weights = Record<'w1' | 'b1' | 'w2' | 'b2', mx.Array>;

/** Eager and compiled steps in turn, on a small network whose samples change. */
function* train(steps: number): Generator<number> {
  mx.random.seed(1);
  let weights: Weights = {
    w1: mx.random.normal([16, 32]).multiply(0.1),
    b1: mx.zeros([32]),
    w2: mx.random.normal([32, 4]).multiply(0.1),
    b2: mx.zeros([4]),
  };
  const loss = ({ w1, b1, w2, b2 }: Weights, x: mx.Array) => {
    const hidden = mx.tanh(mx.addmm(b1, x, w1));
    return mx.mean(mx.square(mx.addmm(b2, hidden, w2).subtract(1)));
  };
  const gradient = mx.valueAndGrad(loss);
  const compiled = mx.compile(gradient);
  for (let step = 1; step <= steps; step++) {
    const [value, gradients] = (step % 2 === 0 ? compiled : gradient)(weights, mx.random.normal([8, 16]));
    const next = Object.entries(weights).map(([name, weight]) => [
      name,
      weight.subtract(gradients[name as keyof Weights].multiply(0.1)),
    ]);
    weights = Object.fromEntries(next);
    mx.eval(value, weights);
    if (!Number.isFinite(value.item())) throw new Error(`the loss of step ${step} is ${value.item()}`);
    yield step;
  }
}

const { values } = parseArgs({ options: { steps: { type: 'string', default: '100000' } } });
const steps = Number(values.steps);
if (!Number.isSafeInteger(steps) || steps < 10) throw new RangeError('--steps: expected an integer of 10 or more');

let first: Reading | undefined;
let last: Reading | undefined;
for (const step of train(steps)) {
  if (step === Math.ceil(steps / 10)) first = read(step);
  if (step === steps) last = read(step);
}
if (first === undefined || last === undefined) throw new Error('no step was made');
const flat =
  last.residentMemory - first.residentMemory <= MOST_GROWTH &&
  last.liveTensors - first.liveTensors <= MOST_TENSORS &&
  (last.descriptors ?? 0) <= (first.descriptors ?? 0);
console.log(JSON.stringify({ flat, first, last }));
process.exitCode = flat ? 0 : 1;
