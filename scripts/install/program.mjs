// What is run where mlx-router was installed from a registry: a product on the native backend, and what is said of a
// backend that is not there. Prints what the caller checks.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { internals, core as mx } from 'mlx-router';
import { Linear } from 'mlx-router/nn';

const left = mx.array([
  [1, 2],
  [3, 4],
]);
const product = mx.matmul(
  left,
  mx.array([
    [5, 6],
    [7, 8],
  ]),
  { implementation: 'native' },
);
const [q, r] = mx.linalg.qr(mx.eye(3), { implementation: 'native' });
const layer = new Linear(4, 2);
const trained = mx.grad((x) => mx.sum(layer.forward(x)))(mx.ones([3, 4]));
const fused = mx.compile((x) => mx.multiply(mx.add(x, 1), 2))(left);

let python = null;
try {
  mx.add(left, 1, { implementation: 'python' });
} catch (error) {
  python = { name: error.name, code: error.code };
}

let required = null;
try {
  required = createRequire(import.meta.url)('mlx-router').core === mx;
} catch (error) {
  required = error.code;
}

let libmlx = null;
if (process.platform === 'linux') {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  libmlx = maps.map((line) => line.split(/\s+/)[5] ?? '').find((path) => path.endsWith('/libmlx.so')) ?? null;
}
console.log(
  JSON.stringify({
    product: product.tolist(),
    factors: [q.shape, r.shape],
    trained: trained.shape,
    fused: fused.tolist(),
    python,
    required,
    libmlx,
    native: internals.nativeBackend.status(true),
  }),
);
