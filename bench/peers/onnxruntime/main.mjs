// ONNX Runtime on a CPU: each work is a model of one operation.
import { availableParallelism } from 'node:os';
import { floats, IMAGES, SIDES, serve } from '../serve.mjs';
import { modelOf } from './model.mjs';

// By a name that no tool takes for a dependency: it is installed here on demand.
const name = 'onnxruntime-node';
const { InferenceSession, Tensor } = await import(name);
/** As many threads as the BLAS of the other sides has. */
const threads = Number(process.env.OPENBLAS_NUM_THREADS) || availableParallelism();

const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** A session of the model, with inputs that stay and an output that is written again and again. */
async function working(operation, inputs, output, attributes) {
  const session = await InferenceSession.create(modelOf(operation, inputs, output, attributes), {
    intraOpNumThreads: threads,
  });
  const tensor = (shape) => new Tensor('float32', floats(sizeOf(shape)), shape);
  const feeds = Object.fromEntries(Object.entries(inputs).map(([input, shape]) => [input, tensor(shape)]));
  return () => session.run(feeds);
}

const square = (side) => [side, side];
const product = (side) => () => working('MatMul', { a: square(side), b: square(side) }, square(side));
const large = square(SIDES.large);
const softmax = () => working('Softmax', { a: large }, large, { axis: -1 });

const convolution =
  ({ batch, side, channels, kernels }) =>
  () => {
    // Channels first, which is the order that it has.
    const inputs = { a: [batch, channels, side, side], b: [kernels, channels, 3, 3] };
    return working('Conv', inputs, [batch, kernels, side, side], { pads: [1, 1, 1, 1] });
  };

serve({
  'matmul-512': product(SIDES['matmul-512']),
  'matmul-1024': product(SIDES['matmul-1024']),
  'softmax-4096': softmax,
  conv2d: convolution(IMAGES.conv2d),
  'add-large': () => working('Add', { a: large, b: large }, large),
  'exp-large': () => working('Exp', { a: large }, large),
  'sum-large': () => working('ReduceSum', { a: large }, [], { keepdims: 0 }),
  'transpose-large': () => working('Transpose', { a: large }, large, { perm: [1, 0] }),
  'softmax-large': softmax,
  'conv2d-large': convolution(IMAGES['conv2d-large']),
});
