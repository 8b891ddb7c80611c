// Another binding of MLX to Node.
import { CHAIN, floats, IMAGES, SIDES, serve } from '../serve.mjs';

// By a name that no tool takes for a dependency: it is installed here on demand.
const name = '@frost-beta/mlx';
const { core: mx } = (await import(name)).default;

const array = (shape) => {
  const flat = mx.array(Array.from(floats(shape.reduce((product, side) => product * side, 1))));
  const made = mx.reshape(flat, shape);
  mx.eval(made);
  return made;
};

/** Its arrays are given back at the end of `tidy`. */
const each = (build) => () => mx.tidy(() => mx.eval(build()));
const on = (side, build) => () => {
  const a = array([side, side]);
  return each(() => build(a));
};

const convolution =
  ({ batch, side, channels, kernels }) =>
  () => {
    const images = array([batch, side, side, channels]);
    const weights = array([kernels, 3, 3, channels]);
    return each(() => mx.conv2d(images, weights, 1, 1));
  };

const large = SIDES.large;

serve({
  chain: () => {
    const [a, b] = [array([4]), array([4])];
    return each(() => {
      let x = a;
      for (let i = 0; i < CHAIN; i++) x = mx.add(x, b);
      return x;
    });
  },
  'matmul-512': on(SIDES['matmul-512'], (a) => mx.matmul(a, a)),
  'matmul-1024': on(SIDES['matmul-1024'], (a) => mx.matmul(a, a)),
  'softmax-4096': on(large, (a) => mx.softmax(a, -1)),
  conv2d: convolution(IMAGES.conv2d),
  'add-large': on(large, (a) => mx.add(a, a)),
  'exp-large': on(large, (a) => mx.exp(a)),
  'sum-large': on(large, (a) => mx.sum(a)),
  'sum-columns-large': on(large, (a) => mx.sum(a, 0)),
  'softmax-large': on(large, (a) => mx.softmax(a, -1)),
  'conv2d-large': convolution(IMAGES['conv2d-large']),
});
