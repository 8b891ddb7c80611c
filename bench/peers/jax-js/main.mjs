// jax-js in WebAssembly: the backend that Node has.
import { CHAIN, floats, IMAGES, SIDES, serve } from '../serve.mjs';

// By a name that no tool takes for a dependency: it is installed here on demand.
const name = '@jax-js/jax';
const { init, defaultDevice, blockUntilReady, numpy: np, nn, lax } = await import(name);
await init('wasm');
defaultDevice('wasm');

const array = (shape) => np.array(floats(shape.reduce((product, side) => product * side, 1))).reshape(shape);
const square = (side) => array([side, side]);

/** Computes an array, and gives it back. */
const each = (build) => async () => {
  const result = build();
  await blockUntilReady(result);
  result.dispose();
};

const on = (side, build) => () => {
  const a = square(side);
  return each(() => build(a));
};

const convolution =
  ({ batch, side, channels, kernels }) =>
  () => {
    // Channels first, which is the order that it has.
    const images = array([batch, channels, side, side]);
    const weights = array([kernels, channels, 3, 3]);
    return each(() => lax.convGeneralDilated(images.ref, weights.ref, [1, 1], 'SAME'));
  };

const large = SIDES.large;

serve({
  chain: () => {
    const [a, b] = [array([4]), array([4])];
    return each(() => {
      let x = a.ref;
      for (let i = 0; i < CHAIN; i++) x = np.add(x, b.ref);
      return x;
    });
  },
  'matmul-512': on(SIDES['matmul-512'], (a) => np.matmul(a.ref, a.ref)),
  'matmul-1024': on(SIDES['matmul-1024'], (a) => np.matmul(a.ref, a.ref)),
  'softmax-4096': on(large, (a) => nn.softmax(a.ref, -1)),
  conv2d: convolution(IMAGES.conv2d),
  'add-large': on(large, (a) => np.add(a.ref, a.ref)),
  'exp-large': on(large, (a) => np.exp(a.ref)),
  'sum-large': on(large, (a) => np.sum(a.ref)),
  'sum-columns-large': on(large, (a) => np.sum(a.ref, 0)),
  'softmax-large': on(large, (a) => nn.softmax(a.ref, -1)),
  'conv2d-large': convolution(IMAGES['conv2d-large']),
});
