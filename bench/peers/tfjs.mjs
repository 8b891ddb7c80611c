// The works of TensorFlow.js, the same for each of its backends.
import { CHAIN, floats, IMAGES, SIDES, serve } from './serve.mjs';

export function serveTensorFlow(tf) {
  const tensor = (shape) => tf.tensor(floats(shape.reduce((product, side) => product * side, 1)), shape);

  /** Its backends of Node compute when they are called. */
  const each = (build) => () => tf.dispose(build());
  const on = (side, build) => () => {
    const a = tensor([side, side]);
    return each(() => build(a));
  };

  const convolution =
    ({ batch, side, channels, kernels }) =>
    () => {
      const images = tensor([batch, side, side, channels]);
      const weights = tensor([3, 3, channels, kernels]);
      return each(() => tf.conv2d(images, weights, 1, 'same'));
    };

  const large = SIDES.large;
  serve({
    chain: () => {
      const [a, b] = [tensor([4]), tensor([4])];
      return each(() =>
        tf.tidy(() => {
          let x = a;
          for (let i = 0; i < CHAIN; i++) x = tf.add(x, b);
          return x;
        }),
      );
    },
    'matmul-512': on(SIDES['matmul-512'], (a) => tf.matMul(a, a)),
    'matmul-1024': on(SIDES['matmul-1024'], (a) => tf.matMul(a, a)),
    'softmax-4096': on(large, (a) => tf.softmax(a, -1)),
    conv2d: convolution(IMAGES.conv2d),
    'add-large': on(large, (a) => tf.add(a, a)),
    'exp-large': on(large, (a) => tf.exp(a)),
    'sum-large': on(large, (a) => tf.sum(a)),
    'sum-columns-large': on(large, (a) => tf.sum(a, 0)),
    'transpose-large': on(large, (a) => tf.transpose(a)),
    'softmax-large': on(large, (a) => tf.softmax(a, -1)),
    'conv2d-large': convolution(IMAGES['conv2d-large']),
  });
}
