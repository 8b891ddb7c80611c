// Training steps as a user writes them, with layers, a loss and an optimizer.
import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as utils from '../../mlx/utils/index.ts';

type Loss = (x: mx.Array) => mx.Array;

mx.random.seed(13);
const images = mx.random.normal([64, 784]);
const labels = mx.random.randint(0, 10, [64]);
const pictures = mx.random.normal([32, 16, 16, 1]);
const kinds = mx.random.randint(0, 10, [32]);
const sequence = mx.random.normal([4, 64, 128]);

class Net extends nn.Module {
  first = new nn.Conv2d(1, 8, 3, { padding: 1 });
  second = new nn.Conv2d(8, 16, 3, { padding: 1 });
  pool = new nn.MaxPool2d(2);
  output = new nn.Linear(4 * 4 * 16, 10);

  override forward(x: mx.Array): mx.Array {
    const half = this.pool.forward(nn.relu(this.first.forward(x)));
    const quarter = this.pool.forward(nn.relu(this.second.forward(half)));
    return this.output.forward(quarter.reshape(quarter.shape[0] as number, -1));
  }
}

const crossEntropy = (logits: mx.Array, targets: mx.Array) =>
  nn.losses.crossEntropy(logits, targets, { reduction: 'mean' });

const programs = {
  mlp: () => {
    const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10));
    return { model, loss: (x: mx.Array) => crossEntropy(model.forward(x), labels), input: images };
  },
  conv: () => {
    const model = new Net();
    return { model, loss: (x: mx.Array) => crossEntropy(model.forward(x), kinds), input: pictures };
  },
  transformer: () => {
    const model = new nn.TransformerEncoderLayer(128, 4, 512);
    const loss = (x: mx.Array) => mx.mean(mx.square(model.forward(x, null)));
    return { model, loss, input: sequence };
  },
} satisfies Record<string, () => { model: nn.Module; loss: Loss; input: mx.Array }>;

/** The loss after so many steps of AdamW, always from the same start. */
function trainer(name: keyof typeof programs, compiled: boolean): (count: number) => number {
  const start = () => {
    mx.random.seed(17);
    const { model, loss, input } = programs[name]();
    const optimizer = new optimizers.AdamW(1e-3);
    optimizer.init(model.trainableParameters());
    const gradient = nn.valueAndGrad(model, loss as Loss);
    const state = [model.state, optimizer.state];
    const plain = (x: mx.Array): mx.Array => {
      const [value, gradients] = gradient(x);
      // What is compiled donates as a whole.
      optimizer.update(model, gradients, { donate: !compiled });
      return value;
    };
    const step = compiled ? mx.compile(plain, { inputs: state, outputs: state, donate: true }) : plain;
    // Copies, for the arrays themselves are donated to the first step.
    const copied = (tree: object) => utils.treeMap((array) => mx.array(array as mx.Array), tree) as object;
    const weights = copied(model.parameters());
    const initial = copied(optimizer.state);
    mx.eval(state, weights, initial);
    const reset = () => {
      model.update(copied(weights));
      Object.assign(optimizer.state, copied(initial));
    };
    return { step, state, input, reset };
  };
  let program: ReturnType<typeof start> | undefined;
  return (count) => {
    program ??= start();
    const { step, state, input, reset } = program;
    reset();
    let last = 0;
    for (let i = 0; i < count; i++) {
      const value = step(input);
      mx.eval(value, state);
      last = value.item() as number;
    }
    return last;
  };
}

export const modules = Object.fromEntries(
  (['mlp', 'conv', 'transformer'] as const).flatMap((name) => [
    [`nn-${name}`, trainer(name, false)],
    [`nn-${name}-compiled`, trainer(name, true)],
  ]),
);
